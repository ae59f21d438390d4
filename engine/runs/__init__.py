"""Runs as they lie on disk: listed, read, compared, locked. Without torch, and without the run that goes."""
