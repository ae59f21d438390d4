"""Texts of people: how their bytes are read, what parts them, and the numbers that they become."""
