"""Tests of windows over series."""
