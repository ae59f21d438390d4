"""Whether a workbook is what it says and its sheets fit, before the library that reads it sees it.

One cell in the last row would else make a table of billions. Workbooks are archives of XML (Excel,
OpenDocument) or of records (binary workbooks of Excel), whose parts are unpacked once within bounds, or files
of records (Excel before 2007), whose sheets have at most 65,536 rows.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from nodes.reading import budget
from nodes.reading.error import DataError
from nodes.reading.opened import plain
from nodes.reading.progress import Meter
from nodes.reading.tables.formats.binary_sheets import reach_of
from nodes.shown_text import shown

MOST_PARTS = 5000
"""Parts of a workbook."""
PER_CELL = 40
"""Bytes of memory that a cell of a sheet takes, about, whether it has something or not."""
OLD_ROWS, OLD_COLUMNS = 65_536, 256
"""Rows and columns of a sheet of Excel before 2007."""
OLD_BYTES = 256 << 20
OLD = "Excel before 2007"
"""The kind of a workbook that is a file of records."""
BINARY = "binary workbook of Excel"
"""The kind of a workbook that is an archive of records."""
_BINARY_BOOK = "xl/workbook.bin"
_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CHUNK, _TAIL = 1 << 20, 64
_PLACE = re.compile(rb"""\br\s*=\s*["']\s*([A-Za-z]{0,7})(\d{1,10})""")
_BROKEN = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError)
_VALUES = frozenset({"office:value-type", "calcext:value-type"})
_CELLS = frozenset({"table:table-cell", "table:covered-table-cell"})


def require_sound(path: Path) -> str:
    """What kind of workbook it is: "Excel", `OLD`, `BINARY` or "OpenDocument". Raises `DataError` where it
    is none, unpacks to too much, or has a cell too far out."""
    with plain(path, "a workbook") as raw:
        start, size = raw.read(512), raw.seek(0, 2)
        raw.seek(0)
        if start.startswith(_OLD):
            return _old(path, size)
        if start and not start.startswith(b"PK") and b"\0" not in start:
            raise DataError(
                f"{path}: Expected a workbook. Received text, as "
                f"{shown(start[:40].decode('latin-1'), 40)!r}; name it .csv, or save it as .xlsx."
            )
        try:
            return _archive(path, raw, size)
        except _BROKEN as error:
            raise unreadable(path, error) from error
        except (ValueError, OSError, ArithmeticError) as error:
            if isinstance(error, DataError):
                raise
            raise unreadable(path, error) from error


def unreadable(path: Path, error: BaseException) -> DataError:
    """The error of a workbook that is none."""
    message = (str(error).splitlines() or [type(error).__name__])[0]
    return DataError(f"{path}: Expected a workbook of Excel or OpenDocument. Received: {message}.")


def _old(path: Path, size: int) -> str:
    if size > OLD_BYTES:
        raise DataError(
            f"{path}: Expected at most {OLD_BYTES:,} bytes of Excel before 2007. Received {size:,}; save it "
            "as .xlsx or CSV."
        )
    needed = OLD_ROWS * OLD_COLUMNS * PER_CELL
    budget.require_room(
        str(path), needed, f"a sheet of at most {OLD_ROWS:,} rows and {OLD_COLUMNS:,} columns"
    )
    return OLD


def _archive(path: Path, raw: BinaryIO, size: int) -> str:
    with zipfile.ZipFile(raw) as archive:
        parts = archive.infolist()
        if len(parts) > MOST_PARTS:
            raise DataError(f"{path}: Expected at most {MOST_PARTS:,} parts. Received {len(parts):,}.")
        budget.require_ratio(str(path), sum(part.file_size for part in parts), size)
        meter = Meter(f"Reading {path.name}", len(parts))
        names = {part.filename for part in parts}
        is_open, is_binary = "content.xml" in names, _BINARY_BOOK in names
        for i, part in enumerate(parts):
            if is_open and part.filename == "content.xml":
                _through_sheets(path, archive, part)
            else:
                _go_through(path, archive, part)
            if is_binary and "sheets/" in part.filename and part.filename.endswith(".bin"):
                _require_room(path, *reach_of(path, archive, part))
            meter.to(i)
    return "OpenDocument" if is_open else BINARY if is_binary else "Excel"


def _go_through(path: Path, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Unpack a part, which checks its size and sum, and look how far the cells of a sheet reach."""
    name = part.filename.lower()
    is_text, is_sheet = name.endswith((".xml", ".rels")), "sheet" in name and name.endswith(".xml")
    rows, columns, tail = 0, 0, b""
    with archive.open(part) as file:
        while data := file.read(_CHUNK):
            seen = tail + data
            if is_text and (b"\0" in seen[:64] or b"<!DOCTYPE" in seen or b"<!ENTITY" in seen):
                raise DataError(f"{path}: Expected plain XML in {part.filename}. Received something else.")
            for letters, row in _PLACE.findall(seen) if is_sheet else ():
                rows = max(rows, int(row))
                columns = max(columns, _column(letters))
            tail = data[-_TAIL:]
    _require_room(path, rows, columns)


def _require_room(path: Path, rows: int, columns: int) -> None:
    needed = rows * max(columns, 1) * PER_CELL
    budget.require_room(str(path), needed, f"a sheet of {rows:,} rows and {columns:,} columns")


def _column(letters: bytes) -> int:
    """The number of a column by its letters: A is 1."""
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - 64
    return number


def _through_sheets(path: Path, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Look how far the cells of the sheets of OpenDocument reach: one may stand for millions of others."""
    reach = _Reach(path)
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = reader = reach.refuse
    parser.EntityDeclHandler = reader
    parser.StartElementHandler = reach.start
    parser.EndElementHandler = reach.end
    try:
        with archive.open(part) as file:
            while data := file.read(_CHUNK):
                parser.Parse(data, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise unreadable(path, error) from error


class _Reach:
    """How far the cells of each sheet reach that have a value, counted as they repeat."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._row = self._column = self._times = self._last = 0
        self._rows = self._columns = 0

    def refuse(self, *_: object) -> None:
        raise DataError(f"{self._path}: Expected plain XML in content.xml. Received a document type.")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "table:table":
            self._row = self._rows = self._columns = 0
        elif tag == "table:table-row":
            self._times = _repeated(attributes, "table:number-rows-repeated")
            self._column = self._last = 0
        elif tag in _CELLS:
            self._column += _repeated(attributes, "table:number-columns-repeated")
            if _VALUES & attributes.keys() or "table:formula" in attributes:
                self._last = self._column

    def end(self, tag: str) -> None:
        if tag == "table:table-row":
            self._row += self._times
            if self._last:
                self._rows, self._columns = self._row, max(self._columns, self._last)
                _require_room(self._path, self._rows, self._columns)


def _repeated(attributes: dict[str, str], name: str) -> int:
    word = attributes.get(name, "1")
    return max(1, int(word)) if word.isdigit() and len(word) < 12 else 1 << 40 if word.isdigit() else 1
