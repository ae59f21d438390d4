"""Inputs that strangers make, and what the product must answer: refused or read, in bounds, with nothing run.

`kinds/` has a module per room with its `CASES`; `readers/` has a module per room with its `READERS`, which
the fuzz battery feeds with mutated files. `python -m tests.proofs hostile` asks every case and prints a
table.
"""
