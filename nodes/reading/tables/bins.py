"""How many numbers lie where, counted while they come by: nobody needs to know their range before."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nodes.reading.look import ValueCounts

BINS = 24
_LARGEST = 1e300


class GrowingBins:
    """Counts numbers in equal bins, which grow to twice their width when a number lies outside of them."""

    def __init__(self) -> None:
        self.low, self.high = np.inf, -np.inf
        self._start, self._width = 0.0, 0.0
        self._counts = np.zeros(BINS, np.int64)

    def add(self, values: NDArray[np.float64]) -> None:
        """Count finite numbers, `(n)`."""
        if not len(values):
            return
        self.add_between(values, float(values.min()), float(values.max()))

    def add_between(self, values: NDArray[np.float64], low: float, high: float) -> None:
        """Count finite numbers, at least one, of which the least and the largest are known."""
        self.low, self.high = min(self.low, low), max(self.high, high)
        if max(-low, high) > _LARGEST:
            return
        if not self._width:
            if low == high and self._counts[0] and low == self._start:
                self._counts[0] += len(values)
                return
            if low == high and not self._counts[0]:
                self._start = low
                self._counts[0] = len(values)
                return
            first, self._start = self._start, min(low, self._start) if self._counts[0] else low
            self._width = (max(high, first) if self._counts[0] else high) - self._start
            self._width = max(self._width / BINS * (1 + 1e-9), np.finfo(float).tiny)
            held, self._counts = self._counts[0], np.zeros(BINS, np.int64)
            if held:
                self._counts[self._places(np.array([first]))[0]] += held
        self._grow(low, high)
        self._counts += np.bincount(self._places(values), minlength=BINS)[:BINS]

    def _places(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        found: NDArray[np.int64] = ((values - self._start) / self._width).astype(np.int64)
        return np.clip(found, 0, BINS - 1)

    def _grow(self, low: float, high: float) -> None:
        while high > self._start + BINS * self._width:
            self._merge(0)
        while low < self._start:
            self._start -= BINS * self._width
            self._merge(BINS // 2)

    def _merge(self, at: int) -> None:
        pairs = self._counts.reshape(-1, 2).sum(axis=1)
        self._counts = np.zeros(BINS, np.int64)
        self._counts[at : at + BINS // 2] = pairs
        self._width *= 2

    def counts(self) -> ValueCounts | None:
        """The bins that hold something, in their order; None where there is no number."""
        if not self._width:
            count = int(self._counts[0])
            return ValueCounts((self._start, self._start), (count,)) if count else None
        held = np.flatnonzero(self._counts)
        first, last = int(held[0]), int(held[-1]) + 1
        edges = self._start + self._width * np.arange(first, last + 1)
        edges = np.clip(edges, self.low, self.high)
        return ValueCounts(tuple(map(float, edges)), tuple(map(int, self._counts[first:last])))
