"""Values of files that have types, as the words that a text file would have in their place."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any

import pyarrow as pa

from nodes.reading.tables.column import number_word

_LONGEST_NESTED = 1000


def word(value: object) -> str:
    """A value as a text file would have it; nothing for no value."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        return number_word(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value[:_LONGEST_NESTED].decode("utf-8", "replace")
    return json.dumps(value, ensure_ascii=False, default=str)[:_LONGEST_NESTED]


def words(values: Iterable[object]) -> Any:
    """An array of words."""
    found = [word(value) for value in values]
    try:
        return pa.array(found, pa.string())
    except UnicodeEncodeError:  # half a pair of UTF-16
        return pa.array([one.encode(errors="replace").decode() for one in found], pa.string())


def columns_of(rows: Sequence[Sequence[object]], width: int) -> tuple[Any, ...]:
    """Rows of values as columns: numbers where all are numbers or nothing, else words."""
    if not rows:
        return tuple(pa.array([], pa.string()) for _ in range(width))
    return tuple(_column(values) for values in zip(*rows, strict=True))


def _column(values: Sequence[object]) -> Any:
    kinds = set(map(type, values)) - {type(None)}
    if kinds and kinds <= {int, float}:
        try:
            return pa.array(values, pa.int64() if kinds == {int} else pa.float64())
        except (OverflowError, pa.ArrowInvalid):  # a whole number of more than 64 bits
            return words(values)
    return words(values)
