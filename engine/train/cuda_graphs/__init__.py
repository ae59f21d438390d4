"""Training steps captured as CUDA graphs: one launch instead of some hundred, and nothing of Python in
between.
"""
