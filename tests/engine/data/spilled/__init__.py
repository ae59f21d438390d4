"""Sets whose values do not fit into memory and lie in files of the cache."""
