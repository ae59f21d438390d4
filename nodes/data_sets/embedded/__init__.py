"""Data sets that the product brings along in `resources/data`."""
