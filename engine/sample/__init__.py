"""Samples of what is trained: compiles the drawn function of each sampler, runs its loop, keeps what came.

`engine.sample.history` and `engine.sample.export` do not import torch.
"""
