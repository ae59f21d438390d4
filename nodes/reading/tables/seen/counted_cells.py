"""Cells of words, counted: the different ones, and those that have no value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from nodes.reading.csv_columns import ALWAYS_MISSING

Words = frozenset[str]


def counted(cells: Any) -> Iterator[tuple[Any, int]]:
    """The different cells and how often each is there."""
    found = pc.value_counts(cells)
    return zip(found.field("values").to_pylist(), found.field("counts").to_pylist(), strict=True)


def count_missing(cells: Any, words: Words | None) -> int:
    """How many cells of a column of words have no value."""
    found = pc.is_in(pc.utf8_lower(cells), value_set=pa.array(sorted(ALWAYS_MISSING | (words or set()))))
    return int(pc.sum(found).as_py() or 0)


def is_gap(cell: str, words: Words | None) -> bool:
    """Whether a cell of a column of words has no value."""
    return cell.lower() in ALWAYS_MISSING or cell.lower() in (words or ())


def has_leading_zero(cell: str) -> bool:
    """Whether a whole number is written with a zero before it."""
    return len(cell) > 1 and cell[0] == "0" and cell.isdigit()
