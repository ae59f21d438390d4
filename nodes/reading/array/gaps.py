"""Samples with a value that is no number: found in one pass, named by array, row and column, left out."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nodes.reading.dataset import Array, Rows
from nodes.reading.error import DataError
from nodes.reading.progress import Meter

LARGEST = 3e38
"""Larger numbers are none in single precision."""
LOOKED_AT = 1 << 20
"""Values that are checked at a time."""


@dataclass(frozen=True, eq=False)
class ArrayGaps:
    """Which rows of an array have a value that is no number: `missing` (rows) is True there.

    `values` are all such values, `first` the place of the first, from 0, and `received` what stands there.
    """

    missing: NDArray[np.bool_]
    values: int = 0
    first: tuple[int, ...] = ()
    received: str = ""

    @property
    def count(self) -> int:
        return int(self.missing.sum())

    def sentence(self, name: str, total: int) -> str:
        """What is left out and where it begins; rows and columns are counted from 1."""
        rows = "1 row" if self.count == 1 else f"{self.count:,} rows"
        verb = "has" if self.count == 1 else "have"
        return (
            f"{rows} of {total:,} of array {name!r} {verb} a value that is no number and "
            f"{'is' if self.count == 1 else 'are'} left out; the first is {self.received} "
            f"{place(self.first)}."
        )


def place(at: tuple[int, ...]) -> str:
    """A place of an array in words, counted from 1."""
    row = f"in row {at[0] + 1:,}"
    if len(at) == 2:
        return f"{row}, column {at[1] + 1:,}"
    return row + (f" at {', '.join(f'{i + 1:,}' for i in at[1:])}" if len(at) > 2 else "")


def gaps_of(where: str, name: str, rows: Rows) -> ArrayGaps:
    """Look at every value. Raises `DataError` where a number is too large for single precision."""
    count = len(rows)
    missing = np.zeros(count, bool)
    if rows.dtype.kind not in "fmM":
        return ArrayGaps(missing)
    step = max(1, LOOKED_AT // max(1, math.prod(rows.shape[1:])))
    meter = Meter("Checking values", count)
    values, received = 0, ""
    first: tuple[int, ...] = ()
    for start in range(0, count, step):
        part = rows.fetch(np.arange(start, min(start + step, count)))
        meter.to(start)
        is_gap = _is_gap(where, name, part, start)
        if is_gap is None:
            continue
        values += int(is_gap.sum())
        missing[start : start + len(part)] = is_gap.reshape(len(part), -1).any(axis=1)
        if not first:
            inside = tuple(int(i) for i in np.argwhere(is_gap)[0])
            first, received = (start + inside[0], *inside[1:]), _told(part[inside])
    return ArrayGaps(missing, values, first, received)


def _is_gap(where: str, name: str, part: Array, start: int) -> NDArray[np.bool_] | None:
    if part.dtype.kind in "mM":
        found = np.isnat(part)
        return found if found.any() else None
    with np.errstate(all="ignore"):  # signalling NaN
        finite = np.isfinite(part)
        if part.dtype.itemsize > 4:
            large = (np.abs(part) > LARGEST) & finite
            if large.any():
                at = tuple(np.argwhere(large)[0])
                raise DataError(
                    f"{where}, array {name!r}, sample {start + int(at[0]) + 1:,}: Expected numbers up to "
                    f"{LARGEST:g}. Received {part[at]:g}."
                )
        return None if finite.all() else ~finite


def _told(value: np.generic) -> str:
    number = float(value) if value.dtype.kind == "f" else math.nan
    return "NaN" if math.isnan(number) else ("infinity" if number > 0 else "−infinity")
