"""What a column of a CSV table is: learnt from its cells, block by block; and cells as numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MISSING = frozenset(
    {"", "na", "n/a", "<na>", "nat", "null", "none", "?"}
    | {"#n/a", "#na", "#n/a n/a", "#div/0!", "#value!", "#ref!", "#num!", "#name?", "#null!"}
    | {"-1.#ind", "1.#ind", "-1.#qnan", "1.#qnan", "-1.#inf", "1.#inf"}
)
"""What stands for no value, in small letters, the errors of spreadsheets among it. So does what is read as a
number but is none, or is without end, which cannot be learned from: nan, inf, 1e999."""
MOST_LEVELS = 1000
"""Different values of a column that are remembered; a column with more is no set of classes."""
LONGEST_LEVEL = 200
"""Characters of a value that is remembered; a column with longer ones is text and no set of classes."""
FEW = 20
"""At most this many different whole numbers are taken for classes where nobody says."""
LEVEL_BYTES = 120
"""Bytes of memory that a remembered value takes besides its characters, about."""


@dataclass(frozen=True)
class CsvColumn:
    """What the first pass learnt of a column.

    `levels` are its values in order, empty where there are too many or too long ones, and where there is
    none at all: then it `is_empty`.
    """

    name: str
    is_number: bool
    is_whole: bool
    levels: tuple[str, ...]
    is_empty: bool = False


def numbers(cells: Sequence[str]) -> NDArray[np.float64] | None:
    """The cells as numbers, `(cells)`; None where one is no finite number."""
    try:
        found = np.fromiter(map(float, cells), np.float64, len(cells))
    except ValueError:
        return None
    return found if np.isfinite(found).all() and "_" not in "".join(cells) else None


def is_number(cell: str) -> bool:
    """Whether a cell holds a finite number."""
    value = _float(cell)
    return value is not None and math.isfinite(value)


def is_missing(cell: str) -> bool:
    """Whether a cell without spaces around holds no value."""
    value = _float(cell)
    return cell.lower() in MISSING if value is None else not math.isfinite(value)


def _float(cell: str) -> float | None:
    """What Python reads as a number, but for 1_000, which is a word in a table."""
    if "_" in cell:
        return None
    try:
        return float(cell)
    except ValueError:
        return None


def level(cell: str) -> str:
    """A cell as the name of a class: 1.0 and 1 are the same one."""
    return f"{float(cell):.17g}" if is_number(cell) and float(cell).is_integer() else cell


class Learner:
    """Learns what a column is. `remembered` is about how many bytes its values take."""

    def __init__(self) -> None:
        self._is_number, self._is_whole = True, True
        self._has_values = False
        self._levels: set[str] | None = set()
        self.remembered = 0

    def see(self, cells: Sequence[str]) -> None:
        """Look at some cells, spaces and all."""
        if self._levels is None:
            if self._is_number:
                self._measure(cells)
            return
        for cell in {cell.strip() for cell in cells}:
            self._see(cell)

    def _measure(self, cells: Sequence[str]) -> None:
        """Whether they are numbers too: all at once, since nothing else is asked."""
        values = numbers(cells)
        if values is None:
            values = numbers([cell for cell in cells if not is_missing(cell.strip())])
        self._is_number = values is not None
        self._is_whole = self._is_whole and values is not None and bool((values == np.rint(values)).all())

    def _see(self, cell: str) -> None:
        if is_missing(cell):
            return
        self._has_values = True
        if self._is_number and not is_number(cell):
            self._is_number = self._is_whole = False
        if self._is_whole and not float(cell).is_integer():
            self._is_whole = False
        if self._levels is None:
            return
        name = level(cell)
        if len(self._levels) < MOST_LEVELS and len(name) <= LONGEST_LEVEL:
            self.remembered += 0 if name in self._levels else len(name) + LEVEL_BYTES
            self._levels.add(name)
        elif name not in self._levels:
            self.forget()

    def forget(self) -> None:
        """Remember no values: there are too many, or they are too long."""
        self._levels, self.remembered = None, 0

    @property
    def is_measured(self) -> bool:
        """Whether it has so many different numbers that they hardly stand for classes."""
        return self._is_number and self._levels is not None and len(self._levels) > FEW

    def knows(self, cell: str) -> bool:
        """Whether a cell without spaces around is like those that were seen: a number among numbers, a word
        that is there, or nothing.
        """
        if is_missing(cell):
            return True
        return self._is_number if is_number(cell) else cell in (self._levels or ())

    def column(self, name: str) -> CsvColumn:
        """What was learnt."""
        found = self._levels or set()
        ordered = sorted(found, key=float) if self._is_number else sorted(found)
        return CsvColumn(name, self._is_number, self._is_whole, tuple(ordered), not self._has_values)
