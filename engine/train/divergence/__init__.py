"""Losses that are not finite or grow without bound: found, located and told."""
