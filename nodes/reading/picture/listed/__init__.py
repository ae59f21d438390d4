"""Pictures that a table lists, and pictures that belong together."""
