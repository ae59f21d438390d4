"""The rows of a CSV file in blocks: lines of bounded length, cells by the delimiter, decimal commas.

A file is never held as text: a block is as many rows as are quick to look at together.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from nodes.reading.error import DataError
from nodes.reading.opened import plain
from nodes.reading.progress import Meter

MOST_COLUMNS = 20_000
"""Columns of a table; a wider one is no table that a person made."""
LONGEST_ROW = 16 << 20
"""Characters of a row, which is a line, or several where a cell has some."""
MOST_BLANK = 10_000
"""Blank lines that follow each other."""
LINES_BETWEEN = 500
"""Lines that are read between two looks at whether somebody called it off."""
BLOCK_CELLS, BLOCK_CHARACTERS = 300_000, 8 << 20
"""Cells and characters after which a block ends."""
_COMMA = re.compile(r"\s*[+-]?\d*,\d+([eE][+-]?\d+)?\s*")
"""A number with a decimal comma, as in 0,25."""
_NUMBER = re.compile(r"\s*[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?\s*")
"""A number with a decimal point or comma, or a whole one."""
_QUOTED = re.compile(r'"[^"]*(?:"|$)')
_LONGEST_LOOK = 1 << 18
"""Characters of a row that are looked at to find what parts its cells."""
_OTHERS = {
    b"\x1f\x8b": "a file packed with gzip; unpack it first",
    b"PK\x03\x04": "a workbook or an archive; save the table as CSV (UTF-8)",
    b"\xff\xfe": "UTF-16; save the table as CSV (UTF-8)",
    b"\xfe\xff": "UTF-16; save the table as CSV (UTF-8)",
}
"""First bytes of other files that are taken for tables, and what they are."""
_WHAT = "a CSV file"


@dataclass(frozen=True)
class RowBlock:
    """Some rows that follow each other, blank lines left out, and the number of the line each ends at."""

    lines: list[int]
    rows: list[list[str]]


def delimiter_of(path: Path) -> str:
    """What parts the cells of the first two rows: the sign that makes numbers of a whole row, commas in them
    or not, or else the most frequent one; what stands in quotes does not count. Raises `DataError`.
    """
    with _opened(path) as lines:
        first, second = _outside_quotes(lines), _outside_quotes(lines)
    for sign in ";\t|":
        if sign in first and (_are_numbers(first, sign) or (sign in second and _are_numbers(second, sign))):
            return sign
    return max(";\t|,", key=first.count)


def _outside_quotes(lines: _Lines) -> str:
    """The next row without what stands in quotes, which may have ends of lines."""
    parts, quotes, left = [], 0, _LONGEST_LOOK
    while left > 0 and (line := next(lines, "")):
        parts.append(line[:left])
        quotes, left = quotes + line.count('"'), left - len(line)
        if quotes % 2 == 0:
            break
    return _QUOTED.sub("", "".join(parts))


def _are_numbers(row: str, sign: str) -> bool:
    cells = [cell for cell in row.split(sign) if cell.strip()]
    return bool(cells) and all(map(_NUMBER.fullmatch, cells))


@contextmanager
def blocks(path: Path, delimiter: str) -> Iterator[Iterator[RowBlock]]:
    """The rows of a CSV file; the first block holds the first row alone. Raises `DataError`."""
    with _opened(path) as lines:
        yield _blocks(lines, delimiter)


class _Lines(Iterator[str]):
    """The lines of an open file, counted. Whoever makes rows of them sets `row_began` after each row."""

    def __init__(self, path: Path, file: TextIO, size: int) -> None:
        self.path, self.count, self.characters, self.row_began = path, 0, 0, 0
        self._file, self._meter = file, Meter(f"Reading {path.name}", size)

    def __next__(self) -> str:
        line = self._file.readline(LONGEST_ROW + 1)
        if not line:
            raise StopIteration
        self.count += 1
        self.characters += len(line)
        if self.characters - self.row_began > LONGEST_ROW:
            raise DataError(
                f"{self.path}, line {self.count:,}: Expected at most {LONGEST_ROW:,} characters in a row. "
                "Received more; is it a CSV file?"
            )
        if self.count % LINES_BETWEEN == 1:
            self._meter.to(self._file.buffer.tell())
        return line


def _blocks(lines: _Lines, delimiter: str) -> Iterator[RowBlock]:
    reader = csv.reader(_narrow(lines, delimiter), delimiter=delimiter)
    is_first, block, cells, began, blank = True, RowBlock([], []), 0, 0, 0
    while (row := _next(reader, lines)) is not None:
        lines.row_began = lines.characters
        blank = 0 if row else blank + 1
        if blank > MOST_BLANK:
            raise DataError(
                f"{lines.path}, line {lines.count:,}: Expected at most {MOST_BLANK:,} blank lines in a row. "
                "Received more; is it a CSV file?"
            )
        if not row:
            continue
        block.lines.append(lines.count)
        block.rows.append(
            row if delimiter == "," else [_point(cell) if "," in cell else cell for cell in row]
        )
        cells += len(row)
        if is_first or cells >= BLOCK_CELLS or lines.characters - began >= BLOCK_CHARACTERS:
            yield block
            is_first, block, cells, began = False, RowBlock([], []), 0, lines.characters
    if block.rows:
        yield block


def _next(reader: Iterator[list[str]], lines: _Lines) -> list[str] | None:
    try:
        return next(reader, None)
    except csv.Error as error:
        raise DataError(
            f"{lines.path}, line {lines.count:,}: Expected a row of a CSV table. Received: {error}; "
            "close its quotes, or leave out columns of long texts."
        ) from error


def _narrow(lines: _Lines, delimiter: str) -> Iterator[str]:
    """The same lines; one with too many cells ends it before they are made."""
    for line in lines:
        if '"' not in line and line.count(delimiter) >= MOST_COLUMNS:
            raise too_wide(lines.path, lines.count, line.count(delimiter) + 1)
        yield line


def too_wide(path: Path, line: int, columns: int) -> DataError:
    """The error of a table with too many columns."""
    return DataError(
        f"{path}, line {line:,}: Expected at most {MOST_COLUMNS:,} columns. Received {columns:,}; "
        "leave some out, or save them as an array of NumPy."
    )


def _point(cell: str) -> str:
    """A number with a decimal point, where a spreadsheet wrote a comma and parted cells otherwise."""
    return cell.replace(",", ".") if _COMMA.fullmatch(cell) else cell


@contextmanager
def _opened(path: Path) -> Iterator[_Lines]:
    with plain(path, _WHAT) as raw, io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as file:
        size, start = os.fstat(raw.fileno()).st_size, raw.read(4)
        raw.seek(0)
        lines = _Lines(path, file, size)
        for signature, received in _OTHERS.items():
            if start.startswith(signature):
                raise DataError(f"{path}: Expected UTF-8 text. Received {received}.")
        try:
            yield lines
        except UnicodeDecodeError as error:
            raise DataError(
                f"{path}, near line {lines.count + 1:,}: Expected UTF-8 text. Received the byte "
                f"{error.object[error.start]:#04x}; save the table as CSV (UTF-8)."
            ) from error
