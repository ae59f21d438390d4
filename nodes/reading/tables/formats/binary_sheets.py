"""How far the cells of a sheet of a binary workbook (.xlsb) reach, and whether they are of the kinds that are
read.

A sheet is a stream of records: a kind of one or two bytes, a size of one to four, and so many bytes. A row
begins with its number, a cell with that of its column. Source: MS-XLSB, 2.1.4 Record and 2.4 Records.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from nodes.reading.error import DataError

_ROW = 0
_CELLS = frozenset((*range(1, 12), 62))
_SHORT = frozenset(range(12, 20))
"""Cells without their column, which the library passes over."""
_MOST_ROWS, _MOST_COLUMNS = 1 << 20, 1 << 14
_HEAD = 4


def reach_of(path: Path, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> tuple[int, int]:
    """Rows and columns of a sheet. Raises `DataError`, or EOFError where it ends within a record."""
    rows = columns = 0
    with archive.open(part) as file:
        for kind, place in _records(file):
            if place is None and (kind == _ROW or kind in _CELLS):
                raise DataError(
                    f"{path}: Expected rows and cells with their places in {part.filename}, as Excel writes "
                    f"them. Received a record of kind {kind} that is too short for one; save it as .xlsx."
                )
            number = place or 0
            if kind == _ROW:
                rows = max(rows, number + 1)
            elif kind in _CELLS:
                columns = max(columns, number + 1)
            elif kind in _SHORT:
                raise DataError(
                    f"{path}: Expected cells with their columns in {part.filename}, as Excel writes them. "
                    f"Received short ones (records of kind {kind}); save it as .xlsx."
                )
    if rows > _MOST_ROWS or columns > _MOST_COLUMNS:
        raise DataError(
            f"{path}: Expected at most {_MOST_ROWS:,} rows and {_MOST_COLUMNS:,} columns in {part.filename}. "
            f"Received {rows:,} and {columns:,}."
        )
    return rows, columns


def _records(file: IO[bytes]) -> Iterator[tuple[int, int | None]]:
    """The kind of each record, and the number with which its content begins; None where it has none."""
    while first := file.read(1):
        kind = first[0]
        if kind & 0x80:
            kind = (kind & 0x7F) | (_byte(file) & 0x7F) << 7
        size = shift = 0
        more = True
        while more and shift < 28:
            byte = _byte(file)
            size |= (byte & 0x7F) << shift
            shift, more = shift + 7, bool(byte & 0x80)
        head = file.read(min(size, _HEAD))
        left = size - len(head)
        while left > 0:
            passed = len(file.read(min(left, 1 << 20)))
            if not passed:
                raise EOFError("it ends within a record")
            left -= passed
        yield kind, int.from_bytes(head, "little") if len(head) == _HEAD else None


def _byte(file: IO[bytes]) -> int:
    found = file.read(1)
    if not found:
        raise EOFError("it ends within a record")
    return found[0]
