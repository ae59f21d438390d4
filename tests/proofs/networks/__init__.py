"""Whole networks of the gallery, as they were published."""
