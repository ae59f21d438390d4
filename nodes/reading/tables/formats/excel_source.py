"""Sheets of workbooks of Excel.

Before one is read its parts are unpacked once, to see that they are what they say and that the sheet fits:
one cell in the last row would else make a table of billions.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from nodes.reading import budget
from nodes.reading.csv_rows import MOST_COLUMNS, too_wide
from nodes.reading.error import DataError
from nodes.reading.kept import KeptAnswers
from nodes.reading.look import Answer, Doubt, Fact
from nodes.reading.opened import plain
from nodes.reading.progress import Meter
from nodes.reading.tables.blocks import SourceWords, TableBlock
from nodes.shown_text import listed, quoted

MOST_PARTS = 5000
"""Parts of a workbook."""
PER_CELL = 40
"""Bytes of memory that a cell of a sheet takes, about, whether it has something or not."""
MOST_ABOVE, MOST_LOOKED_AT = 40, 20
"""Rows that may stand above a table, and sheets that are looked at to find one."""
ROWS = 50_000
"""Rows of a block."""
_CHUNK, _TAIL = 1 << 20, 64
_PLACE = re.compile(rb"""\br\s*=\s*["']\s*([A-Za-z]{0,7})(\d{1,10})""")
_BROKEN = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError)
_sheets: KeptAnswers[Any] = KeptAnswers(2)


class ExcelSource:
    """One sheet of a workbook, its cells as words."""

    unit = "row"
    names: tuple[str, ...] | None = None
    is_text: tuple[bool, ...] = ()
    decimals = ".,"

    def __init__(self, path: Path, sheet: str = "") -> None:
        """Reads the sheet. Raises `DataError`."""
        self.path, self._chosen = path, sheet
        self._book = _sheets.of_file(path, lambda: _read(path, sheet), sheet)
        if self._book.table.num_columns > MOST_COLUMNS:
            raise too_wide(path, 0, self._book.table.num_columns)

    def told(self) -> SourceWords:
        book = self._book
        why = "it is chosen so" if self._chosen else "it is the first with a table"
        facts = [Fact("Format", "Excel", "it is a workbook"), Fact("Sheet", book.sheet, why)]
        if book.above:
            above = f"{book.above:,}"
            facts.append(Fact("Rows above the table", above, "they have no cells like those of the table"))
        doubts: tuple[Doubt, ...] = ()
        if len(book.sheets) > 1 and not self._chosen:
            others = [name for name in book.sheets if name != book.sheet][:20]
            answers = tuple(Answer(quoted(name), {"sheet": name}) for name in (book.sheet, *others))
            why = f"there are {len(book.sheets):,} sheets: {listed(book.sheets)}"
            doubts = (Doubt("Which sheet is to be read?", why, answers, 0, str(self.path)),)
        return SourceWords(tuple(facts), doubts)

    @contextmanager
    def blocks(self) -> Iterator[Iterator[TableBlock]]:
        yield self._blocks()

    def _blocks(self) -> Iterator[TableBlock]:
        """The first row alone, then the others; rows without any value are left out."""
        table, above = self._book.table, self._book.above
        if not table.num_rows:
            return
        yield TableBlock([above + 1], tuple(column.slice(0, 1).combine_chunks() for column in table.columns))
        for start in range(1, table.num_rows, ROWS):
            part = table.slice(start, ROWS)
            columns = [pc.utf8_trim_whitespace(column.combine_chunks()) for column in part.columns]
            held = columns[0]
            for column in columns[1:]:
                held = pc.binary_join_element_wise(held, column, "")
            kept = pc.not_equal(held, "")
            lines = [above + start + 1 + int(i) for i in pc.indices_nonzero(kept).to_pylist()]
            if lines:
                yield TableBlock(lines, tuple(column.filter(kept) for column in columns))


class _Book:
    """What was read of a workbook: the names of its sheets, the one that was read, and its cells."""

    def __init__(self, sheets: tuple[str, ...], sheet: str, table: Any, above: int) -> None:
        self.sheets, self.sheet, self.table, self.above = sheets, sheet, table, above

    @property
    def is_table(self) -> bool:
        """Whether there are at least two rows and columns."""
        return bool(self.table.num_rows > 1 and self.table.num_columns > 1)


def _read(path: Path, wanted: str) -> _Book:
    import fastexcel

    _require_sound(path)
    try:
        with plain(path, "a workbook") as raw:
            reader = fastexcel.read_excel(raw.read())
        sheets = tuple(reader.sheet_names)
        if wanted and wanted not in sheets:
            raise DataError(f"{path}: Expected one of the sheets {listed(sheets)}. Received {wanted!r}.")
        names = (wanted,) if wanted else sheets[:MOST_LOOKED_AT]
        found: _Book | None = None
        for name in names:
            book = _Book(sheets, name, *_without_blank(_cells(reader, name)))
            if book.is_table or wanted:
                return book
            found = found if found is not None and found.table.num_rows else book
        if found is not None:
            return found
    except DataError:
        raise
    except Exception as error:
        raise _unreadable(path, error) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise _unreadable(path, error) from error
    raise DataError(f"{path}: Expected a workbook with a sheet. Received none.")


def _unreadable(path: Path, error: BaseException) -> DataError:
    message = (str(error).splitlines() or [type(error).__name__])[0]
    return DataError(f"{path}: Expected a workbook of Excel. Received: {message}.")


def _cells(reader: Any, name: str) -> Any:
    """The cells of a sheet as words, none as an empty one."""
    sheet = reader.load_sheet_by_name(name, header_row=None, dtypes="string")
    if not sheet.width:
        return pa.table({})
    batch = pa.record_batch(sheet)
    columns = [pc.fill_null(pc.cast(column, pa.string()), "") for column in batch.columns]
    return pa.table(columns, names=[str(i) for i in range(len(columns))])


def _without_blank(table: Any) -> tuple[Any, int]:
    """The table from its first row that has a value, without columns that have none; and the rows above."""
    if not table.num_rows or not table.num_columns:
        return table, 0
    held = [pc.not_equal(pc.utf8_trim_whitespace(column), "") for column in table.columns]
    kept = [i for i, column in enumerate(held) if pc.any(column).as_py()]
    firsts = [pc.index(held[i], True).as_py() for i in kept]
    if not kept:
        return table.slice(0, 0), 0
    above = min(firsts)
    table = table.select(kept).slice(above)
    title = _title(table)
    return table.slice(title), above + title


def _title(table: Any) -> int:
    """How many rows stand above the table: each has one cell, the first below them most of all columns."""
    rows = table.slice(0, MOST_ABOVE).to_pylist()
    held = [sum(1 for cell in row.values() if cell.strip()) for row in rows]
    start = next((i for i, count in enumerate(held) if count > max(1, table.num_columns // 2)), 0)
    return start if all(count <= 1 for count in held[:start]) else 0


def _require_sound(path: Path) -> None:
    """Raise `DataError` where a workbook is none, unpacks to too much, or has a cell too far out."""
    with plain(path, "a workbook") as raw:
        size = raw.seek(0, 2)
        raw.seek(0)
        try:
            with zipfile.ZipFile(raw) as archive:
                parts = archive.infolist()
                if len(parts) > MOST_PARTS:
                    raise DataError(
                        f"{path}: Expected at most {MOST_PARTS:,} parts. Received {len(parts):,}."
                    )
                budget.require_ratio(str(path), sum(part.file_size for part in parts), size)
                meter = Meter(f"Reading {path.name}", len(parts))
                for i, part in enumerate(parts):
                    _go_through(path, archive, part)
                    meter.to(i)
        except _BROKEN as error:
            raise _unreadable(path, error) from error
        except (ValueError, OSError, ArithmeticError) as error:
            if isinstance(error, DataError):
                raise
            raise _unreadable(path, error) from error


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
    budget.require_room(
        str(path), rows * max(columns, 1) * PER_CELL, f"a sheet of {rows:,} rows and {columns:,} columns"
    )


def _column(letters: bytes) -> int:
    """The number of a column by its letters: A is 1."""
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - 64
    return number
