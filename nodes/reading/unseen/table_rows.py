"""Rows of a table for a trained network: the same columns by their names, words coded as in training.

The table may lack the columns that are predicted, and may have others. A file is never held as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nodes.reading.csv_columns import is_missing, is_number, level, numbers
from nodes.reading.csv_rows import RowBlock, blocks, delimiter_of
from nodes.reading.csv_table import LARGEST
from nodes.reading.error import DataError
from nodes.reading.unseen.rows import ColumnRead, ColumnsRead, UnseenBlock
from nodes.shown_text import listed, quoted

_NUMBERED = re.compile(r"column ([1-9]\d{0,5})")
"""The name of a column of a table without a line of names."""


class TableRows:
    """The rows of a table as a run's inputs, `(rows, columns)` float32: one column for each word of words."""

    place = "line"

    def __init__(self, path: Path, columns: ColumnsRead) -> None:
        """Reads the first line. Raises `DataError` where a column is not there."""
        self._path, self._columns = path, columns.inputs
        self._delimiter = delimiter_of(path)
        with blocks(path, self._delimiter) as found:
            first = next(found, None)
        if first is None:
            raise DataError(f"{path}: Expected a table with rows. Received an empty file.")
        cells = [cell.strip() for cell in first.rows[0]]
        self._width = len(cells)
        self._has_names, self._at = _places(path, cells, columns)
        self.notes = self._unused(cells, columns) if self._has_names else ()
        self._codes = [
            None if column.words is None else {word: code for code, word in enumerate(column.words)}
            for column in self._columns
        ]

    def _unused(self, cells: list[str], columns: ColumnsRead) -> tuple[str, ...]:
        known = {*(column.name for column in columns.inputs), *columns.targets}
        others = [name for name in cells if name and name not in known]
        count = "1 column is" if len(others) == 1 else f"{len(others):,} columns are"
        return (f"{count} not used, as the run has none so: {listed(others)}",) if others else ()

    def blocks(self, size: int) -> Iterator[UnseenBlock]:
        with blocks(self._path, self._delimiter) as found:
            if self._has_names:
                next(found, None)
            for block in found:
                for start in range(0, len(block.rows), size):
                    part = slice(start, start + size)
                    yield self._read(RowBlock(block.lines[part], block.rows[part]))

    def _read(self, block: RowBlock) -> UnseenBlock:
        whole = self._whole(block)
        if whole is not None:
            return UnseenBlock(tuple(map(str, block.lines)), whole)
        lines, rows, skipped = [], [], []
        for line, row in zip(block.lines, block.rows, strict=True):
            fault = self._fault(row)
            if fault:
                skipped.append(f"line {line}: {fault}")
            else:
                lines.append(line)
                rows.append(row)
        kept = self._whole(RowBlock(lines, rows)) if rows else self._empty()
        assert kept is not None, "a row without a fault can be read"
        return UnseenBlock(tuple(map(str, lines)), kept, tuple(skipped))

    def _empty(self) -> NDArray[np.float32]:
        return np.empty((0, sum(1 if one.words is None else len(one.words) for one in self._columns)), "f4")

    def _whole(self, block: RowBlock) -> NDArray[np.float32] | None:
        """The rows of a block in which every wanted cell can be used; None where one cannot."""
        if any(len(row) != self._width for row in block.rows):
            return None
        cells, made = list(zip(*block.rows, strict=True)), []
        for at, codes in zip(self._at, self._codes, strict=True):
            column = _single(cells[at]) if codes is None else _one_hot(cells[at], codes)
            if column is None:
                return None
            made.append(column)
        return np.concatenate(made, axis=1)

    def _fault(self, row: Sequence[str]) -> str:
        """Why this row cannot be used; empty where it can."""
        if len(row) != self._width:
            return f"expected {self._width} cells, received {len(row)}"
        for at, column, codes in zip(self._at, self._columns, self._codes, strict=True):
            cell = row[at].strip()
            if codes is not None and _code(cell, codes) >= 0:
                continue
            if is_missing(cell):
                return f"no value in column {quoted(column.name)}"
            if codes is not None:
                return (
                    f"column {quoted(column.name)}: expected one of the {len(codes):,} words of the training "
                    f"data ({listed(codes, 3)}), received {quoted(cell)}"
                )
            if codes is None and (not is_number(cell) or abs(float(cell)) > LARGEST):
                return f"column {quoted(column.name)}: expected a number, received {quoted(cell)}"
        return ""


def _places(path: Path, cells: list[str], columns: ColumnsRead) -> tuple[bool, list[int]]:
    """Whether the first line has names, and at which place each wanted column is. Raises `DataError`."""
    wanted = [column.name for column in columns.inputs]
    missing = [name for name in wanted if name not in cells]
    if not missing:
        twice = [name for name in wanted if cells.count(name) > 1]
        if twice:
            raise DataError(
                f"{path}: Expected different column names. Received {quoted(twice[0])} more than once."
            )
        return True, [cells.index(name) for name in wanted]
    numbered = [_NUMBERED.fullmatch(name) for name in (*wanted, *columns.targets)]
    if all(numbered) and not any(name in cells for name in wanted):
        return False, _numbered(path, len(cells), columns)
    raise DataError(
        f"{path}: Expected the columns that the run was trained on, {listed(wanted)}. "
        f"Received a table without {listed(missing)}; it has {listed(cells)}."
    )


def _numbered(path: Path, width: int, columns: ColumnsRead) -> list[int]:
    """The places of columns in a table without names, which may end before those that are predicted."""
    inputs = [int(column.name.removeprefix("column ")) for column in columns.inputs]
    targets = [int(name.removeprefix("column ")) for name in columns.targets]
    ends_with_targets = not targets or min(targets) > max(inputs)
    least = max(inputs) if ends_with_targets else max(*inputs, *targets)
    if width < least:
        raise DataError(f"{path}: Expected at least {least} columns, as in training. Received {width}.")
    return [number - 1 for number in inputs]


def _single(cells: Sequence[str]) -> NDArray[np.float32] | None:
    values = numbers(cells)
    if values is None or np.abs(values).max(initial=0.0) > LARGEST:
        return None
    return values[:, None].astype(np.float32)


def _code(cell: str, codes: dict[str, int]) -> int:
    """The place of a word, as it is written or as the number that it is; -1: there is none."""
    return codes.get(cell, codes.get(level(cell), -1))


def _one_hot(cells: Sequence[str], codes: dict[str, int]) -> NDArray[np.float32] | None:
    found = [_code(cell.strip(), codes) for cell in cells]
    if min(found) < 0:
        return None
    spread = np.zeros((len(found), len(codes)), np.float32)
    spread[np.arange(len(found)), found] = 1
    return spread


def number_columns(names: Sequence[str]) -> ColumnsRead:
    """Columns of numbers by these names."""
    return ColumnsRead(tuple(ColumnRead(name) for name in names))
