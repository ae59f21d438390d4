"""Layers of sequences beside attention and recurrent ones."""
