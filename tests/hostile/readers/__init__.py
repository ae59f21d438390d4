"""Readers for the fuzz battery, a module for each room: its `READERS`."""
