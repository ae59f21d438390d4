"""The extent of long curves at every scale: least and largest value of each block of 16, 32, 64, … values.

Blocks stand at fixed places, so that a curve does not flicker while it is panned, and a growing curve only
adds blocks at its end. Numpy only; values that are no numbers count for nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FIRST = 4
"""The finest level that is kept: blocks of 2**FIRST values. Below that the values themselves are as quick."""


class Pyramid:
    """Levels over an array that is kept elsewhere and passed in: this holds only what was computed of it."""

    def __init__(self) -> None:
        self._levels: list[_Level] = []

    def clear(self) -> None:
        self._levels = []

    def grow(self, values: Floats) -> None:
        """Take up the blocks that are full now. `values` `(n,)` is the whole array."""
        low = high = values
        size, index = len(values) >> FIRST, 0
        while size:
            if index == len(self._levels):
                self._levels.append(_Level())
            level = self._levels[index]
            width = 1 << FIRST if index == 0 else 2
            start, end = level.count * width, size * width
            if end > start:
                level.append(_least(low[start:end], width), _largest(high[start:end], width))
            low, high = level.low[:size], level.high[:size]
            size, index = size >> 1, index + 1

    def extents(self, values: Floats, first: int, last: int, most: int) -> tuple[int, int, Floats, Floats]:
        """Least and largest of the blocks that hold values `first` to `last` (exclusive), at most so many.

        Returns the place of the first block, the size of a block, and two arrays `(blocks,)`. Blocks reach
        over the two ends by less than their size.
        """
        exponent = (max(1, -(-(last - first) // max(1, most - 2))) - 1).bit_length()
        width = 1 << exponent
        begin, end = first >> exponent, -(-last >> exponent)
        full = min(end, len(values) >> exponent)
        low, high = self._full(values, exponent, begin, full)
        if full < end:
            rest = values[full << exponent :]
            low, high = np.append(low, _least(rest, len(rest))), np.append(high, _largest(rest, len(rest)))
        return begin << exponent, width, low, high

    def _full(self, values: Floats, exponent: int, begin: int, end: int) -> tuple[Floats, Floats]:
        if exponent >= FIRST and begin < end:
            level = self._levels[exponent - FIRST]
            return level.low[begin:end], level.high[begin:end]
        width = 1 << exponent
        held = values[begin << exponent : end << exponent]
        return _least(held, width), _largest(held, width)


class _Level:
    """Growing arrays of extents."""

    def __init__(self) -> None:
        self.low, self.high = np.empty(64), np.empty(64)
        self.count = 0

    def append(self, low: Floats, high: Floats) -> None:
        end = self.count + len(low)
        if end > len(self.low):
            size = max(end, 2 * len(self.low))
            for name in ("low", "high"):
                grown = np.empty(size)
                grown[: self.count] = getattr(self, name)[: self.count]
                setattr(self, name, grown)
        self.low[self.count : end], self.high[self.count : end] = low, high
        self.count = end


def _least(values: Floats, width: int) -> Floats:
    result: Floats = np.fmin.reduce(values.reshape(-1, width), axis=1) if width > 1 else values
    return result


def _largest(values: Floats, width: int) -> Floats:
    result: Floats = np.fmax.reduce(values.reshape(-1, width), axis=1) if width > 1 else values
    return result
