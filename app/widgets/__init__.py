"""Small widgets that every panel shares, so that text, buttons and lines look the same everywhere."""
