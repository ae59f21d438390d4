"""Folders of files: what their names and places say."""
