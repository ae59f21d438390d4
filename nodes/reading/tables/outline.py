"""What a table is: its columns, whether its first row names them, how many rows it has.

A table is gone through once to learn what each column is; that is kept as long as the file stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from nodes.reading.csv_columns import is_number
from nodes.reading.csv_rows import MOST_COLUMNS, too_wide
from nodes.reading.error import DataError
from nodes.reading.look import Doubt, Fact
from nodes.reading.tables.blocks import TableBlock, TableSource
from nodes.reading.tables.column import TableColumn
from nodes.reading.tables.first_row import NAMES, FirstRow, first_row, names_of
from nodes.reading.tables.learner import ColumnLearner
from nodes.reading.tables.seen.counted_cells import Words
from nodes.reading.tables.seen.together import see_all
from nodes.reading.tables.told import totals
from nodes.shown_text import listed

LONGEST_NAME = 1000
"""Characters in the name of a column."""
MOST_REMEMBERED = 128 << 20
"""Bytes that the different values of all columns may take while a table is looked at."""
COMPARED = 300_000
"""Rows of which it is told how many are the same as another."""
FIRST_ROWS = 24
"""Rows that are kept to be shown."""


@dataclass(frozen=True)
class RowChoice:
    """What a person chose of how rows are read: what the first row is, and which words stand for no value
    (None: those that do among numbers)."""

    first_row: str = "auto"
    missing_words: tuple[str, ...] | None = None


@dataclass(frozen=True)
class TableOutline:
    """A table after the first pass: its columns, how many rows it has, and how it is read.

    `first` is what the first row was taken for; None: the file names its columns. `misfits` counts rows with
    another number of cells, `alike` rows that are the same as an earlier one of the first `compared`.
    """

    path: Path
    source: TableSource
    first: FirstRow | None
    columns: tuple[TableColumn, ...]
    rows: int
    choice: RowChoice = RowChoice()
    misfits: int = 0
    alike: int = 0
    compared: int = 0
    facts: tuple[Fact, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    notes: tuple[str, ...] = ()
    shown: tuple[tuple[str, ...], ...] = field(default=(), repr=False)

    @property
    def has_names(self) -> bool:
        """Whether the first row has the names of the columns."""
        return self.first is None or self.first.taken == NAMES

    @property
    def skips_first(self) -> bool:
        """Whether the first row is none of the table's."""
        return self.first is not None and self.first.taken != "data"

    def find(self, name: str) -> int:
        """The place of a column. Raises `DataError` with the first names that there are."""
        for i, column in enumerate(self.columns):
            if column.name == name:
                return i
        names = listed(column.name for column in self.columns)
        raise DataError(f"{self.path}: Expected one of the columns {names}. Received {name!r}.")

    def with_columns(self, columns: Sequence[TableColumn]) -> TableOutline:
        """The same table, its columns read otherwise."""
        return replace(self, columns=tuple(columns))


def learn(source: TableSource, choice: RowChoice) -> TableOutline:
    """What the columns of a table are. Raises `DataError`."""
    pass_ = _FirstPass(source, choice)
    with source.blocks() as found:
        if source.names is not None:
            return pass_.named(found, source.names)
        first = next(found, None)
        if first is None or not len(first):
            raise DataError(
                f"{source.path}: Expected a table with a line of column names. Received an empty file."
            )
        return pass_.unnamed(first, found)


class _FirstPass:
    """Goes through the rows of a table once."""

    def __init__(self, source: TableSource, choice: RowChoice) -> None:
        self._source, self._choice = source, choice
        self._path = source.path
        self._words: Words | None = None
        if choice.missing_words is not None:
            self._words = frozenset(word.lower() for word in choice.missing_words)
        self._learners: list[ColumnLearner] = []
        self._misfit: tuple[int, int] | None = None
        self._misfits, self._rows, self._alike = 0, 0, 0
        self._seen: set[int] = set()
        self._shown: list[tuple[str, ...]] = []
        self._last: tuple[str, ...] = ()

    def named(self, found: Iterator[TableBlock], names: tuple[str, ...]) -> TableOutline:
        """A table whose file names the columns."""
        self._begin(len(names), 0)
        self._require_short(names, 0)
        for block in found:
            self._learn(block)
        return self._outline(None, [*names])

    def unnamed(self, first: TableBlock, found: Iterator[TableBlock]) -> TableOutline:
        """A table whose first row may have the names."""
        cells = [str(column[0].as_py() or "").strip() for column in first.columns]
        self._begin(len(cells), first.lines[0])
        if not all(is_number(cell) for cell in cells if cell):
            self._require_short(cells, first.lines[0])
        for block in found:
            self._learn(block)
        taken = first_row(cells, self._learners, self._choice.first_row, self._rows)
        if taken.taken == "data":
            (shown, self._shown), last = (self._shown, []), self._last
            self._learn(first)
            self._last = last or self._last
            self._shown = [*self._shown, *shown][:FIRST_ROWS]
        return self._outline(taken, cells, first.lines[0])

    def _begin(self, width: int, line: int) -> None:
        if width > MOST_COLUMNS:
            raise too_wide(self._path, line, width)
        texts = self._source.is_text or (False,) * width
        self._learners = [ColumnLearner(self._words, is_text, self._source.decimals) for is_text in texts]

    def _require_short(self, names: Sequence[str], line: int) -> None:
        longest = max(map(len, names), default=0)
        if longest > LONGEST_NAME:
            raise DataError(
                f"{self._path}, {self._source.unit} {line:,}: Expected column names of at most "
                f"{LONGEST_NAME:,} characters. Received one of {longest:,}."
            )

    def _learn(self, block: TableBlock) -> None:
        """Show the columns of a block to those who learn."""
        self._misfits += len(block.misfits)
        if block.misfits and self._misfit is None:
            self._misfit = block.misfits[0]
        if not len(block):
            return
        self._rows += len(block)
        see_all(self._learners, block.columns)
        cells = (column[len(block) - 1].as_py() for column in block.columns)
        self._last = tuple("" if one is None else str(one) for one in cells)
        self._compare(block)
        if len(self._shown) < FIRST_ROWS:
            rows = zip(*(column.slice(0, FIRST_ROWS).to_pylist() for column in block.columns), strict=True)
            self._shown += [tuple("" if one is None else str(one) for one in row) for row in rows]
            del self._shown[FIRST_ROWS:]
        self._require_room(block)

    def _compare(self, block: TableBlock) -> None:
        """Count the rows that were there before."""
        if len(self._seen) + self._alike + len(block) > COMPARED:
            return
        words = [_as_words(column) for column in block.columns]
        rows = pc.binary_join_element_wise(*words, "\x1f") if len(words) > 1 else words[0]
        keys = set(map(hash, rows.to_pylist()))
        before = len(self._seen)
        self._seen |= keys
        self._alike += len(block) - (len(self._seen) - before)

    def _require_room(self, block: TableBlock) -> None:
        if sum(learner.remembered for learner in self._learners) <= MOST_REMEMBERED:
            return
        for learner in self._learners:
            if learner.is_measured:
                learner.forget()
        if sum(learner.remembered for learner in self._learners) > MOST_REMEMBERED:
            raise DataError(
                f"{self._path}, {self._source.unit} {block.lines[-1]:,}: Expected different words of at most "
                f"{MOST_REMEMBERED:,} bytes in all columns together. Received more; leave out columns of "
                "free text."
            )

    def _outline(self, first: FirstRow | None, cells: list[str], line: int = 0) -> TableOutline:
        if not self._rows and self._misfit:
            raise DataError(
                f"{self._path}, {self._source.unit} {self._misfit[0]:,}: Expected {len(cells)} cells, as in "
                f"the first line, with {self._separator!r} between two. Received {self._misfit[1]}, and no "
                "line fits."
            )
        names, notes = names_of(cells, first is None or first.taken == NAMES)
        where = f"{self._path}, {self._source.unit} {line:,}"
        told = self._source.told()
        return TableOutline(
            self._path,
            self._source,
            first,
            tuple(one.column(name) for name, one in zip(names, self._learners, strict=True)),
            self._rows,
            self._choice,
            self._misfits,
            self._alike,
            len(self._seen) + self._alike,
            (*told.facts, *((first.fact(),) if first else ())),
            (
                *told.doubts,
                *(first.doubts(where) if first else ()),
                *totals.doubts_of(self._last, self._rows, str(self._path)),
            ),
            (*told.notes, *notes),
            tuple(self._shown),
        )

    @property
    def _separator(self) -> str:
        dialect = getattr(self._source, "dialect", None)
        return dialect.separator if dialect else ","


def _as_words(column: Any) -> Any:
    """Cells as words; nothing as ""."""
    if pa.types.is_string(column.type) and not column.null_count:
        return column
    return pc.fill_null(pc.cast(column, pa.string()), "")
