"""Tests of sets of texts."""
