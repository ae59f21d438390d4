"""How the text of a table is to be read: its encoding, what parts its cells, the lines before the table.

Looks at the first lines alone; what columns are is learnt from all rows. Each choice says why it was made.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from nodes.reading.csv_rows import LONGEST_ROW, Quoting, opened_lines, usual_separator
from nodes.reading.opened import opened
from nodes.reading.tables.encoding import FoundEncoding, encoding_of
from nodes.reading.tables.formats.arff_header import ArffHeader, arff_header

SAMPLE_BYTES, SAMPLE_LINES = 1 << 18, 400
"""Bytes by which the encoding is told, and lines by which the rest is."""
MOST_BEFORE = 40
"""Lines that may stand before a table."""
MOST_PARTED = 1000
"""Columns of a table that is looked for below other lines."""
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "space": " "}
"""Values of the parameter `separator`, besides "auto"."""
_NAMES = {sign: name for name, sign in SEPARATORS.items()}
_QUOTED = re.compile(r'"[^"]*"')
_NUMBER = re.compile(r"\s*[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?\s*")
_HALVES = re.compile(r"\s*[+-]?\d*,\d+\s*")
_SINGLE = re.compile(r"(?:^|[,;\t|])\s*'[^']*'\s*(?=[,;\t|]|$)")
"""A cell in single quotes."""
_ESCAPED = re.compile(r'\\"(?!\s*(?:[,;\t|]|$))')
"""A quote that ends no cell, with a reversed stroke before it."""
_PLAIN = Quoting()
_SAID = re.compile(r"sep=(.)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class TextChoice:
    """What a person chose of how the text of a table is read; "auto": it is found."""

    separator: str = "auto"
    decimal: str = "auto"
    encoding: str = "auto"


@dataclass(frozen=True)
class Dialect:
    """How the text of a table is read. `before` counts the lines above the table, `comment` begins others.

    `lacks_first_name`: the line of names has one cell less than the rows, whose first cells name the rows.
    `above` is the last line above the table, where that has several cells.
    """

    encoding: FoundEncoding
    separator: str
    separator_why: str
    is_comma_decimal: bool
    before: int = 0
    before_why: str = ""
    comment: str = ""
    lacks_first_name: bool = False
    quoting: Quoting = _PLAIN
    above: tuple[str, ...] = ()
    header: ArffHeader | None = None

    @property
    def separator_name(self) -> str:
        """What people call the separator."""
        return _NAMES.get(self.separator, self.separator)


def dialect_of(path: Path, choice: TextChoice) -> Dialect:
    """How the text of a table is to be read. Raises `DataError`."""
    with opened(path, "a CSV file") as source:
        found = encoding_of(bytes(source.read(SAMPLE_BYTES)), choice.encoding)
    lines = _first_lines(path, found.codec)
    header = arff_header(lines)
    if header is not None:
        return _of_arff(found, header, lines)
    comment = _comment(lines)
    before = 0
    if comment:
        while before < len(lines) and lines[before].startswith(comment):
            before += 1
    said = _SAID.fullmatch(lines[before]) if before < len(lines) else None
    if said and len(lines) > before + 1:
        before += 1
    rows = [line for line in lines[before:] if not (comment and line.startswith(comment))]
    rows, quoting = _plainly_quoted(rows)
    separator, why = _separator(rows, said[1] if said else "", choice)
    if _is_spaced(rows, separator):
        quoting = replace(quoting, is_spaced=True)
        rows = [re.sub(re.escape(separator) + ' +"', separator + '"', row) for row in rows]
    above = _above(rows, separator)
    # a sign that was chosen or said says nothing of the lines above the table
    reasons = [f"{before:,} lines begin with {comment} or say sep=" if before else ""]
    reasons.append(f"{above:,} lines have no cells like those of the table" if above else "")
    return Dialect(
        found,
        separator,
        why,
        is_comma_decimal=separator != "," and choice.decimal != "point",
        before=_physical(lines, before, above, comment),
        before_why=" and ".join(filter(None, reasons)),
        comment=comment,
        lacks_first_name=_lacks_first_name(rows[above:], separator),
        quoting=quoting,
        above=tuple(cell.strip() for cell in _cells(rows[above - 1], separator)) if above else (),
    )


def _of_arff(found: FoundEncoding, header: ArffHeader, lines: list[str]) -> Dialect:
    """Below such a header commas part cells, or tabs do."""
    rows = lines[header.lines :]
    sign = "\t" if rows and "\t" in rows[0] and "," not in rows[0] else ","
    single = any("'" in row for row in rows) and not any('"' in row for row in rows)
    return Dialect(
        found,
        sign,
        "rows below @data are separated by it",
        is_comma_decimal=False,
        before=header.lines,
        before_why="they name the columns and their types, as in an ARFF file",
        comment="%",
        quoting=Quoting("'" if single else '"', is_spaced=True),
        header=header,
    )


def _plainly_quoted(rows: list[str]) -> tuple[list[str], Quoting]:
    """The rows with double quotes around cells and doubled ones within, and what stands there in the file."""
    quoting = _quoting(rows)
    if quoting.escapes:
        rows = [row.replace('\\"', '""') for row in rows]
    if quoting.sign != '"':
        rows = [row.replace('"', " ").replace(quoting.sign, '"') for row in rows]
    return rows, quoting


def _quoting(rows: list[str]) -> Quoting:
    """What stands around cells: single quotes, where most rows have some and there are no double ones."""
    filled = [row for row in rows if row.strip()]
    if any('"' in row for row in filled):
        return Quoting(escapes=any(map(_ESCAPED.search, filled)))
    single = sum(1 for row in filled if _SINGLE.search(row))
    return Quoting("'") if len(filled) > 2 and single >= 0.8 * len(filled[1:]) else Quoting()


def _is_spaced(rows: list[str], separator: str) -> bool:
    """Whether spaces stand between the separator and a quote."""
    return separator != " " and any(re.search(re.escape(separator) + r' +"', row) for row in rows)


def _first_lines(path: Path, codec: str) -> list[str]:
    """The first lines without their ends; blank ones too."""
    found: list[str] = []
    characters = 0
    with opened_lines(path, codec) as lines:
        for line in lines:
            found.append(line.rstrip("\r\n"))
            characters += len(line)
            if len(found) >= SAMPLE_LINES or characters >= min(SAMPLE_BYTES, LONGEST_ROW):
                break
            lines.row_began = lines.characters
    return found


def _comment(lines: list[str]) -> str:
    """The sign with which lines of remarks begin, where the first line is one and not the line of names."""
    signs = ("#", "%")
    if not lines or not lines[0].startswith(signs):
        return ""
    sign = lines[0][0]
    above = 0
    while above < len(lines) and lines[above].startswith(sign):
        above += 1
    rest = [line for line in lines[above:] if line.strip() and not line.startswith(sign)]
    if not rest:
        return ""
    parts = usual_separator(_bare(rest[0]), _bare(rest[1]) if len(rest) > 1 else "")
    if above == 1 and parts in lines[0] and _bare(lines[0]).count(parts) == _bare(rest[0]).count(parts):
        return ""  # the names of the columns, the first of which begins with the sign
    return sign


def _physical(lines: list[str], before: int, above: int, comment: str) -> int:
    """How many lines of the file stand before the table."""
    if not above:
        return before
    at, left = before, above
    while left and at < len(lines):
        left -= not (comment and lines[at].startswith(comment))
        at += 1
    return at


def _bare(line: str) -> str:
    """A line with a letter in the place of what stands in quotes."""
    return _QUOTED.sub("q", line).split('"')[0]


def _separator(rows: list[str], said: str, choice: TextChoice) -> tuple[str, str]:
    if choice.separator != "auto":
        return SEPARATORS[choice.separator], "it is chosen so"
    if said:
        return said, "the first line says so"
    filled = [_bare(row) for row in rows if row.strip()]
    first, second = (*filled[:2], "", "")[:2]
    usual = usual_separator(first, second)
    if usual == "\t" and _has_spaced_numbers(filled):
        return " ", "spaces and tabs part numbers"
    cells, share = _evenness(filled, usual)
    if usual in first and ((cells > 1 and share >= 0.9) or not filled[2:]):
        many = first.count(usual) + 1
        rows_ = "the first rows" if many == cells or not filled[2:] else "most rows"
        return usual, f"it separates {rows_} into {many if not filled[2:] else cells:,} cells"
    best = _evenest(rows, filled)
    if best:
        return best, f"it separates most rows into {_evenness(filled, best)[0]:,} cells"
    if usual in first:
        return usual, f"it is the most frequent sign of the first row ({first.count(usual):,} times)"
    return usual, "no sign separates cells: there is one column"


def _has_spaced_numbers(filled: list[str]) -> bool:
    """Whether tabs part words from numbers that spaces part, the same count in nearly all rows."""
    counts = Counter(len(row.split()) for row in filled)
    firsts = [row.split("\t")[0].split() for row in filled]
    are = [len(one) > 1 and all(cell == "?" or _NUMBER.fullmatch(cell) for cell in one) for one in firsts]
    return sum(are) >= 0.9 * len(filled) and counts.most_common(1)[0][1] >= 0.9 * len(filled)


def _evenest(rows: list[str], filled: list[str]) -> str:
    """The sign that parts nearly all rows into equally many cells; empty where none does."""
    found = ""
    most = 0.8
    for sign in ",;\t| ":
        cells, share = _evenness(filled, sign)
        if cells < 2 or share <= most:
            continue
        if sign == "," and cells == 2 and all(_HALVES.fullmatch(row) for row in rows[1:] if row.strip()):
            continue  # numbers with decimal commas in one column
        if sign == " " and not _are_spaced(filled, cells):
            continue
        found, most = sign, share
    return found


def _are_spaced(filled: list[str], cells: int) -> bool:
    """Whether spaces part cells: most rows have a number, as texts do not."""
    rows = [row.split() for row in filled]
    even = [row for row in rows[1:] if len(row) == cells]
    return sum(any(map(_NUMBER.fullmatch, row)) for row in even) >= 0.8 * len(even)


def _evenness(filled: list[str], sign: str) -> tuple[int, float]:
    """Into how many cells most rows are parted, and the share of rows that are."""
    counts = Counter(_count(row, sign) for row in filled)
    cells, rows = counts.most_common(1)[0] if counts else (1, 0)
    return cells, rows / max(1, len(filled))


def _count(row: str, sign: str) -> int:
    return len(row.split()) if sign == " " else row.count(sign) + 1


def _cells(row: str, sign: str) -> list[str]:
    """The cells of a line, which may end within quotes."""
    return next(csv.reader([row.strip(" ")], delimiter=sign, skipinitialspace=sign == " "), [])


def _above(rows: list[str], sign: str) -> int:
    """How many of these lines stand above the table: titles, notes and names of settings.

    They have another number of cells than the rows: one alone or fewer; a first line with more is one that
    has numbers.
    """
    counts = [_count(_bare(row), sign) if row.strip() else 0 for row in rows]
    filled = [count for count in counts if count]
    if len(filled) < 4:
        return 0
    width, often = Counter(filled).most_common(1)[0]
    if not 2 <= width <= MOST_PARTED or often < 3 or counts[0] == width:
        return 0
    start = next(i for i, count in enumerate(counts) if count == width)
    below = [count for count in counts[start:] if count]
    if start > MOST_BEFORE or below.count(width) < 0.9 * len(below):
        return 0
    held = [sum(1 for cell in _cells(row, sign) if cell.strip()) for row in rows[:start]]
    names = [cell.strip() for cell in _cells(rows[start], sign)]
    are_names = all(names) and len(set(names)) == len(names) and not any(map(_NUMBER.fullmatch, names))
    if all(count <= 1 for count in held):
        return start
    has_counts = any(map(_NUMBER.fullmatch, _cells(rows[0], sign)))
    if (max(held) < width - 1 and width > 3) or (start == 1 and held[0] > width and has_counts):
        return start  # counts and names of classes; one name too few would be names above row numbers
    return start if are_names and width > 2 and max(held) < width else 0


def _lacks_first_name(rows: list[str], sign: str) -> bool:
    """Whether the rows begin with names of their own, all different, above which stands none."""
    filled = [_cells(row, sign) for row in rows if row.strip()]
    if len(filled) < 3:
        return False
    names, *below = filled
    if not all(len(row) == len(names) + 1 for row in below) or not all(cell.strip() for cell in names):
        return False
    firsts = [row[0] for row in below]
    lasts = [row[-1].strip() for row in below]
    return (
        len(set(firsts)) == len(firsts)
        and any(lasts)
        and not any(map(_NUMBER.fullmatch, names))
        and len(names) > 1
    )
