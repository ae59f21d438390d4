"""Tables in files of other formats than text: each a source of blocks of columns."""
