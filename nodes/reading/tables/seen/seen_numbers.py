"""Some finite numbers of a column and what can be said of them at once, for one column or for many."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class OutermostNumber:
    """The largest of some numbers, how often it is there, and the next smaller one; -inf: there is none."""

    value: float
    count: int
    next: float


@dataclass(frozen=True, slots=True)
class SeenNumbers:
    """Finite numbers, at least one. `ends` are the outermost ones of `-values` and of `values`; `counts_up`:
    each is one more than the one before."""

    values: NDArray[np.float64]
    low: float
    high: float
    is_whole: bool
    counts_up: bool
    ends: tuple[OutermostNumber, OutermostNumber]

    @classmethod
    def of_rows(cls, table: NDArray[np.float64]) -> list[SeenNumbers]:
        """Those of each row, `(rows, numbers)`."""
        if not len(table):
            return []
        least, largest = _ends(-table), _ends(table)
        whole = (table == np.rint(table)).all(axis=1).tolist()
        with np.errstate(over="ignore", invalid="ignore"):  # the largest number minus the least
            up = (np.diff(table, axis=1) == 1).all(axis=1).tolist()
        return [
            cls(values, -low.value, high.value, is_whole, counts_up, (low, high))
            for values, low, high, is_whole, counts_up in zip(table, least, largest, whole, up, strict=True)
        ]

    @classmethod
    def of(cls, values: NDArray[np.float64]) -> SeenNumbers:
        """Those of one column."""
        return cls.of_rows(values[None])[0]


def _ends(table: NDArray[np.float64]) -> list[OutermostNumber]:
    top = table.max(axis=1, keepdims=True)
    is_top = table == top
    below = np.where(is_top, -np.inf, table).max(axis=1)
    several = zip(top[:, 0].tolist(), is_top.sum(axis=1).tolist(), below.tolist(), strict=True)
    return [OutermostNumber(*one) for one in several]
