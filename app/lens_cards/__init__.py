"""Lenses on cards: which fit a node, opened by a key, several at once in a panel, in windows, as files."""
