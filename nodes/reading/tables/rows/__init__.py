"""The rows of a table as numbers: in memory, or on disk where they do not fit."""
