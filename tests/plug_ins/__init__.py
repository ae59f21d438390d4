"""A package with plug-ins and its metadata, put on the path by tests as an installed package would be."""

from pathlib import Path

PATH = Path(__file__).parent
