"""Torch modules that torch itself lacks, for the declarations in `nodes`; imported when first built."""
