"""Sounds in files: how they are opened, brought to one rate and one length, and seen as spectrograms."""
