"""Torch modules that torch itself lacks, for the declarations beside this folder; imported when first built."""
