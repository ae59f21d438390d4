"""Runs on disk: list, read, compare, lock. Does not import torch or the training loop."""
