"""Proofs that work a whole window."""
