"""Scans as torch modules: what runs when, the loop over steps, and torch's kernels of drawn cells."""
