"""Tours through the window beside the well-known teaching pages, one module each: `python -m tests.tours`."""
