"""Modules for sequences: masks of what is real, states over time, positions."""
