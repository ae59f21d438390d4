"""Proofs that data larger than the memory train."""
