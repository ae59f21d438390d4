"""Lenses of layers that read sequences, and of two values side by side."""
