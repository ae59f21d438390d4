"""Files of data as people have them, made by rule, each with the reading that is right.

`kinds/` has a module per room with its `CASES`. `python -m tests.proofs data_corpus` asks every one and
prints a table; the suite asks some of each kind.
"""
