"""What a column of a table is, and its cells as numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from nodes.reading.look import ValueCounts
from nodes.reading.tables.dates import all_seconds
from nodes.reading.tables.marks import NumberMarks
from nodes.reading.tables.told.far_numbers import FarNumber


@dataclass(frozen=True)
class TableColumn:
    """What the first pass learnt of a column.

    `levels` are its values in order, empty where there are too many or too long ones, and where there is
    none at all: then it `is_empty`. `words` has the values as they are written, with their counts; None where
    there are too many. `stand_ins` are words that often stand for no value, with their counts: in a column of
    numbers they do, in a column of words they are words. `mixed_words` are the few words among numbers, and
    `mixed` says that such cells have no value. `forms` are those in which all are dates, `form` the one by
    which they are read, in seconds.
    """

    name: str
    is_number: bool
    is_whole: bool
    levels: tuple[str, ...]
    is_empty: bool = False
    rows: int = 0
    missing: int = 0
    words: tuple[tuple[str, int], ...] | None = None
    stand_ins: tuple[tuple[str, int], ...] = ()
    examples: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    histogram: ValueCounts | None = None
    marks: NumberMarks | None = None
    other_marks: NumberMarks | None = None
    forms: tuple[str, ...] = ()
    form: str = ""
    is_count: bool = False
    mixed: bool = False
    mixed_words: tuple[tuple[str, int], ...] = ()
    leading_zeros: int = 0
    written_as: str = ""
    has_zeros: bool = False
    """Whether a cell has a character 0, which texts do not have."""
    is_grouped: bool = False
    """Whether a cell is a number like 1.234,5 beside others."""
    mixed_dates: bool = False
    """Whether its cells are dates, but not all in one form."""
    far: tuple[FarNumber, ...] = ()
    """Numbers that may stand for no value, as -999."""
    is_partly_marked: bool = False
    """Whether a unit, as %, stands behind some of its numbers alone."""

    @property
    def is_date(self) -> bool:
        """Whether it is read as dates or times."""
        return bool(self.form)

    @property
    def word_levels(self) -> tuple[str, ...]:
        """Its values as they are written; empty where there are too many."""
        return tuple(sorted(word for word, _ in self.words)) if self.words is not None else ()

    def as_words(self) -> TableColumn:
        """The same column as words, each as it is written."""
        return replace(
            self,
            is_number=False,
            is_whole=False,
            levels=self.word_levels,
            form="",
            marks=None,
            missing=self.missing - (sum(count for _, count in self.stand_ins) if self.is_number else 0),
        )

    def as_numbers(self) -> TableColumn:
        """The same column as numbers; cells that are none have no value."""
        if self.is_number:
            return self
        return replace(self, is_number=True, is_whole=False, levels=(), form="", mixed=True)

    def as_dates(self, form: str) -> TableColumn:
        """The same column as dates of this form, in seconds."""
        return replace(self, is_number=True, is_whole=False, levels=(), form=form, mixed=True)


def plain_numbers(cells: Any) -> NDArray[np.float64] | None:
    """Cells of words as finite numbers, `(cells)`; None where one is none, or is not plainly written."""
    try:
        found = pc.cast(cells, pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return None
    return found if np.isfinite(found).all() else None


def number_word(value: object) -> str:
    """A number of a typed file as it would be written."""
    if isinstance(value, float):
        return f"{value:.17g}" if value.is_integer() else repr(value)
    return str(value)


def seconds_of(cells: Any, form: str) -> NDArray[np.float64]:
    """Cells of words in seconds, NaN where one is no date of this form."""
    return all_seconds(cells.to_pylist(), form)
