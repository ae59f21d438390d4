"""Pictures on disk: found, opened within bounds, decoded and scaled."""
