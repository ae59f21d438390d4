"""Sequences of different lengths out of the rows of a table: their rows, and what is predicted of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nodes.reading import budget
from nodes.reading.error import DataError
from nodes.reading.series.series_rows import SeriesChoice, SeriesRows, series_rows
from nodes.reading.tables.outline import TableOutline
from nodes.reading.tables.values import read

MOST_CLASSES = 1000
Values = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Sequences:
    """The values of all rows in order `(rows, columns)`, from and to which row each sequence goes, and a
    class (its place among `classes`) or a number for each; None where nothing is predicted.
    """

    values: Values
    sections: NDArray[np.int64]
    columns: tuple[str, ...]
    targets: NDArray[np.float64] | None = None
    classes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Rows of each."""
        return np.asarray(self.sections[:, 1] - self.sections[:, 0])

    def rows_of(self, places: NDArray[np.int64], most: int) -> Values:
        """The rows of these sequences, at most so many of each, `(rows, columns)`."""
        parts = (self.values[start : min(end, start + most)] for start, end in self.sections[places])
        return np.concatenate([self.values[:0], *parts])

    def padded(
        self, places: NDArray[np.int64], length: int, filler: Values, *, in_front: bool
    ) -> tuple[Values, NDArray[np.uint8]]:
        """These sequences as `(sequences, length, columns)`, and the mask of where they are."""
        count, width = len(places), self.values.shape[1]
        budget.require_room("sequences", 5 * count * length * width, f"{count:,} sequences")
        rows = np.empty((count, length, width), np.float32)
        rows[:] = filler
        mask = np.zeros((count, length), np.uint8)
        for row, (start, end) in enumerate(self.sections[places]):
            own = self.values[start : min(end, start + length)]
            place = slice(length - len(own), length) if in_front else slice(0, len(own))
            rows[row, place], mask[row, place] = own, 1
        return rows, mask


def sequences(table: TableOutline, inputs: tuple[str, ...], target: str, group: str, order: str) -> Sequences:
    """The sequences of a table: rows of one group, as they stand or by a column. Raises `DataError`."""
    marks = [table.find(name) if name else None for name in (target, group, order)]
    chosen = tuple(table.find(name) for name in inputs) or tuple(
        i for i, one in enumerate(table.columns) if one.is_number and not one.is_empty and i not in marks
    )
    words = [table.columns[i].name for i in chosen if not table.columns[i].is_number]
    if words or not chosen:
        received = f"words in column {words[0]!r}" if words else "no column of numbers"
        raise DataError(f"{table.path}: Expected columns of numbers. Received {received}.")
    rows = series_rows(table, SeriesChoice(chosen, chosen[:1], marks[1], marks[2]))
    names = tuple(table.columns[i].name for i in chosen)
    if marks[0] is None:
        return Sequences(rows.inputs, rows.sections, names)
    targets, classes = _targets(table, marks[0], rows)
    return Sequences(rows.inputs, rows.sections, names, targets, classes)


def _targets(
    table: TableOutline, place: int, rows: SeriesRows
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """What is predicted of each sequence, and the classes where it is one."""
    column = table.columns[place]
    is_class = not column.is_number or (column.is_whole and bool(column.levels))
    if is_class and not 0 < len(column.levels) <= MOST_CLASSES:
        raise DataError(
            f"{table.path}: Expected at most {MOST_CLASSES:,} classes in column {column.name!r}. "
            "Received more."
        )
    found = read(table, [place], frozenset({place}) if is_class else frozenset())
    if skipped := found.left_out.lines():
        raise DataError(f"{table.path}: Expected a target in every row. Received {skipped[0]}.")
    ordered = found.values[0][rows.places]
    for (start, end), name in zip(rows.sections, rows.groups, strict=True):
        if (ordered[start:end] != ordered[start]).any():
            raise DataError(
                f"{table.path}: Expected one {column.name!r} for all rows of a sequence. "
                f"Received several for {name!r}."
            )
    return ordered[rows.sections[:, 0]], column.levels if is_class else ()
