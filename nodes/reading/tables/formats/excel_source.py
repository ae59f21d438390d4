"""Sheets of workbooks of Excel, binary ones and those of before 2007 too, and of OpenDocument."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow.compute as pc

from nodes.reading.csv_rows import MOST_COLUMNS, too_wide
from nodes.reading.kept import KeptAnswers
from nodes.reading.look import Answer, Doubt, Fact
from nodes.reading.tables.blocks import SourceWords, TableBlock
from nodes.reading.tables.formats.read_apart import read_apart
from nodes.reading.tables.formats.workbook import Workbook, read_here
from nodes.reading.tables.formats.workbook_check import BINARY, OLD, require_sound
from nodes.shown_text import listed, quoted

ROWS = 50_000
"""Rows of a block."""
_sheets: KeptAnswers[Workbook] = KeptAnswers(2)


class ExcelSource:
    """One sheet of a workbook, its cells as words."""

    unit = "row"
    names: tuple[str, ...] | None = None
    is_text: tuple[bool, ...] = ()
    decimals = ".,"

    def __init__(self, path: Path, sheet: str = "") -> None:
        """Reads the sheet. Raises `DataError`."""
        self.path, self._chosen = path, sheet
        self._book = _sheets.of_file(path, lambda: read_workbook(path, sheet), sheet)
        if self._book.table.num_columns > MOST_COLUMNS:
            raise too_wide(path, 0, self._book.table.num_columns)

    def told(self) -> SourceWords:
        book = self._book
        why = "it is chosen so" if self._chosen else "it is the first with a table"
        facts = [Fact("Format", book.kind, "it is a workbook"), Fact("Sheet", book.sheet, why)]
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


def read_workbook(path: Path, wanted: str) -> Workbook:
    """The sheet of this name, or the first with a table. Raises `DataError`.

    A workbook of records is read in a process of its own: a damaged one may end the process.
    """
    kind = require_sound(path)
    return read_apart(path, wanted, kind) if kind in (OLD, BINARY) else read_here(path, wanted, kind)
