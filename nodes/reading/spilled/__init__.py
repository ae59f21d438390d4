"""Values that do not fit into memory: written once into files of a cache, and read from there."""
