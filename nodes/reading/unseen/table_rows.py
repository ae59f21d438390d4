"""Rows of a table for a trained network: the same columns by their names, each read as in training.

The table may lack the columns that are predicted, and may have others. Its dialect is its own; what a column
holds (words and their order, dates and their form, marks in numbers) is what the training data held.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from nodes.reading.csv_columns import ALWAYS_MISSING, OFTEN_MISSING
from nodes.reading.error import DataError
from nodes.reading.tables.blocks import TableBlock
from nodes.reading.tables.column import TableColumn
from nodes.reading.tables.dates import cyclic
from nodes.reading.tables.outline import TableOutline
from nodes.reading.tables.values import LARGEST, ColumnReader
from nodes.reading.unseen.rows import ColumnRead, ColumnsRead, UnseenBlock
from nodes.shown_text import listed, quoted


class TableRows:
    """The rows of a table as a run's inputs, `(rows, columns)` float64: one column for each word of words.

    `fills` are the values of the columns of the input for cells without one; None: such rows are left out.
    """

    def __init__(
        self, table: TableOutline, columns: ColumnsRead, fills: Sequence[float] | None = None
    ) -> None:
        """Raises `DataError` where a column is not there."""
        self._columns = columns.inputs
        self._at = _places(table, columns)
        read = list(table.columns)
        for place, column in zip(self._at, self._columns, strict=True):
            read[place] = _as_in_training(column)
        self._table = table.with_columns(read)
        self.place = table.source.unit
        self.notes = (*table.notes, *self._unused(columns))
        self._readers = [
            _UnseenColumn(self._table, place, column.words is not None)
            for place, column in zip(self._at, self._columns, strict=True)
        ]
        self._fills = None if fills is None else np.array(fills)

    def _unused(self, columns: ColumnsRead) -> tuple[str, ...]:
        known = {*(column.name for column in columns.inputs), *columns.targets}
        others = [one.name for one in self._table.columns if one.name not in known]
        count = "1 column is" if len(others) == 1 else f"{len(others):,} columns are"
        return (f"{count} not used, as the run has none so: {listed(others)}",) if others else ()

    def blocks(self, size: int) -> Iterator[UnseenBlock]:
        with self._table.source.blocks() as found:
            if self._table.skips_first:
                next(found, None)
            for block in found:
                misfits = block.misfits
                for start in range(0, max(len(block), 1), size):
                    stop = min(start + size, len(block))
                    part = TableBlock(
                        block.lines[start:stop],
                        tuple(column.slice(start, stop - start) for column in block.columns),
                        misfits,
                    )
                    misfits = ()
                    yield self._read(part)

    def _read(self, block: TableBlock) -> UnseenBlock:
        values = [reader.values(block) for reader in self._readers]
        inputs = np.concatenate(
            [_spread(column, found) for column, found in zip(self._columns, values, strict=True)], axis=1
        )
        doubtful = np.zeros(len(block), bool)
        for found in values:
            with np.errstate(invalid="ignore"):
                doubtful |= ~(np.abs(found) <= LARGEST)  # NaN and what is too large
        rows = map(int, np.flatnonzero(doubtful))
        faults = {row: fault for row in rows if (fault := self._fault(block, values, row))}
        faulty = sorted(
            [(block.lines[row], fault) for row, fault in faults.items()]
            + [
                (line, f"expected {len(self._table.columns)} cells, received {cells}")
                for line, cells in block.misfits
            ]
        )
        good = np.array([row not in faults for row in range(len(block))], bool)
        if self._fills is not None:
            inputs = np.where(np.isnan(inputs), self._fills, inputs)
        return UnseenBlock(
            tuple(str(line) for line, is_good in zip(block.lines, good, strict=True) if is_good),
            inputs[good],
            tuple(f"{self.place} {line}: {fault}" for line, fault in faulty),
        )

    def _fault(self, block: TableBlock, values: list[NDArray[np.float64]], row: int) -> str:
        """Why this row cannot be used; empty where it can."""
        for place, column, found in zip(self._at, self._columns, values, strict=True):
            value = found[row]
            if np.isfinite(value) and abs(value) <= LARGEST:
                continue
            cell = str(block.columns[place][row].as_py() or "").strip()
            small = cell.lower()
            if small in ALWAYS_MISSING or (column.words is None and small in OFTEN_MISSING) or small == "nan":
                if self._fills is not None:
                    continue
                return f"no value in column {quoted(column.name)}"
            if column.words is not None:
                return (
                    f"column {quoted(column.name)}: expected one of the {len(column.words):,} words of the "
                    f"training data ({listed(column.words, 3)}), received {quoted(cell)}"
                )
            wanted = "a date or time as in the training data" if column.form else "a number"
            return f"column {quoted(column.name)}: expected {wanted}, received {quoted(cell)}"
        return ""


class _UnseenColumn(ColumnReader):
    """Reads one column; a cell that training did not have is no value here, and its row is named."""

    def _require_known(self, _cell: str, _block: TableBlock, _row: int) -> None:
        return


def _as_in_training(column: ColumnRead) -> TableColumn:
    return TableColumn(
        column.name,
        column.words is None,
        False,
        column.words or (),
        marks=column.marks,
        form=column.form,
        mixed=True,
    )


def _places(table: TableOutline, columns: ColumnsRead) -> list[int]:
    """At which place each wanted column is. Raises `DataError`."""
    names = [column.name for column in table.columns]
    wanted = [column.name for column in columns.inputs]
    missing = [name for name in wanted if name not in names]
    if missing:
        raise DataError(
            f"{table.path}: Expected the columns that the run was trained on, {listed(wanted)}. "
            f"Received a table without {listed(missing)}; it has {listed(names)}."
        )
    return [names.index(name) for name in wanted]


def _spread(column: ColumnRead, found: NDArray[np.float64]) -> NDArray[np.float64]:
    """A column as `(n, 1)`, words as zeros and ones `(n, words)`, dates also as places on circles."""
    if column.words is None:
        circles = cyclic(found, is_time=column.form == "time of day") if column.rounds else {}
        return np.stack([found, *circles.values()], axis=1)
    spread = np.zeros((len(found), len(column.words)))
    rows = np.flatnonzero(~np.isnan(found))
    spread[rows, found[rows].astype(np.int64)] = 1
    return spread


def number_columns(names: Sequence[str]) -> ColumnsRead:
    """Columns of numbers by these names."""
    return ColumnsRead(tuple(ColumnRead(name) for name in names))
