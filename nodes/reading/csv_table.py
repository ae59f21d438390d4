"""CSV files: their columns, which of them are numbers, and the rows of those that are wanted.

A file is gone through twice and never held as text: once to learn what each column is, once to fill arrays.
"""

from __future__ import annotations

import csv
import math
import re
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from nodes.reading.error import DataError
from nodes.reading.progress import Meter

MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?", "inf", "-inf", "+inf"})
"""What stands for no value, in small letters; a number without end cannot be learned from either."""
LARGEST = 3e38
"""Larger numbers are none in single precision."""
_COMMA = re.compile(r"\s*[+-]?\d*,\d+([eE][+-]?\d+)?\s*")
"""A number with a decimal comma, as in 0,25."""
MOST_LEVELS = 1000
"""Different values of a column that are remembered; a column with more is no set of classes."""
ROWS_BETWEEN = 500
"""Rows that are read between two looks at whether somebody called it off."""
MOST_NAMED = 100
"""Skipped lines that are named one by one."""


@dataclass(frozen=True)
class CsvColumn:
    """What the first pass learnt of a column.

    `levels` are its values in order, empty where there are too many.
    """

    name: str
    is_number: bool
    is_whole: bool
    levels: tuple[str, ...]


@dataclass(frozen=True)
class CsvOutline:
    """A CSV file after the first pass: what separates its cells, its columns and how many rows it has."""

    path: Path
    delimiter: str
    has_names: bool
    columns: tuple[CsvColumn, ...]
    rows: int

    def find(self, name: str) -> int:
        """The place of a column. Raises `DataError` with the names that there are."""
        for i, column in enumerate(self.columns):
            if column.name == name:
                return i
        names = ", ".join(column.name for column in self.columns)
        raise DataError(f"{self.path}: Expected one of the columns {names}. Received {name!r}.")


def outline(path: Path) -> CsvOutline:
    """Go through a CSV file and say what its columns are. Raises `DataError`."""
    delimiter = _delimiter(path)
    with _rows(path, delimiter) as rows:
        line, first = next(rows, (1, []))
        if not first:
            raise DataError(f"{path}: Expected a table with a line of column names. Received an empty file.")
        has_names = not all(is_number(cell) for cell in first if cell.strip())
        names = [cell.strip() or f"column {i}" for i, cell in enumerate(first, 1)] if has_names else []
        names = names or [f"column {i}" for i in range(1, len(first) + 1)]
        if len(set(names)) != len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise DataError(
                f"{path}, line {line}: Expected different column names. Received {twice!r} twice."
            )
        learners = [_Learner() for _ in names]
        count = 0
        for row in _with_first(rows, None if has_names else (line, first)):
            if len(row[1]) == len(names):
                count += 1
                for learner, cell in zip(learners, row[1], strict=True):
                    learner.see(cell.strip())
    columns = tuple(learner.column(name) for name, learner in zip(names, learners, strict=True))
    return CsvOutline(path, delimiter, has_names, columns, count)


def read(
    table: CsvOutline, places: list[int], words: frozenset[int]
) -> tuple[list[NDArray[np.float64]], tuple[str, ...]]:
    """The columns at these places, those in `words` as places among their levels; and the lines left out.

    A row is left out where one of these cells is missing or the row has too few or too many cells.
    """
    filled = [array("d") for _ in places]
    codes = {i: {level: code for code, level in enumerate(table.columns[i].levels)} for i in words}
    skipped = _Skipped()
    with _rows(table.path, table.delimiter) as rows:
        if table.has_names:
            next(rows, None)
        for line, row in rows:
            if len(row) != len(table.columns):
                skipped.add(f"line {line}: expected {len(table.columns)} cells, received {len(row)}")
                continue
            cells = [row[i].strip() for i in places]
            gap = next((i for i, cell in zip(places, cells, strict=True) if cell.lower() in MISSING), None)
            if gap is not None:
                skipped.add(f"line {line}: no value in column {table.columns[gap].name!r}")
                continue
            for target, place, cell in zip(filled, places, cells, strict=True):
                target.append(codes[place][level(cell)] if place in words else float(cell))
    columns = [np.frombuffer(values, np.float64) if values else np.empty(0) for values in filled]
    for place, values in zip(places, columns, strict=True):
        if len(values) and np.abs(values).max() > LARGEST:
            raise DataError(
                f"{table.path}: Expected numbers up to {LARGEST:g} in column {table.columns[place].name!r}. "
                f"Received {values[np.abs(values).argmax()]:g}."
            )
    return columns, skipped.lines()


def is_number(cell: str) -> bool:
    """Whether a cell holds a finite number."""
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False


def level(cell: str) -> str:
    """A cell as the name of a class: 1.0 and 1 are the same one."""
    return f"{float(cell):g}" if is_number(cell) and float(cell).is_integer() else cell


class _Learner:
    """Learns what a column is from its cells, one by one."""

    def __init__(self) -> None:
        self._is_number, self._is_whole = True, True
        self._levels: set[str] | None = set()

    def see(self, cell: str) -> None:
        if cell.lower() in MISSING:
            return
        if self._is_number and not is_number(cell):
            self._is_number = self._is_whole = False
        if self._is_whole and not float(cell).is_integer():
            self._is_whole = False
        if self._levels is not None:
            self._levels.add(level(cell))
            if len(self._levels) > MOST_LEVELS:
                self._levels = None

    def column(self, name: str) -> CsvColumn:
        found = self._levels or set()
        ordered = sorted(found, key=float) if self._is_number else sorted(found)
        return CsvColumn(name, self._is_number, self._is_whole, tuple(ordered))


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


def _delimiter(path: Path) -> str:
    with _opened(path) as file:
        first = file.readline(1 << 20)
    return max(",;\t|", key=first.count)


@contextmanager
def _rows(path: Path, delimiter: str) -> Iterator[Iterator[tuple[int, list[str]]]]:
    """The rows of a CSV file with their line numbers, blank lines left out."""
    with _opened(path) as file:
        reader = csv.reader(file, delimiter=delimiter)
        meter = Meter(f"Reading {path.name}", path.stat().st_size)
        counted = _counted(reader, lambda: meter.to(file.buffer.tell()))
        yield ((reader.line_num, row) for row in _pointed(_checked(counted, path), delimiter) if row)


def _counted(rows: Iterator[list[str]], tell: Callable[[], None]) -> Iterator[list[str]]:
    """The same rows, telling how far it is every few of them."""
    for count, row in enumerate(rows):
        if count % ROWS_BETWEEN == 0:
            tell()
        yield row


def _checked(reader: Iterator[list[str]], path: Path) -> Iterator[list[str]]:
    line = 0
    while True:
        line += 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise DataError(
                f"{path}, line {line}: Expected a row of a CSV table. Received: {error}."
            ) from error
        yield row


def _pointed(rows: Iterator[list[str]], delimiter: str) -> Iterator[list[str]]:
    """The same rows with decimal points, where spreadsheets wrote commas and parted cells otherwise."""
    if delimiter == ",":
        return rows
    return ([_point(cell) if "," in cell else cell for cell in row] for row in rows)


def _point(cell: str) -> str:
    return cell.replace(",", ".") if _COMMA.fullmatch(cell) else cell


def _with_first(
    rows: Iterator[tuple[int, list[str]]], first: tuple[int, list[str]] | None
) -> Iterator[tuple[int, list[str]]]:
    if first is not None:
        yield first
    yield from rows


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    try:
        file = path.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise DataError(f"{path}: Expected a CSV file. Received: {error.strerror or error}.") from error
    with file:
        try:
            yield file
        except UnicodeDecodeError as error:
            raise DataError(
                f"{path}: Expected UTF-8 text. Received the byte {error.object[error.start]:#04x}; "
                "save the table as CSV (UTF-8)."
            ) from error
