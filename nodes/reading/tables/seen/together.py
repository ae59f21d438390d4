"""Many columns with few rows each, learnt at once.

A call of pyarrow or NumPy costs some microseconds whatever it is given, and a column takes twenty of them. So
columns of few rows are joined, looked at by a call for all of them, and given to their learners one by one.
What is learnt is the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from nodes.reading.csv_columns import as_float
from nodes.reading.tables.column import plain_numbers
from nodes.reading.tables.learner import ColumnLearner
from nodes.reading.tables.seen.seen_numbers import SeenNumbers

MOST_ROWS = 200
"""Rows of a block up to which its columns are joined; with more the cells cost more than the calls."""
JOINED = 64
"""Columns that are joined at a time: they bound the memory."""


def see_all(learners: Sequence[ColumnLearner], columns: Sequence[Any]) -> None:
    """Show each learner its column of a block, an array of pyarrow."""
    few: list[tuple[ColumnLearner, Any]] = []
    for learner, cells in zip(learners, columns, strict=True):
        if len(cells) > MOST_ROWS or not pa.types.is_string(cells.type) or cells.null_count:
            learner.see(cells)
        else:
            few.append((learner, cells))
    for at in range(0, len(few), JOINED):
        _see_joined(few[at : at + JOINED])


def _see_joined(few: Sequence[tuple[ColumnLearner, Any]]) -> None:
    rows = len(few[0][1])
    joined = pa.concat_arrays([cells for _, cells in few])
    words = pc.utf8_trim_whitespace(joined).to_pylist()
    may_be = [
        i
        for i, (learner, _) in enumerate(few)
        if learner.takes_numbers and as_float(words[i * rows]) is not None
    ]
    numbers = dict(_numbers(may_be, [few[i][1] for i in may_be]))
    for i, (learner, cells) in enumerate(few):
        found = numbers.get(i)
        if found is not None and learner.has_gaps(found.values):
            learner.see(cells)
        else:
            learner.see_few(words[i * rows : (i + 1) * rows], found)


def _numbers(places: Sequence[int], columns: Sequence[Any]) -> Iterator[tuple[int, SeenNumbers]]:
    """The columns of numbers alone, with their places."""
    if not columns:
        return
    try:
        found = pc.cast(pa.concat_arrays(columns), pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:  # one of them has a word
        if len(columns) > 1:
            for place, cells in zip(places, columns, strict=True):
                if plain_numbers(cells) is not None:
                    yield from _numbers([place], [cells])
        return
    table: NDArray[np.float64] = found.reshape(len(columns), -1)
    finite = np.logical_and.reduce(np.isfinite(table), axis=1)
    kept = [place for place, is_finite in zip(places, finite.tolist(), strict=True) if is_finite]
    yield from zip(kept, SeenNumbers.of_rows(table[finite]), strict=True)
