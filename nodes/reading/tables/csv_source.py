"""Text files with a table, in blocks of columns.

Lines without quotes are parted by pyarrow, many at once; all others one by one (`nodes.reading.csv_rows`).
Both give the same cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from nodes.reading import csv_rows
from nodes.reading.csv_columns import is_number
from nodes.reading.csv_rows import RowBlock, TextLines, opened_lines, rows_of, too_wide
from nodes.reading.look import Answer, Doubt, Fact
from nodes.reading.tables.blocks import SourceWords, TableBlock
from nodes.reading.tables.dialect import Dialect, TextChoice, dialect_of
from nodes.reading.tables.encoding import SINGLE_BYTE
from nodes.shown_text import listed

_COMMA = r"^(\s*[+-]?\d*),(\d+(?:[eE][+-]?\d+)?\s*)$"
"""A number with a decimal comma."""
_LONGEST = 1 << 20
"""Characters of a row that is parted at once; pyarrow takes no longer ones."""
_ENCODINGS = ("Windows-1252", "Windows-1250", "Windows-1251")


class CsvSource:
    """A text file with a table."""

    unit = "line"
    names: tuple[str, ...] | None = None
    is_text: tuple[bool, ...] = ()

    def __init__(self, path: Path, choice: TextChoice, *, as_written: bool = False) -> None:
        """Looks at the first lines. Raises `DataError`.

        With `as_written` commas stay where they may stand before decimals: numbers like 1.234,5 are read by
        their marks, and then 9,5 beside them is too.
        """
        self.path, self.choice = path, choice
        self.dialect = dialect_of(path, choice)
        if as_written:
            self.dialect = replace(self.dialect, is_comma_decimal=False)
        self.as_written = as_written
        self.decimals = "," if as_written else {"point": ".", "comma": ","}.get(choice.decimal, ".,")
        self.skipped_comments = 0
        if self.dialect.header is not None:
            self.names, self.is_text = self.dialect.header.names, self.dialect.header.is_text

    @contextmanager
    def blocks(self) -> Iterator[Iterator[TableBlock]]:
        with opened_lines(self.path, self.dialect.encoding.codec) as lines:
            for _ in range(self.dialect.before):
                next(lines, None)
            lines.row_began = lines.characters
            yield _CsvBlocks(lines, self.dialect).blocks()

    def told(self) -> SourceWords:
        found = self.dialect
        facts = [
            Fact("Encoding", found.encoding.title, found.encoding.why),
            Fact("Separator", found.separator_name, found.separator_why),
            Fact("Decimal sign", *self._decimal()),
        ]
        if found.before:
            facts.append(Fact("Lines before the table", f"{found.before:,}", found.before_why))
        if found.comment:
            facts.append(Fact("Remarks", f"lines that begin with {found.comment}", "the first line is one"))
        return SourceWords(tuple(facts), self._doubts(), tuple(self._notes()))

    def _notes(self) -> Iterator[str]:
        """What of the lines above the rows may be meant otherwise."""
        found = self.dialect
        if found.lacks_first_name:
            yield "The first line has one name fewer than the rows have cells: their first ones name the rows"
        above = [cell for cell in found.above if cell]
        if len(above) > 1 and not any(map(is_number, above)):
            yield (
                f"Line {found.before:,}, {listed(above)}, has {len(found.above):,} cells, other than "
                "the rows: it names no columns"
            )

    def _decimal(self) -> tuple[str, str]:
        if self.choice.decimal != "auto":
            return self.choice.decimal, "it is chosen so"
        if self.as_written:
            return "comma", "numbers are written as 1.234,5"
        if self.dialect.is_comma_decimal:
            return "point or comma", "a comma parts no cells here, so that 0,25 is read as 0.25"
        return "point", "commas separate the cells"

    def _doubts(self) -> tuple[Doubt, ...]:
        found = self.dialect.encoding
        if not found.is_guess:
            return ()
        answers = [Answer(title, {"encoding": title.lower()}) for title in _ENCODINGS]
        if found.codec != SINGLE_BYTE:
            answers.insert(0, Answer(found.title, {"encoding": found.codec}))
        return (Doubt("Which encoding has the text?", found.why, tuple(answers), 0, str(self.path)),)


class _CsvBlocks:
    """Makes blocks of the lines of an open file."""

    def __init__(self, lines: TextLines, dialect: Dialect) -> None:
        self._lines, self._dialect, self._width = lines, dialect, 0
        self._point = dialect.is_comma_decimal

    def blocks(self) -> Iterator[TableBlock]:
        yield from self._first()
        while text := self._lines.rest():
            quick = self._at_once(text)
            if quick is not None:
                yield quick
            else:
                self._lines.put_back(text)
                yield from self._one_by_one()

    def _first(self) -> Iterator[TableBlock]:
        """The first row, which says how many columns there are."""
        for line, row in self._rows():
            if self._is_remark(row):
                continue
            if self._dialect.header is not None:
                self._width = len(self._dialect.header.names)
                row = self._fitted(row)
                if len(row) != self._width:
                    empty = tuple(pa.array([], pa.string()) for _ in range(self._width))
                    yield TableBlock([], empty, ((line, len(row)),))
                    return
            if len(row) > csv_rows.MOST_COLUMNS:
                raise too_wide(self._lines.path, line, len(row))
            if self._dialect.lacks_first_name:
                row = ["", *row]
            self._width = len(row)
            yield TableBlock([line], _transposed([row]))
            return

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        found = self._dialect
        return rows_of(self._lines, found.separator, point=self._point, quoting=found.quoting)

    def _is_remark(self, row: list[str]) -> bool:
        return bool(self._dialect.comment) and row[0].startswith(self._dialect.comment)

    def _at_once(self, text: str) -> TableBlock | None:
        """Lines as a block, if pyarrow parts them as they are meant."""
        if self._width < 2 or not _is_plain(text, self._dialect):
            return None
        columns = _parted(text, self._dialect.separator, self._width)
        lines = text.count("\n") + (not text.endswith("\n"))
        if columns is None or len(columns[0]) != lines:
            return None
        begun = self._lines.count
        self._lines.passed(text, lines)
        if self._point and "," in text:
            columns = tuple(map(_pointed, columns))
        return TableBlock(range(begun + 1, begun + lines + 1), columns)

    def _one_by_one(self) -> Iterator[TableBlock]:
        """The lines that were put back, to the end of the row in which they end."""
        block, misfits, began = RowBlock([], []), [], self._lines.characters
        for line, row in self._rows():
            if not self._is_remark(row):
                row = self._fitted(row)
                if len(row) == self._width:
                    block.lines.append(line)
                    block.rows.append(row)
                else:
                    misfits.append((line, len(row)))
            is_large = len(block.rows) * self._width >= csv_rows.BLOCK_CELLS
            if is_large or self._lines.characters - began >= csv_rows.BLOCK_CHARACTERS:
                yield self._block(block, misfits)
                block, misfits, began = RowBlock([], []), [], self._lines.characters
            if self._lines.at_end_of_chunk:
                break
        if block.rows or misfits:
            yield self._block(block, misfits)

    def _fitted(self, row: list[str]) -> list[str]:
        """A row without the empty cell that a separator at its end makes."""
        if len(row) == self._width + 1 and not row[-1].strip():
            return row[:-1]
        return row

    def _block(self, block: RowBlock, misfits: list[tuple[int, int]]) -> TableBlock:
        empty = (pa.array([], pa.string()),) * self._width
        columns = _transposed(block.rows) if block.rows else empty
        return TableBlock(block.lines, columns, tuple(misfits))


def _is_plain(text: str, dialect: Dialect) -> bool:
    """Whether each line is a row, and nothing in it means something else than it says."""
    if (
        '"' in text
        or dialect.quoting.sign in text
        or "\0" in text
        or dialect.separator == " "
        or text[0] == "\n"
        or "\n\n" in text
    ):
        return False
    if "\r" in text and ("\n\r" in text or text.count("\r") != text.count("\r\n")):
        return False
    return not dialect.comment or dialect.comment not in text


def _parted(text: str, separator: str, width: int) -> tuple[Any, ...] | None:
    """The columns of lines without quotes; None where a line has another number of cells."""
    part = _few_parted if text.count("\n") < width else _parted_by_pyarrow
    return part(text, separator, width)


def _parted_by_pyarrow(text: str, separator: str, width: int) -> tuple[Any, ...] | None:
    names = [str(i) for i in range(width)]
    misfits: list[int] = []

    def refused(row: Any) -> str:
        misfits.append(row.actual_columns)
        return "skip"

    try:
        found = arrow_csv.read_csv(
            pa.py_buffer(text.encode()),
            read_options=arrow_csv.ReadOptions(column_names=names, use_threads=True),
            parse_options=arrow_csv.ParseOptions(
                delimiter=separator, quote_char=False, ignore_empty_lines=True, invalid_row_handler=refused
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )
    except (pa.ArrowInvalid, UnicodeEncodeError):  # a row longer than a block, half a pair of UTF-16
        return None
    return None if misfits else tuple(_joined(column) for column in found.columns)


def _few_parted(text: str, separator: str, width: int) -> tuple[Any, ...] | None:
    """The columns of fewer lines than columns, as `_parted` gives them; pyarrow costs more for each."""
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    if max(map(len, lines)) > _LONGEST:
        return None
    rows = [line.split(separator) for line in lines]
    return _transposed(rows) if all(len(row) == width for row in rows) else None


def _transposed(rows: Sequence[Sequence[str]]) -> tuple[Any, ...]:
    """The columns of some rows of one length."""
    cells = _words(tuple(chain.from_iterable(zip(*rows, strict=True))))
    return tuple(cells.slice(at, len(rows)) for at in range(0, len(cells), len(rows)))


def _words(cells: tuple[str, ...]) -> Any:
    try:
        return pa.array(cells, pa.string())
    except UnicodeEncodeError:  # half a pair of UTF-16
        return pa.array([cell.encode(errors="replace").decode() for cell in cells], pa.string())


def _joined(column: Any) -> Any:
    """One array of the parts that pyarrow makes."""
    return pa.concat_arrays(column.chunks) if column.num_chunks != 1 else column.chunk(0)


def _pointed(column: Any) -> Any:
    """Numbers with decimal commas, with points."""
    if not pc.any(pc.match_substring(column, ",")).as_py():
        return column
    return pc.replace_substring_regex(column, _COMMA, r"\1.\2")
