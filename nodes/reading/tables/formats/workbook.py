"""One sheet of a workbook as a table of words, as the library gives it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from nodes.reading.error import DataError
from nodes.reading.opened import plain
from nodes.reading.tables.formats.workbook_check import unreadable
from nodes.shown_text import listed

MOST_ABOVE, MOST_LOOKED_AT = 40, 20
"""Rows that may stand above a table, and sheets that are looked at to find one."""


class Workbook:
    """What was read of a workbook: the names of its sheets, the one that was read, and its cells."""

    def __init__(self, kind: str, sheets: tuple[str, ...], sheet: str, table: Any, above: int) -> None:
        self.kind = kind
        self.sheets, self.sheet, self.table, self.above = sheets, sheet, table, above

    @property
    def is_table(self) -> bool:
        """Whether there are at least two rows and columns."""
        return bool(self.table.num_rows > 1 and self.table.num_columns > 1)


def read_here(path: Path, wanted: str, kind: str) -> Workbook:
    """The sheet of this name, or the first with a table, of a workbook that is sound. Raises `DataError`."""
    import fastexcel

    try:
        with plain(path, "a workbook") as raw:
            reader = fastexcel.read_excel(raw.read())
        sheets = tuple(reader.sheet_names)
        if wanted and wanted not in sheets:
            raise DataError(f"{path}: Expected one of the sheets {listed(sheets)}. Received {wanted!r}.")
        names = (wanted,) if wanted else sheets[:MOST_LOOKED_AT]
        found: Workbook | None = None
        for name in names:
            book = Workbook(kind, sheets, name, *_without_blank(_cells(reader, name)))
            if book.is_table or wanted:
                return book
            found = found if found is not None and found.table.num_rows else book
        if found is not None:
            return found
    except DataError:
        raise
    except Exception as error:
        raise unreadable(path, error) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise unreadable(path, error) from error
    raise DataError(f"{path}: Expected a workbook with a sheet. Received none.")


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
