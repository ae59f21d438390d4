"""Runs as they lie on disk: listed, read, compared, locked. Knows nothing of the run that goes; without torch."""
