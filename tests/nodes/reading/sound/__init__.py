"""Tests of the readers of sounds."""
