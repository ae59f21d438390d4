"""How stored numbers become inputs: scalings, fitted to the rows that train, by one rule for every set.

Rows of a table are gone through in blocks, so that values on disk need no more memory than a block. A block
has as many rows whether they lie in memory or on disk: both give the same numbers to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from nodes.reading.dataset import Array, Rows, Scaling
from nodes.reading.progress import Meter

SMALL = 1e-6
"""Pixels whose deviation is smaller, as a share of white, are all alike."""
ROUNDING = {2: 2e-3, 4: 2e-7}
"""Share of its own size that a number of so many bytes may be off by; one of 8 bytes: `ROUNDED`."""
ROUNDED = 1e-13
LEAST = 1e-30
"""Smaller spreads are none: a number divided by them is beyond single precision."""
BLOCK_CELLS = 1 << 22
"""Numbers of a block."""
Floats = NDArray[np.float64]


def scaling(values: Array, choice: str, axis: int = -1) -> Scaling:
    """The scaling of this choice for numbers like these, by columns or channels along `axis`.

    `choice` is "none", "0-1" or "standardise". Columns without any spread keep their size.
    """
    if choice == "none" or not values.size:
        return Scaling()
    with np.errstate(all="ignore"):  # a value that is none makes a scaling that is none; the run tells it
        return _scaling(values, choice, axis)


def scaling_of_rows(rows: Rows, places: NDArray[np.int64], choice: str) -> Scaling:
    """The scaling of this choice for the rows `(N, columns)` at these places, gone through in blocks.

    The same as `scaling` of one array, as far as a block holds all of them.
    """
    if choice == "none" or not len(places) or not math.prod(rows.shape[1:]):
        return Scaling()
    with np.errstate(all="ignore"):
        if choice == "0-1":
            bounds = [(block.min(axis=0), block.max(axis=0)) for block in blocks_of(rows, places)]
            low = np.min([low for low, _ in bounds], axis=0).astype(np.float64)
            high = np.max([high for _, high in bounds], axis=0).astype(np.float64)
            return _between(low, high, rows.dtype)
        mean = sum_of(rows, places) / len(places)
        blocks = (block.astype(np.float64, copy=False) for block in blocks_of(rows, places))
        squares = _sum(np.square(block - mean) for block in blocks)
        return _standard(mean, np.sqrt(squares / len(places)), rows.dtype)


def sum_of(rows: Rows, places: NDArray[np.int64]) -> Floats:
    """The sums of the columns of the rows at these places, `(columns)`."""
    return _sum(block.astype(np.float64, copy=False) for block in blocks_of(rows, places))


def blocks_of(rows: Rows, places: NDArray[np.int64]) -> Iterator[Array]:
    """The rows at these places in blocks; tells how far it is."""
    size = max(1, BLOCK_CELLS // max(1, math.prod(rows.shape[1:])))
    meter = Meter("Fitting the scaling", len(places))
    for start in range(0, len(places), size):
        yield rows.fetch(places[start : start + size])
        meter.to(start + size)


def _sum(blocks: Iterator[Floats]) -> Floats:
    total: Floats | None = None
    for block in blocks:
        found = block.sum(axis=0)
        total = found if total is None else total + found
    assert total is not None
    return total


def _scaling(values: Array, choice: str, axis: int) -> Scaling:
    others = tuple(i for i in range(values.ndim) if i != axis % values.ndim)
    if choice == "0-1":
        if values.dtype == np.uint8:
            return Scaling(divisor=255.0)
        low, high = (bound.astype(np.float64) for bound in (values.min(axis=others), values.max(axis=others)))
        return _between(low, high, values.dtype)
    mean, deviation = _moments(values, others)
    if values.dtype == np.uint8:
        spread = np.where(deviation / 255.0 > SMALL, deviation / 255.0, 1.0)
        return Scaling(255.0, _floats(mean / 255.0), _floats(spread))
    return _standard(mean, deviation, values.dtype)


def _between(low: Floats, high: Floats, dtype: np.dtype[np.generic]) -> Scaling:
    return Scaling(1.0, _floats(low), _floats(_spread(high - low, np.maximum(-low, high), dtype)))


def _standard(mean: Floats, deviation: Floats, dtype: np.dtype[np.generic]) -> Scaling:
    return Scaling(1.0, _floats(mean), _floats(_spread(deviation, np.abs(mean), dtype)))


def _spread(spread: Floats, size: Floats, dtype: np.dtype[np.generic]) -> Floats:
    """By what numbers of this size are divided: their spread, or 1 where it is none or that of rounding."""
    rounding = ROUNDING.get(dtype.itemsize, ROUNDED) if dtype.kind == "f" else ROUNDED
    return np.where(spread > np.maximum(rounding * size, LEAST), spread, 1.0)


def _moments(values: Array, axes: tuple[int, ...]) -> tuple[Floats, Floats]:
    if values.dtype == np.uint8 and values.ndim > 2:
        # Pixels take 256 values: counting them is exact and needs no float copy of the images.
        channels = np.moveaxis(values, next(i for i in range(values.ndim) if i not in axes), 0)
        counts = np.stack([np.bincount(channel.ravel(), minlength=256) for channel in channels])
        levels, total = np.arange(256.0), counts.sum(axis=1)
        mean = counts @ levels / total
        return mean, np.sqrt(np.maximum(counts @ levels**2 / total - mean**2, 0.0))
    numbers = values.astype(np.float64, copy=False)
    return numbers.mean(axis=axes), numbers.std(axis=axes)


def _floats(values: Floats) -> tuple[float, ...]:
    return tuple(float(value) for value in np.atleast_1d(values))
