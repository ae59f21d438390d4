"""The axes of an array of inputs: along which samples lie, and where the channels are, by stated rules.

Knows sizes and types alone. The rules are the same for whole numbers and floats.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nodes.reading.dataset import Array

FEW = (1, 3, 4)
"""Sizes that are channels of a picture: grey, colours, colours with a mask."""
PICTURE = 8
"""Sides of at least so many values can be those of a picture."""


@dataclass(frozen=True)
class ArrayAxes:
    """How an array is turned: `samples` is "first" or "last", `channels` is "first", "last" or "none".

    `sample` are the sizes of a sample as the network sees it. `doubts` are other readings, as the value of
    the parameter and why.
    """

    samples: str
    channels: str
    sample: tuple[int, ...]
    why_samples: str = ""
    why_channels: str = ""
    doubts: tuple[tuple[str, str, str], ...] = ()

    def turned(self, rows: Array) -> Array:
        """Stored rows `(n, …)`, samples first already, as the network sees them; a view where it can be."""
        if self.channels == "last":
            rows = np.moveaxis(rows, -1, 1)
        return rows.reshape(len(rows), *self.sample)

    @property
    def keeps(self) -> bool:
        """Whether rows stay as they are stored, but for their sizes."""
        return self.samples == "first" and self.channels != "last"


def axes_of(
    shape: tuple[int, ...], dtype: np.dtype[np.generic], count: int | None, wanted: tuple[str, str]
) -> ArrayAxes:
    """The axes of an array of these sizes. `count` are its targets, `wanted` the parameters `samples_axis`
    and `channels`.
    """
    samples, why_samples, doubts = _samples(shape, count, wanted[0])
    sizes = shape[1:] if samples == "first" else shape[:-1]
    channels, why_channels, more = _channels(sizes, dtype, wanted[1])
    sample = sizes
    if channels == "last":
        sample = (sizes[-1], *sizes[:-1])
    elif channels == "none":
        sample = (1, *sizes)
    return ArrayAxes(samples, channels, sample or (1,), why_samples, why_channels, (*doubts, *more))


def _samples(
    shape: tuple[int, ...], count: int | None, wanted: str
) -> tuple[str, str, tuple[tuple[str, str, str], ...]]:
    if wanted != "auto":
        return wanted, "it was chosen", ()
    if len(shape) < 2:
        return "first", "", ()
    if count is not None and shape[-1] == count and shape[0] != count:
        return "last", f"there are {count:,} targets and {shape[-1]:,} along the last axis", ()
    if count is not None and shape[0] == shape[-1] == count:
        why = f"there are {count:,} targets, and as many along the first axis as along the last"
        return "first", why, (("samples_axis", "last", why),)
    if count is None and len(shape) == 4 and shape[2] in FEW and shape[3] > max(shape[:3]):
        why = f"the last size, {shape[3]:,}, is the largest, behind one of {shape[2]} channels"
        return "first", "samples are usually along the first axis", (("samples_axis", "last", why),)
    return "first", f"there are {count:,} targets" if count is not None else "", ()


def _channels(
    sizes: tuple[int, ...], dtype: np.dtype[np.generic], wanted: str
) -> tuple[str, str, tuple[tuple[str, str, str], ...]]:
    """Where channels are, why, and what else it could be."""
    if wanted != "auto" and sizes:
        return wanted, "it was chosen", ()
    if len(sizes) == 2:
        return _of_two(sizes, dtype)
    if len(sizes) not in (3, 4):
        return "first", "", ()
    first, last = sizes[0], sizes[-1]
    if last in FEW and first not in FEW:
        return "last", f"the last size is {last} and the first, {first}, is none of 1, 3 and 4", ()
    if first in FEW and last not in FEW:
        return "first", f"the first size is {first} and the last, {last}, is none of 1, 3 and 4", ()
    if first in FEW and last in FEW:
        why = f"the first size is {first} and the last is {last}: either can be channels"
        return "first", why, (("channels", "last", why),)
    why = f"neither the first size, {first}, nor the last, {last}, is 1, 3 or 4"
    return "first", why, (("channels", "last", why),) if last < first or last < math.prod(sizes[1:-1]) else ()


def _of_two(
    sizes: tuple[int, ...], dtype: np.dtype[np.generic]
) -> tuple[str, str, tuple[tuple[str, str, str], ...]]:
    if dtype == np.uint8:
        return "none", "bytes of two sizes are grey pictures", ()
    if min(sizes) >= PICTURE:
        why = f"numbers of sizes {sizes[0]}×{sizes[1]} can be grey pictures, or steps of several values"
        return "first", "numbers of two sizes stay as they are", (("channels", "none", why),)
    return "first", "numbers of two sizes stay as they are", ()
