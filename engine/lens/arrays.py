"""Tensors become small numpy arrays: cut, pooled and copied to memory of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

CHANNELS = 64
"""Most channels, units of a kernel bank or positions of a short row that are sent."""
SIDE = 64
"""Longest side of a map that is sent, in pixels."""
ROW = 4096
"""Longest row of features that is sent."""
PART = 1 << 15
"""Values that are squared at a time: so many stay in the cache of a core."""
_LEAST, _MOST = 1e-20, 1e30
"""Sums of squares in single precision that are far from what it cannot hold."""


def is_all_finite(value: Tensor) -> bool:
    """Whether no value is infinite or NaN: mostly told by their sum alone, which is many times as fast as
    looking at each.
    """
    return bool(value.sum().isfinite()) or bool(value.isfinite().all())


def length(value: Tensor) -> float:
    """The Euclidean length of all values; the squares of parts are added in double precision."""
    flat = value.detach().flatten()
    return float(sum(_squares(part) for part in flat.chunk(-(-len(flat) // PART) or 1)) ** 0.5)


def _squares(part: Tensor) -> float:
    """The sum of the squares: in single precision, several times as fast, where it neither over- nor
    underflows.
    """
    single = part.float()
    found = float(single.dot(single))
    if part.itemsize <= single.itemsize and _LEAST < found < _MOST:
        return found
    return float(part.double().square().sum())


def sample(value: Tensor) -> Tensor:
    """The first sample of a batch; a scalar as it is."""
    return value[0] if value.dim() else value


def small(value: Tensor) -> NDArray[Any]:
    """A sample's value cut and pooled: `(C, H, W)`, `(T, F)` or `(F,)`."""
    if value.dim() >= 3:
        value = _pooled(value[:CHANNELS])
    elif value.dim() == 2:
        value = value[:ROW, :ROW]
        if value.numel() > ROW * SIDE:
            value = value[: SIDE * 4, : SIDE * 16]
    elif value.dim() == 1:
        value = value[:ROW]
    return array(value)


def _pooled(value: Tensor) -> Tensor:
    """Maps `(C, ..., H, W)` of at most about `SIDE` pixels a side; a volume is shown by its middle slice."""
    from torch.nn import functional as F

    while value.dim() > 3:
        value = value[:, value.shape[1] // 2]
    height, width = value.shape[-2:]
    step = max(-(-height // SIDE), -(-width // SIDE))
    if step > 1 and value.is_floating_point():
        kernel = (min(step, height), min(step, width))
        return F.avg_pool2d(value[None].float(), kernel, ceil_mode=True)[0]
    return value


def array(value: Tensor) -> NDArray[Any]:
    """A copy in memory of its own, float32 or as the integers that it holds."""
    value = value.detach()
    if value.is_floating_point():
        value = value.float()
    return np.array(value.cpu().numpy(), order="C")
