"""Numbers that may stand for no value, as -999 or 9999: whole ones far from all others of their column."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nodes.reading.tables.seen.seen_numbers import OutermostNumber, SeenNumbers

_NINES = re.compile(r"(9{2,}|8{2,}|7{2,})(\.9+)?")
_FILL = 1e19
"""From here on a number is one with which gaps are filled, as 1e20 and 9.96921e36 are."""


@dataclass(frozen=True)
class FarNumber:
    """A number that lies far from all others, how often it is there, and between what the others lie."""

    value: float
    count: int
    low: float
    high: float

    @property
    def word(self) -> str:
        """The number as people write it."""
        return (
            f"{self.value:.17g}" if self.value.is_integer() and abs(self.value) < _FILL else f"{self.value:g}"
        )


class _End:
    """The outermost number on one side, how often it is there, and the one next to it."""

    def __init__(self) -> None:
        self.value, self.count, self.next = -np.inf, 0, -np.inf

    def take(self, outermost: OutermostNumber) -> None:
        """The outermost number of a block."""
        top, at_top, below = outermost.value, outermost.count, outermost.next
        if top > self.value:
            below, self.count = max(below, self.value), 0
            self.value = top
        if top == self.value:
            self.count += at_top
        else:
            below = max(below, top)
        self.next = max(self.next, below)


class FarLearner:
    """Learns, block by block, whether the least or the largest number of a column is far from the others."""

    def __init__(self) -> None:
        self._ends = (_End(), _End())

    def add(self, seen: SeenNumbers) -> None:
        """Look at some finite numbers."""
        for end, outermost in zip(self._ends, seen.ends, strict=True):
            end.take(outermost)

    def found(self) -> tuple[FarNumber, ...]:
        """Those that may stand for no value."""
        least, largest = self._ends
        several = (
            _far(-least.value, least.count, -least.next, largest.value),
            _far(largest.value, largest.count, largest.next, -least.value),
        )
        return tuple(one for one in several if one is not None)


def _far(value: float, count: int, nearest: float, other: float) -> FarNumber | None:
    """The number, if it is of the kind that fills gaps; `nearest` to `other` is where the others lie."""
    if not count or not np.isfinite(nearest) or nearest == other:
        return None
    is_nines = _NINES.fullmatch(f"{abs(value):.10g}") is not None
    is_usual = is_nines or value < 0 <= nearest or abs(value) >= _FILL
    is_often = count > 1 or abs(value) >= _FILL or (is_nines and value <= -999)
    if not is_usual or not is_often or abs(nearest - value) <= abs(other - nearest):
        return None
    return FarNumber(value, count, min(nearest, other), max(nearest, other))


@lru_cache(8)
def numbers_among(words: frozenset[str] | tuple[str, ...] | None) -> NDArray[np.float64]:
    """The words for no value that are numbers, as -999, `(numbers)`."""
    found = []
    for word in words or ():
        try:
            found.append(float(word))
        except ValueError:
            continue
    return np.array([one for one in found if np.isfinite(one)], np.float64)
