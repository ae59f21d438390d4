"""The rows of a text file with a table: lines of bounded length, cells by the separator, decimal commas.

A file is never held as text: a block is as many rows as are quick to look at together. How the text is to be
read (its encoding, separator, lines before the table) is `nodes.reading.tables.dialect`'s business.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nodes.reading.error import DataError
from nodes.reading.opened import Opened, opened

MOST_COLUMNS = 20_000
"""Columns of a table; a wider one is no table that a person made."""
LONGEST_ROW = 16 << 20
"""Characters of a row, which is a line, or several where a cell has some."""
MOST_BLANK = 10_000
"""Blank lines that follow each other."""
CHUNK = 4 << 20
"""Bytes that are read at a time; a first read is shorter, since often only the first lines are wanted."""
FIRST_CHUNK = 1 << 16
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
    b"PK\x03\x04": "a workbook or an archive; save the table as CSV (UTF-8)",
}
"""First bytes of other files that are taken for tables, and what they are."""
_WHAT = "a CSV file"


@dataclass(frozen=True)
class RowBlock:
    """Some rows that follow each other, blank lines left out, and the number of the line each ends at."""

    lines: list[int]
    rows: list[list[str]]


def delimiter_of(path: Path, encoding: str = "utf-8-sig") -> str:
    """What parts the cells of the first two rows: the sign that makes numbers of a whole row, commas in them
    or not, or else the most frequent one; what stands in quotes does not count. Raises `DataError`.
    """
    with opened_lines(path, encoding) as lines:
        first, second = _outside_quotes(lines), _outside_quotes(lines)
    return usual_separator(first, second)


def usual_separator(first: str, second: str) -> str:
    """What parts the cells of two rows that have nothing in quotes."""
    for sign in ";\t|":
        if sign in first and (_are_numbers(first, sign) or (sign in second and _are_numbers(second, sign))):
            return sign
    return max(";\t|,", key=first.count)


def _outside_quotes(lines: Iterator[str]) -> str:
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
def blocks(path: Path, delimiter: str, encoding: str = "utf-8-sig") -> Iterator[Iterator[RowBlock]]:
    """The rows of a CSV file; the first block holds the first row alone. Raises `DataError`."""
    with opened_lines(path, encoding) as lines:
        yield row_blocks(lines, delimiter)


class TextLines(Iterator[str]):
    """The lines of an open text file, counted, with their ends.

    Whoever makes rows of them sets `row_began` after each row. `rest` is what was read and not handed out:
    whole lines, by which a reader that sees many lines at once goes on.
    """

    def __init__(self, path: Path, source: Opened, encoding: str) -> None:
        self.path, self.count, self.characters, self.row_began, self.quotes = path, 0, 0, 0, 0
        self._source = source
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._encoding = encoding
        self._buffer, self._tail, self._ended, self._asked = io.StringIO(), "", False, FIRST_CHUNK
        self._left, self._whole = 0, ""

    def __next__(self) -> str:
        if not self._left:
            self._fill()
        if self._whole:
            self._buffer, self._whole = io.StringIO(self._whole, newline=""), ""
        line = self._buffer.readline() if self._left else ""
        if not line:
            raise StopIteration
        length = len(line)
        self.count += 1
        self.characters += length
        self._left -= length
        if '"' in line:
            self.quotes += line.count('"')
        if self.characters - self.row_began > LONGEST_ROW:  # without a call for each of millions of lines
            self._require_short(self.characters - self.row_began)
        return line

    @property
    def at_end(self) -> bool:
        """Whether there is no further line."""
        if not self._left and not self._ended:
            self._fill()
        return not self._left

    @property
    def at_end_of_chunk(self) -> bool:
        """Whether the next line has to be read from the file."""
        return not self._left

    def rest(self) -> str:
        """The whole lines that were read but not handed out, or that come next; empty at the end."""
        if not self._left:
            self._fill()
        is_read, self._left = self._left > 0, 0
        whole, self._whole = self._whole, ""
        return whole or (self._buffer.read() if is_read else "")

    def passed(self, text: str, lines: int) -> None:
        """Count whole rows in so many lines, which somebody took from `rest`."""
        self.count += lines
        self.characters += len(text)
        self.row_began = self.characters

    def put_back(self, text: str) -> None:
        """Hand out these lines next, which came from `rest`."""
        self._whole, self._left = text, len(text)

    def _require_short(self, characters: int) -> None:
        if characters > LONGEST_ROW:
            raise DataError(
                f"{self.path}, line {max(self.count, 1):,}: Expected at most {LONGEST_ROW:,} characters in "
                "a row. Received more; is it a CSV file?"
            )

    def _fill(self) -> None:
        """Read on until there is a whole line."""
        parts, length = [self._tail], len(self._tail)
        text, end = self._tail, 0
        while not self._ended and not end:
            data = bytes(self._source.read(self._asked))
            self._asked, self._ended = CHUNK, not data
            found = self._decoded(data)
            parts.append(found)
            length += len(found)
            end = _end_of_lines(found, self._ended)
            if end:
                end += length - len(found)
            elif length > LONGEST_ROW:
                self.count += 1
                self._require_short(length)
        text = "".join(parts)
        if self._ended:
            end = len(text)
        self._tail = text[end:]
        self.put_back(text[:end])

    def _decoded(self, data: bytes) -> str:
        try:
            text = self._decoder.decode(data, final=not data)
            if not self.characters and not self._tail:  # nothing before: a byte order mark is no character
                text = text.removeprefix("\ufeff")
            return text
        except UnicodeDecodeError as error:
            line = self.count + error.object[: error.start].count(b"\n") + 1
            name = "UTF-8" if self._encoding.startswith("utf-8") else self._encoding
            raise DataError(
                f"{self.path}, near line {line:,}: Expected {name} text. Received the byte "
                f"{error.object[error.start]:#04x}; save the table as CSV (UTF-8), or choose its encoding."
            ) from error


def _end_of_lines(text: str, is_last: bool) -> int:
    """Where the last whole line ends; 0: nowhere. A return at the very end may be half of an end of line."""
    end = text.rfind("\n") + 1
    if end:
        return end
    at = text.rfind("\r", 0, len(text) if is_last else max(len(text) - 1, 0))
    return at + 1


def row_blocks(lines: TextLines, delimiter: str, *, point: bool = True) -> Iterator[RowBlock]:
    """The rows of these lines, to their end; the first block holds the first row alone."""
    is_first, block, cells, began = True, RowBlock([], []), 0, 0
    for line, row in rows_of(lines, delimiter, point=point):
        block.lines.append(line)
        block.rows.append(row)
        cells += len(row)
        if is_first or cells >= BLOCK_CELLS or lines.characters - began >= BLOCK_CHARACTERS:
            yield block
            is_first, block, cells, began = False, RowBlock([], []), 0, lines.characters
    if block.rows:
        yield block


@dataclass(frozen=True)
class Quoting:
    """What stands around cells; whether spaces may stand before it, and a reversed stroke before a quote that
    is within one."""

    sign: str = '"'
    is_spaced: bool = False
    escapes: bool = False


def rows_of(
    lines: TextLines, delimiter: str, *, point: bool = True, quoting: Quoting = Quoting()
) -> Iterator[tuple[int, list[str]]]:
    """The rows of these lines that are not blank, each with the line it ends at; a space parts cells however
    many there are. With `point` a decimal comma becomes a point where a comma parts nothing.
    """
    narrow = _narrow(lines, delimiter)
    reader = csv.reader(
        (line.replace('\\"', '""') for line in narrow) if quoting.escapes else narrow,
        delimiter=delimiter,
        skipinitialspace=delimiter == " " or quoting.is_spaced,
        doublequote=True,
        quotechar=quoting.sign,
    )
    blank, before = 0, lines.count
    while (row := _next(reader, lines)) is not None:
        if lines.count > before + 1 and lines.quotes % 2 and lines.at_end:
            raise DataError(
                f"{lines.path}, line {before + 1:,}: Expected an end of the quote that begins in this row. "
                "Received none to the end of the file; close it, or take the sign out."
            )
        before, lines.row_began, lines.quotes = lines.count, lines.characters, 0
        blank = 0 if row else blank + 1
        if blank > MOST_BLANK:
            raise DataError(
                f"{lines.path}, line {lines.count:,}: Expected at most {MOST_BLANK:,} blank lines in a row. "
                "Received more; is it a CSV file?"
            )
        if row:
            is_whole = delimiter == "," or not point
            yield lines.count, row if is_whole else [_point(cell) if "," in cell else cell for cell in row]


def _next(reader: Iterator[list[str]], lines: TextLines) -> list[str] | None:
    try:
        return next(reader, None)
    except csv.Error as error:
        raise DataError(
            f"{lines.path}, line {lines.count:,}: Expected a row of a CSV table. Received: {error}; "
            "close its quotes, or leave out columns of long texts."
        ) from error


def _narrow(lines: TextLines, delimiter: str) -> Iterator[str]:
    """The same lines; one with too many cells ends it before they are made."""
    for line in lines:
        if '"' not in line and line.count(delimiter) >= MOST_COLUMNS:
            raise too_wide(lines.path, lines.count, line.count(delimiter) + 1)
        yield line.replace("\t", " ").strip(" \r\n") + "\n" if delimiter == " " else line


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
def opened_lines(path: Path, encoding: str) -> Iterator[TextLines]:
    """The lines of a text file of this encoding, which may be packed with gzip. Raises `DataError`."""
    with opened(path, _WHAT) as source:
        start = source.start
        for signature, received in _OTHERS.items():
            if start.startswith(signature):
                raise DataError(f"{path}: Expected UTF-8 text. Received {received}.")
        yield TextLines(path, source, encoding)
