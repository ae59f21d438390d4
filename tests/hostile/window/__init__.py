"""Asks a real window, in a process of its own, about a file that is opened, dropped or of the recent list."""
