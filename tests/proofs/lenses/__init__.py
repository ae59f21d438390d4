"""Proofs of lenses: they look without disturbing, and show something wherever they offer themselves."""
