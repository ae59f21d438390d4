"""Tables of texts: what parts their cells, whether quotes stand around them, whether the first row has names.

Texts are full of commas and quotes, so each of these is found by counting and said with its reason.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from nodes.reading.error import DataError
from nodes.reading.look import Fact
from nodes.reading.texts.encoding import Encoding, lines_of
from nodes.reading.texts.left_out import LeftOut
from nodes.shown_text import quoted

LOOKED = 1000
"""Rows by which quotes and names of columns are recognised."""
MOST_COLUMNS = 1000
MOST = 0.8
"""Share of the lines that have the tab which parts cells."""
FEW = 20
"""Different values of a column of labels."""
LONGEST_NAME = 60
"""Characters of a cell that may be the name of a column."""
Cell = str | None
Row = tuple[int, list[Cell]]
"""The number of the line that it ends in, and its cells; None where one is empty."""


def table(
    path: Path, encoding: Encoding, header: str, left: LeftOut
) -> tuple[list[str], Iterator[Row], bool, list[Fact]]:
    """The names of the columns, the rows, whether the first line has the names, and how that was read."""
    sign, sign_why = _delimiter(path, encoding)
    is_quoted, quote_why = _quoting(path, encoding, sign)
    facts = [Fact("Separator", {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar"}[sign], sign_why)]
    facts.append(Fact("Quotes", "stand around cells" if is_quoted else "are part of the text", quote_why))

    def rows() -> Iterator[tuple[int, list[str]]]:
        return _cells(path, encoding, sign, is_quoted=is_quoted)

    start = [cells for _, (_, cells) in zip(range(LOOKED), rows(), strict=False)]
    if not start:
        raise DataError(f"{path}: Expected a table with texts. Received an empty file.")
    width = len(start[0])
    require_narrow(path, width)
    has_header, why = _has_header(start) if header == "auto" else (header == "yes", "it is chosen")
    facts.append(Fact("Names of columns", "in the first line" if has_header else "none", why))
    names = [cell.strip() or f"column {i}" for i, cell in enumerate(start[0], 1)] if has_header else []
    names = _different(names or [f"column {i}" for i in range(1, width + 1)])
    return names, _whole(rows(), width, left, skip=has_header), has_header, facts


def _whole(rows: Iterator[tuple[int, list[str]]], width: int, left: LeftOut, *, skip: bool) -> Iterator[Row]:
    for place, (line, cells) in enumerate(rows):
        if skip and place == 0:
            continue
        if len(cells) != width:
            left.add(f"rows with more or fewer than {width} cells, those of the first line", line)
            continue
        yield line, [cell.strip() or None for cell in cells]


def _different(names: list[str]) -> list[str]:
    """The names, a second of one told apart by its column."""
    found: list[str] = []
    for place, name in enumerate(names, 1):
        found.append(name if name not in found else f"{name} (column {place})")
    return found


def _cells(path: Path, encoding: Encoding, sign: str, *, is_quoted: bool) -> Iterator[tuple[int, list[str]]]:
    """The cells of each row that has any, with the line in which it ends."""
    if not is_quoted:
        for number, line in enumerate(lines_of(path, encoding), 1):
            if line.strip():
                yield number, line.split(sign)
        return
    reader = csv.reader((f"{line}\n" for line in lines_of(path, encoding)), delimiter=sign)
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise DataError(
                f"{path}, line {reader.line_num:,}: Expected a row of a table. Received: {error}; close its "
                "quotes, or keep long texts in JSON lines or in files of a folder."
            ) from error
        if row is None:
            return
        if row:
            yield reader.line_num, row


def _delimiter(path: Path, encoding: Encoding) -> tuple[str, str]:
    """What parts the cells of a table: a tab that nearly every line has, or what gives most rows alike."""
    first = [line for _, line in zip(range(50), lines_of(path, encoding), strict=False) if line.strip()]
    with_tabs = sum("\t" in line for line in first)
    if first and with_tabs >= MOST * len(first):
        return "\t", f"{with_tabs:,} of the first {len(first):,} lines have it"
    best, alike = ",", 0
    for sign in ",;|\t":
        counts = _widths(first, sign)
        share = max((counts.count(width) for width in set(counts) if width > 1), default=0)
        if share > alike:
            best, alike = sign, share
    return best, f"it gives {alike:,} of the first rows as many cells" if alike else "there is no other"


def _widths(lines: list[str], sign: str) -> list[int]:
    try:
        return [len(row) for row in csv.reader((f"{line}\n" for line in lines), delimiter=sign)]
    except csv.Error:
        return []


def _quoting(path: Path, encoding: Encoding, sign: str) -> tuple[bool, str]:
    """Whether quotes stand around cells. In tables with tabs they often are part of the text."""
    if sign != "\t":
        return True, "cells are separated by a sign that texts have too"
    begun = [
        cell.strip()
        for _, line in zip(range(LOOKED), lines_of(path, encoding), strict=False)
        for cell in line.split("\t")
        if cell.strip().startswith('"')
    ]
    if not begun:
        return False, "no cell begins with one"
    closed = all(len(cell) > 1 and cell.endswith('"') for cell in begun)
    if closed and all('"' not in cell[1:-1].replace('""', "") for cell in begun):
        return True, f"each of {len(begun):,} cells that begin with one ends with one"
    return False, f"of {len(begun):,} cells that begin with one not all end with one"


def _has_header(start: list[list[str]]) -> tuple[bool, str]:
    """Whether the first row names the columns, and why."""
    first, rest = [cell.strip() for cell in start[0]], start[1:]
    while len(first) > 1 and not first[-1] and not any(map(str.strip, _behind(rest, len(first) - 1))):
        first.pop()  # a program ended each line with separators
    if not all(first) or len(set(first)) < len(first):
        return False, "the first line has empty cells, or one twice"
    if any(len(name) > LONGEST_NAME or name[-1] in ".!?…" for name in first):
        return False, "the first line has a sentence"
    below: list[set[str]] = [{row[i].strip() for row in rest if len(row) > i} for i in range(len(first))]
    again = next((name for name, seen in zip(first, below, strict=True) if name in seen), None)
    if again is not None:
        return False, f"{quoted(again)} of the first line comes again below it"
    known = {"text", "label", "sentence", "message", "review", "source", "target", "class", "category"}
    named = [name for name in first if name.lower() in known]
    if named:
        return True, f"{quoted(named[0])} is the name of a column"
    for name, seen in zip(first, below, strict=True):
        if 1 < len(seen) <= FEW and len(rest) >= 3 * len(seen):
            return True, f"{quoted(name)} is none of the {len(seen):,} values below it"
    lengths = [_mean(len(row[i]) for row in rest if len(row) > i) for i in range(len(first))]
    if any(length > 3 * len(name) for name, length in zip(first, lengths, strict=True)) and all(
        name.isidentifier() for name in first
    ):
        return True, "its cells are single words, much shorter than those below"
    return False, "its cells are like those below"


def _behind(rows: list[list[str]], place: int) -> Iterable[str]:
    """The cells of all rows from this place on."""
    return (cell for row in rows for cell in row[place:])


def _mean(lengths: Iterable[int]) -> float:
    found = list(lengths)
    return sum(found) / len(found) if found else 0.0


def require_narrow(path: Path, count: int) -> None:
    if count > MOST_COLUMNS:
        raise DataError(
            f"{path}: Expected at most {MOST_COLUMNS:,} columns. Received {count:,}; leave some out."
        )
