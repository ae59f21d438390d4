"""Arrays in files of every kind: which there are, which is what, and their rows as a network sees them."""
