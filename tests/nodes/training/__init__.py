"""Losses and metrics: what counts how much."""
