"""The rows of a table as one or several series: put in order, cut where a series ends or a value is missing.

No window goes across a cut. What was found of the order of the rows is told, never changed in silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from nodes.reading import budget
from nodes.reading.dataset import Array, ArrayRows
from nodes.reading.error import DataError
from nodes.reading.kept import KeptAnswers
from nodes.reading.scaling import blocks_of
from nodes.reading.spilled.cache import spilled
from nodes.reading.spilled.writing import SpillWriter
from nodes.reading.tables.column import TableColumn
from nodes.reading.tables.outline import TableOutline
from nodes.reading.tables.rows.asked import AskedColumns
from nodes.reading.tables.rows.spilled_columns import how_read, spilled_table
from nodes.reading.tables.values import SkippedRows, read
from nodes.shown_text import listed, quoted

Floats = NDArray[np.float64]
ROW_BYTES = 80
"""Bytes of memory that a row takes whose values lie on disk: its series, its place in the order of the rows,
and the places of its window in the split and in the batches."""


@dataclass(frozen=True)
class SeriesChoice:
    """Which columns go in and are predicted, by place, and those that say the series and the order of a row.

    `cuts_gaps`: a series is cut where a value is missing; else a missing value is refused.
    """

    inputs: tuple[int, ...]
    targets: tuple[int, ...]
    group: int | None = None
    order: int | None = None
    cuts_gaps: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether the rows are one series as they stand."""
        return self.group is None and self.order is None and not self.cuts_gaps


@dataclass(frozen=True, eq=False)
class SeriesRows:
    """`inputs` (rows, columns) and `targets` (rows, columns) float32 in order; `sections` (sections, 2) are
    the rows from and to which no cut stands; `groups` is the series of each, by its name. `places` are
    the rows' places in the file.
    """

    inputs: NDArray[np.float32]
    targets: NDArray[np.float32]
    sections: NDArray[np.int64]
    groups: tuple[str, ...]
    notes: tuple[str, ...] = ()
    places: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))


_rows: KeptAnswers[SeriesRows] = KeptAnswers(2)


def series_rows(table: TableOutline, choice: SeriesChoice) -> SeriesRows:
    """The rows of these columns; read once for each version of the file. Raises `DataError`."""
    return _rows.of_file(Path(table.path), lambda: _series_rows(table, choice), choice)


def _series_rows(table: TableOutline, choice: SeriesChoice) -> SeriesRows:
    columns = list(table.columns)
    if choice.order is not None:
        columns[choice.order] = _ordering(table, columns[choice.order])
    if choice.group is not None:
        columns[choice.group] = _grouping(table, columns[choice.group])
    table = table.with_columns(columns)
    values = list(dict.fromkeys((*choice.inputs, *choice.targets)))
    marks = [place for place in (choice.group, choice.order) if place is not None and place not in values]
    words = frozenset(
        {choice.group} if choice.group is not None and not columns[choice.group].is_number else ()
    )
    gaps = frozenset(values) if choice.cuts_gaps else frozenset[int]()
    asked = AskedColumns((*values, *marks), words, gaps)
    if 4 * 8 * table.rows * len(asked.places) > budget.room():
        what = f"places of {table.rows:,} rows in the series and in the batches"
        budget.require_room(str(table.path), ROW_BYTES * table.rows, what, "divide the file")
        return _on_disk(table, choice, asked)
    found = read(table, asked.places, words, with_gaps=gaps)
    _require_whole(table, choice, found.left_out)
    held = dict(zip(asked.places, found.values, strict=True))
    rows, codes = _order(choice, held)
    inputs, targets = (
        np.stack([held[place][rows] for place in places], axis=1)
        for places in (choice.inputs, choice.targets)
    )
    missing = np.asarray(np.isnan(inputs).any(axis=1) | np.isnan(targets).any(axis=1), np.bool_)
    cut = _Cut(table, choice, rows, codes, missing)
    return cut.series(inputs.astype(np.float32), targets.astype(np.float32))


def _on_disk(table: TableOutline, choice: SeriesChoice, asked: AskedColumns) -> SeriesRows:
    """The same rows, mapped: the columns as they stand in the file, then put in order block by block."""
    stored = spilled_table(table, asked)
    _require_whole(table, choice, stored.left_out)
    at = {place: i for i, place in enumerate(asked.places)}
    columns = stored.arrays["columns"]
    held = {place: columns[:, at[place]] for place in (choice.group, choice.order) if place is not None}
    rows, codes = _order(choice, held, len(columns))

    def write(writer: SpillWriter) -> bytes:
        parts = [(name, [at[place] for place in places]) for name, places in _parts_of(choice)]
        arrays = [(writer.array(name, np.float32, (len(places),)), places) for name, places in parts]
        missing = writer.array("missing", np.bool_)
        for block in blocks_of(ArrayRows(columns), rows):
            gaps = np.zeros(len(block), bool)
            for array, places in arrays:
                gaps |= np.isnan(block[:, places]).any(axis=1)
                array.add(block[:, places].astype(np.float32))
            missing.add(gaps)
        return b"null"

    how = ("series", how_read(table, asked.places), asked, choice)
    needed = table.rows * (4 * (len(choice.inputs) + len(choice.targets)) + 1)
    found = spilled((Path(table.path),), how, needed, write)
    cut = _Cut(table, choice, rows, codes, np.array(found.arrays["missing"]), found.notes)
    inputs, targets = (cast("NDArray[np.float32]", found.arrays[name]) for name in ("inputs", "targets"))
    return cut.series(inputs, targets)


def _parts_of(choice: SeriesChoice) -> tuple[tuple[str, tuple[int, ...]], ...]:
    return ("inputs", choice.inputs), ("targets", choice.targets)


def _require_whole(table: TableOutline, choice: SeriesChoice, left_out: SkippedRows) -> None:
    if skipped := left_out.lines():
        advice = "fill the gap" if choice.cuts_gaps else "fill the gap, or cut the series there (at_gaps)"
        raise DataError(f"{table.path}: Expected a value at every time. Received {skipped[0]}; {advice}.")


def _ordering(table: TableOutline, column: TableColumn) -> TableColumn:
    """The column as numbers or times."""
    if column.is_number:
        return column
    if not column.forms:
        raise DataError(
            f"{table.path}: order_column: Expected numbers, or dates that are all written alike, in column "
            f"{column.name!r}. Received others, as {listed(column.examples, 2)}."
        )
    return column.as_dates(column.forms[0])


def _grouping(table: TableOutline, column: TableColumn) -> TableColumn:
    """The column as numbers or words that are few enough to be told apart."""
    if column.is_number:
        return column
    made = column.as_words()
    if not made.levels:
        raise DataError(
            f"{table.path}: group_column: Expected names that come again in column {column.name!r}. Received "
            "too many different ones, or too long ones."
        )
    return made


def _order(
    choice: SeriesChoice, held: Mapping[int, Array], count: int | None = None
) -> tuple[NDArray[np.int64], Floats]:
    """The places of the rows in the order of series and times, and the series of each row in the file."""
    count = len(next(iter(held.values()))) if count is None else count
    codes = np.asarray(held[choice.group], np.float64) if choice.group is not None else np.zeros(count)
    if choice.order is not None:
        return np.lexsort((np.arange(count), held[choice.order], codes)), codes
    return np.argsort(codes, kind="stable"), codes


@dataclass(frozen=True, eq=False)
class _Cut:
    """Where rows in this order are cut into series: where the series changes or a value is `missing`."""

    table: TableOutline
    choice: SeriesChoice
    rows: NDArray[np.int64]
    codes: Floats
    missing: NDArray[np.bool_]
    notes: tuple[str, ...] = ()

    def series(self, inputs: NDArray[np.float32], targets: NDArray[np.float32]) -> SeriesRows:
        """The series of these values, which are in order."""
        count, missing, notes = len(self.rows), self.missing, self.notes
        codes = self.codes[self.rows]
        changes = np.flatnonzero(codes[1:] != codes[:-1]) + 1
        sections = _sections(count, changes, np.flatnonzero(missing))
        names = _names(self.table, self.choice, codes[sections[:, 0]] if len(sections) else np.empty(0))
        if missing.any():
            told = (
                f"{int(missing.sum()):,} of {count:,} rows have no value: series are cut there, into "
                f"{len(sections):,} parts"
            )
            notes = (told, *notes)
        return SeriesRows(inputs, targets, sections, names, notes, self.rows)


def _sections(count: int, changes: NDArray[np.int64], missing: NDArray[np.int64]) -> NDArray[np.int64]:
    """From and to which rows there is neither a change of series nor a gap, `(sections, 2)`."""
    edges = np.unique(np.concatenate([[0, count], changes, missing, missing + 1])).astype(np.int64)
    pairs = np.stack([edges[:-1], edges[1:]], axis=1)
    return pairs[~np.isin(pairs[:, 0], missing)]


def _names(table: TableOutline, choice: SeriesChoice, codes: Floats) -> tuple[str, ...]:
    if choice.group is None:
        return ("",) * len(codes)
    column = table.columns[choice.group]
    if column.is_number:
        return tuple(f"{code:g}" for code in codes)
    return tuple(column.levels[int(code)] for code in codes)


def order_note(table: TableOutline, choice: SeriesChoice) -> str:
    """A sentence where rows are taken as they stand though a column of times does not rise; else empty."""
    if choice.order is not None:
        return ""
    aside = {*choice.inputs, *choice.targets}
    places = [i for i, one in enumerate(table.columns) if one.forms and not one.is_number and i not in aside]
    if len(places) != 1:
        return ""
    place, column = places[0], table.columns[places[0]]
    columns = list(table.columns)
    columns[place] = column.as_dates(column.forms[0])
    if choice.group is not None:
        columns[choice.group] = _grouping(table, columns[choice.group])
    dated = table.with_columns(columns)
    marks = [place] if choice.group is None else [place, choice.group]
    found = read(dated, marks, frozenset(marks[1:]) - _numbered(dated), with_gaps=frozenset({place})).values
    steps = np.diff(found[0])
    if len(found) > 1:
        steps = np.where(np.diff(found[1]) == 0, steps, 0)
    if not (steps < 0).any():
        return ""
    row = int((steps < 0).argmax()) + 2
    return (
        f"rows are taken in the order of the file, though {quoted(column.name)} goes back at row {row:,}: "
        f"set order_column to order by it, or group_column where there are several series"
    )


def _numbered(table: TableOutline) -> frozenset[int]:
    """The places of columns of numbers."""
    return frozenset(i for i, one in enumerate(table.columns) if one.is_number)
