"""A package as somebody else would write it: one of each thing that can be added, one file each."""
