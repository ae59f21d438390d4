"""The columns of a table as numbers, block by block; rows without a value are left out, or keep NaN.

How each column is read was learnt before (`nodes.reading.tables.outline`); a table that has changed since is
told.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from nodes.reading.csv_columns import ALWAYS_MISSING, OFTEN_MISSING, as_float, level
from nodes.reading.error import DataError
from nodes.reading.tables.blocks import TableBlock
from nodes.reading.tables.column import number_word, plain_numbers, seconds_of
from nodes.reading.tables.dates import DIGITS
from nodes.reading.tables.outline import TableOutline
from nodes.reading.tables.told.far_numbers import numbers_among
from nodes.shown_text import quoted

LARGEST = 3e38
"""Larger numbers are none in single precision."""
MOST_NAMED = 100
"""Skipped lines that are named one by one."""
OTHER_CELLS = "another number of cells"
"""Why a row is left out that does not fit the table."""
_ALWAYS = pa.array(sorted(ALWAYS_MISSING))


@dataclass
class SkippedRows:
    """Rows that were left out: the first hundred by name, the others counted, all by their reason."""

    rows: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    named: list[str] = field(default_factory=list)

    def add(self, unit: str, line: int, reason: str, kind: str) -> None:
        """Note a row. `kind` is its reason without numbers."""
        self.rows += 1
        self.reasons[kind] += 1
        if len(self.named) < MOST_NAMED:
            self.named.append(f"{unit} {line}: {reason}")

    def add_unnamed(self, count: int, kind: str) -> None:
        """Note rows that are not named."""
        self.rows += count
        self.reasons[kind] += count

    @property
    def is_full(self) -> bool:
        """Whether no more rows are named."""
        return len(self.named) >= MOST_NAMED

    def lines(self) -> tuple[str, ...]:
        """The rows by name, and how many more there are."""
        kind = self.named[0].partition(" ")[0] if self.named else "line"
        more = self.rows - len(self.named)
        return (*self.named, f"and {more:,} more {kind}s") if more else tuple(self.named)

    def sentence(self, total: int) -> str:
        """How many of all rows are left out, and why; empty where none is."""
        if not self.rows:
            return ""
        why = ", ".join(f"{kind} ({count:,})" for kind, count in self.reasons.most_common(5))
        more = f" and {len(self.reasons) - 5:,} other reasons" if len(self.reasons) > 5 else ""
        return f"{self.rows:,} of {total:,} rows {'is' if self.rows == 1 else 'are'} left out: {why}{more}"


@dataclass(frozen=True, eq=False)
class ReadColumns:
    """Columns as float64, each `(rows)`, and the rows that were left out.

    Words are places among the levels of their column. `kept` are the places of the rows among those of the
    table that have as many cells as it has columns.
    """

    values: tuple[NDArray[np.float64], ...]
    left_out: SkippedRows
    kept: NDArray[np.int64]


class ColumnBlocks:
    """The columns at some places of a table, read block by block, and the rows that were left out meanwhile.

    Those in `words` are places among their levels (of too many words: numbers of their own, equal for equal
    words). A row is left out where one of these cells is missing or the row has too few or too many cells; of
    columns `with_gaps` a missing value is NaN instead.
    """

    def __init__(
        self,
        table: TableOutline,
        places: Sequence[int],
        words: frozenset[int],
        with_gaps: frozenset[int] = frozenset(),
    ) -> None:
        self._table, self._places, self._with_gaps = table, places, with_gaps
        self._readers = [ColumnReader(table, place, place in words) for place in places]
        self.left_out = SkippedRows()

    def __iter__(self) -> Iterator[tuple[list[NDArray[np.float64]], NDArray[np.int64]]]:
        """The columns of each block, each `(rows)`, and the places of its rows among those of the table that
        have as many cells as it has columns. Raises `DataError`.
        """
        largest, rows = [0.0] * len(self._places), 0
        with self._table.source.blocks() as found:
            if self._table.skips_first:
                next(found, None)
            for block in found:
                values = [reader.values(block) for reader in self._readers]
                whole = _whole(self._table, block, self._places, values, self._with_gaps, self.left_out)
                columns = [column[whole] for column in values]
                largest = [_larger(one, column) for one, column in zip(largest, columns, strict=True)]
                yield columns, rows + np.flatnonzero(whole)
                rows += len(block)
        for place, value in zip(self._places, largest, strict=True):
            _require_single(self._table, place, value)


def read(
    table: TableOutline,
    places: Sequence[int],
    words: frozenset[int],
    *,
    with_gaps: frozenset[int] = frozenset(),
) -> ReadColumns:
    """The columns at these places, as `ColumnBlocks` reads them, in memory. Raises `DataError`."""
    filled = [array("d") for _ in places]
    blocks, kept = ColumnBlocks(table, places, words, with_gaps), [np.zeros(0, np.int64)]
    for columns, rows in blocks:
        for target, column in zip(filled, columns, strict=True):
            target.frombytes(np.ascontiguousarray(column).tobytes())
        kept.append(rows)
    found = tuple(np.frombuffer(values, np.float64) if values else np.empty(0) for values in filled)
    return ReadColumns(found, blocks.left_out, np.concatenate(kept))


def _whole(
    table: TableOutline,
    block: TableBlock,
    places: Sequence[int],
    values: list[NDArray[np.float64]],
    with_gaps: frozenset[int],
    left_out: SkippedRows,
) -> NDArray[np.bool_]:
    """Which rows of a block have no gap; the others are noted in the order of their lines."""
    needed = [(place, column) for place, column in zip(places, values, strict=True) if place not in with_gaps]
    gaps = np.zeros(len(block), bool)
    for _, column in needed:
        gaps |= np.isnan(column)
    if not block.misfits and not gaps.any():
        return ~gaps
    reasons: list[tuple[int, str, str]] = [
        (line, f"expected {len(table.columns)} cells, received {cells}", OTHER_CELLS)
        for line, cells in block.misfits
    ]
    for row in np.flatnonzero(gaps):
        place = next(place for place, column in needed if np.isnan(column[row]))
        reason = f"no value in column {table.columns[place].name!r}"
        reasons.append((block.lines[int(row)], reason, reason))
    unit = table.source.unit
    for line, reason, kind in sorted(reasons):
        left_out.add(unit, line, reason, kind)
    return ~gaps


class ColumnReader:
    """Reads one column, block by block, each as it was learnt."""

    def __init__(self, table: TableOutline, place: int, is_words: bool, *, is_strict: bool = True) -> None:
        """`is_strict`: a value that was not there when the table was looked at is an error, else a gap."""
        self._is_strict = is_strict
        self._table, self._place = table, place
        self._column = table.columns[place]
        self._codes = {word: code for code, word in enumerate(self._column.levels)} if is_words else None
        self._grows = is_words and not self._column.levels and not self._column.is_number
        missing = table.choice.missing_words
        self._missing = None if missing is None else frozenset(word.lower() for word in missing)
        self._gaps = numbers_among(missing)

    def values(self, block: TableBlock) -> NDArray[np.float64]:
        """The cells of a block, NaN where there is no value."""
        cells = block.columns[self._place]
        if not len(cells):
            return np.empty(0)
        if not pa.types.is_string(cells.type):
            if self._codes is None and self._column.form == DIGITS:
                cells = pc.cast(pc.cast(cells, pa.int64(), safe=False), pa.string())
                return self._seconds(pc.fill_null(cells, ""), block)
            return self._coded_numbers(cells) if self._codes is not None else self._without(_floats(cells))
        if self._codes is None and not self._column.marks and not self._column.form:
            found = plain_numbers(cells)
            if found is not None:
                return self._without(found)
        bare = pc.utf8_trim_whitespace(cells)
        if self._column.form and self._codes is None:
            return self._seconds(bare, block)
        return self._one_by_one(bare, block)

    def _without(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The same numbers, NaN for those that somebody said stand for no value."""
        if not len(self._gaps) or not (gaps := np.isin(values, self._gaps)).any():
            return values
        return np.where(gaps, np.nan, values)

    def _seconds(self, cells: Any, block: TableBlock) -> NDArray[np.float64]:
        found = seconds_of(cells, self._column.form)
        if np.isnan(found).any():
            for row in np.flatnonzero(np.isnan(found)):
                self._require_known(cells[int(row)].as_py(), block, int(row))
        return found

    def _one_by_one(self, cells: Any, block: TableBlock) -> NDArray[np.float64]:
        """Each different cell is looked at once."""
        found = pc.dictionary_encode(cells)
        values = np.empty(len(found.dictionary), np.float64)
        codes = found.indices.to_numpy(zero_copy_only=False)
        for i, cell in enumerate(found.dictionary.to_pylist()):
            value = self._value(cell)
            if value is None:
                self._require_known(cell, block, int((codes == i).argmax()))
                value = np.nan
            values[i] = value
        found_values: NDArray[np.float64] = values[codes]
        return found_values

    def _value(self, cell: str) -> float | None:
        """The number of a cell; None where there is none, or none that is known."""
        if self._codes is not None:
            if self._column.is_number:
                return self._codes.get(level(cell))
            if self._is_missing(cell):
                return None
            return self._codes.setdefault(cell, len(self._codes)) if self._grows else self._codes.get(cell)
        if self._column.marks:
            return self._column.marks.number(cell)
        value = as_float(cell)
        return value if value is not None and np.isfinite(value) and value not in self._gaps else None

    def _is_missing(self, cell: str) -> bool:
        small = cell.lower()
        return small in ALWAYS_MISSING or small in (self._missing or ())

    def _require_known(self, cell: str, block: TableBlock, row: int) -> None:
        """Raise `DataError` for a cell that has a value which was not there before."""
        column = self._column
        if (
            not self._is_strict
            or self._is_missing(cell)
            or (column.is_number and cell.lower() in OFTEN_MISSING)
        ):
            return
        value = as_float(cell)
        if value is not None and value in self._gaps:
            return
        if (
            column.is_number
            and self._codes is None
            and (column.mixed or (value is not None and not np.isfinite(value)))
        ):
            return
        if value is not None and not np.isfinite(value):
            return
        raise DataError(
            f"{self._table.path}, {self._table.source.unit} {block.lines[row]:,}: Expected in column "
            f"{column.name!r} what was there when the table was looked at. Received {quoted(cell)}; the file "
            "changes while it is read."
        )

    def _coded_numbers(self, cells: Any) -> NDArray[np.float64]:
        """Numbers of a typed file as places among the levels."""
        assert self._codes is not None
        found = pc.dictionary_encode(cells)
        known = [self._codes.get(number_word(one), np.nan) for one in found.dictionary.to_pylist()]
        codes = pc.fill_null(found.indices, len(known)).to_numpy(zero_copy_only=False)
        values: NDArray[np.float64] = np.array([*known, np.nan])[codes]
        return values


def _floats(cells: Any) -> NDArray[np.float64]:
    cast: Any = pc.cast(cells, pa.float64(), safe=False)
    found: NDArray[np.float64] = np.array(cast, np.float64)
    found[~np.isfinite(found)] = np.nan
    return found


def _larger(largest: float, values: NDArray[np.float64]) -> float:
    """The value that is farthest from 0, of one and some others; the first of several."""
    if not len(values):
        return largest
    with np.errstate(invalid="ignore"):
        sizes = np.abs(values)
    if not np.nanmax(sizes, initial=0.0) > abs(largest):
        return largest
    return float(values[np.nanargmax(sizes)])


def _require_single(table: TableOutline, place: int, largest: float) -> None:
    if abs(largest) > LARGEST:
        raise DataError(
            f"{table.path}: Expected numbers up to {LARGEST:g} in column {table.columns[place].name!r}. "
            f"Received {largest:g}."
        )
