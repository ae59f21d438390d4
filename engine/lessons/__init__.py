"""Lessons: what the checks of a step look at, and whether they hold."""
