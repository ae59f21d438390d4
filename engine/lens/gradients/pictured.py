"""Pictures that lenses of gradients send: pooled to a side that a window shows, sharper than maps are."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

SIDE = 112
"""Longest side that is sent, in pixels."""


def pictured(value: Tensor) -> Tensor:
    """Maps (C, ..., H, W) of at most `SIDE` pixels a side, by means; of a volume the middle slice."""
    while value.dim() > 3:
        value = value[:, value.shape[1] // 2]
    height, width = value.shape[-2:]
    step = max(-(-height // SIDE), -(-width // SIDE))
    if step == 1:
        return value
    kernel = (min(step, height), min(step, width))
    return F.avg_pool2d(value[None].float(), kernel, ceil_mode=True)[0]
