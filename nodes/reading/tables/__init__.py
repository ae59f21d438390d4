"""Tables of every format: how text is parted into cells, what columns are, what of them goes in."""
