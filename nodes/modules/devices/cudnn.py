"""Switches cuDNN off for a while, and nothing else: its other settings stay as the run has them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def with_cudnn(wanted: bool) -> Iterator[None]:
    """Inside, cuDNN is not used unless it is wanted; torch's own kernels compute the same."""
    if wanted or not torch.backends.cudnn.enabled:
        yield
        return
    torch.backends.cudnn.enabled = False
    try:
        yield
    finally:
        torch.backends.cudnn.enabled = True
