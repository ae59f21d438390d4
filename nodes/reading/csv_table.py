"""CSV files: their columns, which of them are numbers, and the rows of those that are wanted.

A file is gone through twice and never held as text: once to learn what each column is, which is kept as long
as the file stays as it is, and once to fill arrays.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nodes.reading.csv_columns import CsvColumn, Learner, is_missing, is_number, level, numbers
from nodes.reading.csv_rows import MOST_COLUMNS, RowBlock, blocks, delimiter_of, too_wide
from nodes.reading.error import DataError
from nodes.reading.kept import KeptAnswers
from nodes.shown_text import listed

LARGEST = 3e38
"""Larger numbers are none in single precision."""
LONGEST_NAME = 1000
"""Characters in the name of a column."""
MOST_REMEMBERED = 128 << 20
"""Bytes that the different values of all columns may take while a table is looked at."""
MOST_NAMED = 100
"""Skipped lines that are named one by one."""


@dataclass(frozen=True)
class CsvOutline:
    """A CSV file after the first pass: what separates its cells, its columns and how many rows it has."""

    path: Path
    delimiter: str
    has_names: bool
    columns: tuple[CsvColumn, ...]
    rows: int

    def find(self, name: str) -> int:
        """The place of a column. Raises `DataError` with the first names that there are."""
        for i, column in enumerate(self.columns):
            if column.name == name:
                return i
        names = listed(column.name for column in self.columns)
        raise DataError(f"{self.path}: Expected one of the columns {names}. Received {name!r}.")


_outlines: KeptAnswers[CsvOutline] = KeptAnswers(8)


def outline(path: Path) -> CsvOutline:
    """What the columns of a CSV file are; each version of it is gone through once. Raises `DataError`."""
    return _outlines.of_file(path, lambda: _outline(path))


def _outline(path: Path) -> CsvOutline:
    delimiter = delimiter_of(path)
    with blocks(path, delimiter) as found:
        first = next(found, None)
        if first is None:
            raise DataError(f"{path}: Expected a table with a line of column names. Received an empty file.")
        names, has_names = _names(path, first)
        learners = [Learner() for _ in names]
        misfits: list[tuple[int, int]] = []
        rows = sum(_learn(path, learners, block, misfits) for block in found)
        if has_names and not _are_names(first, learners):
            names, has_names = [f"column {i}" for i in range(1, len(names) + 1)], False
        if not has_names:
            rows += _learn(path, learners, first, misfits)
    _require_different(path, first, names)
    if not rows and misfits:
        raise DataError(
            f"{path}, line {misfits[0][0]:,}: Expected {len(names)} cells, as in the first line, with "
            f"{delimiter!r} between two. Received {misfits[0][1]}, and no line fits."
        )
    columns = tuple(learner.column(name) for name, learner in zip(names, learners, strict=True))
    return CsvOutline(path, delimiter, has_names, columns, rows)


def _names(path: Path, first: RowBlock) -> tuple[list[str], bool]:
    """The names of the columns, and whether the first line has them."""
    cells = [cell.strip() for cell in first.rows[0]]
    place = f"{path}, line {first.lines[0]:,}"
    if len(cells) > MOST_COLUMNS:
        raise too_wide(path, first.lines[0], len(cells))
    numbered = [f"column {i}" for i in range(1, len(cells) + 1)]
    if all(is_number(cell) for cell in cells if cell):
        return numbered, False
    names = [cell or number for cell, number in zip(cells, numbered, strict=True)]
    longest = max(map(len, names))
    if longest > LONGEST_NAME:
        raise DataError(
            f"{place}: Expected column names of at most {LONGEST_NAME:,} characters. "
            f"Received one of {longest:,}."
        )
    if not any(is_number(cell) for cell in cells):
        _require_different(path, first, names)  # a long file is not gone through first
    return names, True


def _are_names(first: RowBlock, learners: list[Learner]) -> bool:
    """Whether the first row has names: not so where it has numbers, and words only that come again below."""
    cells = [cell.strip() for cell in first.rows[0]]
    return not (
        any(is_number(cell) for cell in cells)
        and all(learner.knows(cell) for learner, cell in zip(learners, cells, strict=True))
    )


def _require_different(path: Path, first: RowBlock, names: list[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            place = f"{path}, line {first.lines[0]:,}"
            raise DataError(f"{place}: Expected different column names. Received {name!r} twice.")
        seen.add(name)


def _learn(path: Path, learners: list[Learner], block: RowBlock, misfits: list[tuple[int, int]]) -> int:
    """Show the columns of a block to those who learn; says how many of its rows count.

    The first row that has too many or too few cells joins the `misfits`: its line, and how many it has.
    """
    rows = [row for row in block.rows if len(row) == len(learners)]
    if not misfits and len(rows) < len(block.rows):
        wrong = ((n, len(row)) for n, row in zip(block.lines, block.rows, strict=True))
        misfits.append(next(one for one in wrong if one[1] != len(learners)))
    for learner, cells in zip(learners, zip(*rows, strict=True), strict=True) if rows else ():
        learner.see(cells)
    if sum(learner.remembered for learner in learners) > MOST_REMEMBERED:
        for learner in learners:
            if learner.is_measured:
                learner.forget()
    if sum(learner.remembered for learner in learners) > MOST_REMEMBERED:
        raise DataError(
            f"{path}, line {block.lines[-1]:,}: Expected different words of at most {MOST_REMEMBERED:,} "
            "bytes in all columns together. Received more; leave out columns of free text."
        )
    return len(rows)


def read(
    table: CsvOutline, places: list[int], words: frozenset[int]
) -> tuple[list[NDArray[np.float64]], tuple[str, ...]]:
    """The columns at these places, those in `words` as places among their levels; and the lines left out.

    A row is left out where one of these cells is missing or the row has too few or too many cells. Raises
    `DataError`.
    """
    filled = [array("d") for _ in places]
    codes = {i: {level: code for code, level in enumerate(table.columns[i].levels)} for i in words}
    skipped = _Skipped()
    with blocks(table.path, table.delimiter) as found:
        if table.has_names:
            next(found, None)
        for block in found:
            whole = _whole(table, block, places, codes)
            values = whole if whole is not None else _one_by_one(table, block, places, codes, skipped)
            for target, column in zip(filled, values, strict=True):
                target.frombytes(np.ascontiguousarray(column).tobytes())
    columns = [np.frombuffer(values, np.float64) if values else np.empty(0) for values in filled]
    for place, column in zip(places, columns, strict=True):
        _require_single(table, place, column)
    return columns, skipped.lines()


Codes = dict[int, dict[str, int]]


def _whole(
    table: CsvOutline, block: RowBlock, places: list[int], codes: Codes
) -> list[NDArray[np.float64]] | None:
    """The wanted columns of a block of which every row is whole; None where one is not."""
    if any(len(row) != len(table.columns) for row in block.rows):
        return None
    cells, values = list(zip(*block.rows, strict=True)), []
    for place in places:
        column = _coded(cells[place], codes[place]) if place in codes else numbers(cells[place])
        if column is None:
            return None
        values.append(column)
    return values


def _coded(cells: tuple[str, ...], codes: dict[str, int]) -> NDArray[np.float64] | None:
    found = [codes.get(level(cell.strip()), -1) for cell in cells]
    return None if min(found) < 0 else np.array(found, np.float64)


def _one_by_one(
    table: CsvOutline, block: RowBlock, places: list[int], codes: Codes, skipped: _Skipped
) -> NDArray[np.float64]:
    """The wanted columns (places, rows) of a block, rows with a gap left out."""
    kept: list[list[float]] = []
    for line, row in zip(block.lines, block.rows, strict=True):
        if len(row) != len(table.columns):
            skipped.add(f"line {line}: expected {len(table.columns)} cells, received {len(row)}")
            continue
        cells = [row[i].strip() for i in places]
        gap = next((i for i, cell in zip(places, cells, strict=True) if is_missing(cell)), None)
        if gap is not None:
            skipped.add(f"line {line}: no value in column {table.columns[gap].name!r}")
            continue
        kept.append([_value(table, line, *one, codes) for one in zip(places, cells, strict=True)])
    return np.array(kept, np.float64).reshape(len(kept), len(places)).T


def _value(table: CsvOutline, line: int, place: int, cell: str, codes: Codes) -> float:
    try:
        return codes[place][level(cell)] if place in codes else float(cell)
    except (KeyError, ValueError) as error:
        raise DataError(
            f"{table.path}, line {line:,}: Expected in column {table.columns[place].name!r} what was there "
            f"when the table was looked at. Received {cell!r}; the file changes while it is read."
        ) from error


def _require_single(table: CsvOutline, place: int, values: NDArray[np.float64]) -> None:
    if len(values) and np.abs(values).max() > LARGEST:
        raise DataError(
            f"{table.path}: Expected numbers up to {LARGEST:g} in column {table.columns[place].name!r}. "
            f"Received {values[np.abs(values).argmax()]:g}."
        )


class _Skipped:
    """Lines that were left out: the first hundred by name, the rest counted."""

    def __init__(self) -> None:
        self._named: list[str] = []
        self._more = 0

    def add(self, line: str) -> None:
        if len(self._named) < MOST_NAMED:
            self._named.append(line)
        else:
            self._more += 1

    def lines(self) -> tuple[str, ...]:
        return (*self._named, f"and {self._more:,} more lines") if self._more else tuple(self._named)
