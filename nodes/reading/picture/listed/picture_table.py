"""A table that says which picture is what: a column of files, and columns of what is to be predicted.

Rows whose picture is not there, leads out of the folder of the table or has no label are left out by their
lines. How a table is parted into cells is the business of `nodes.reading.csv_rows`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from nodes.reading.csv_rows import blocks, delimiter_of, opened_lines, rows_of
from nodes.reading.error import DataError
from nodes.reading.kept import KeptAnswers, signature
from nodes.reading.picture.listed.table_paths import OUTSIDE, TablePaths
from nodes.reading.picture.picture_formats import SUFFIXES
from nodes.reading.picture.picture_walk import MOST_PICTURES
from nodes.reading.progress import tell
from nodes.reading.split import part_of
from nodes.shown_text import listed, shown

LOOKED_AT = 100
"""Rows by which the columns of files are found."""
FEWEST = 0.1
"""Share of those rows whose cells must name pictures that are there, in a column of files."""
MOST_CHARACTERS = 1 << 30
"""Characters of a table that is held; one of 2,000,000 rows of paths and labels has a fifth of it."""


@dataclass(frozen=True)
class PictureTable:
    """The rows of a table that name pictures that are there: their lines, the paths of each column of files,
    and the cells of the others.

    `left_out` says which rows are missing and why, a sentence for each reason.
    """

    path: Path
    names: tuple[str, ...]
    has_names: bool
    file_columns: tuple[int, ...]
    lines: tuple[int, ...]
    files: tuple[tuple[str, ...], ...]
    cells: tuple[tuple[str, ...], ...]
    left_out: tuple[str, ...]

    def column(self, name: str) -> int:
        """The place of a column by its name. Raises `DataError`."""
        if name in self.names:
            return self.names.index(name)
        raise DataError(
            f"{shown(str(self.path), 100)}: Expected one of the columns {listed(self.names)}. "
            f"Received {shown(name)!r}."
        )

    def values(self, column: int) -> list[str]:
        """The cells of a column."""
        return [row[column] for row in self.cells]


@dataclass
class _Missing:
    """Rows that are left out, by reason."""

    path: Path
    lines: dict[str, list[str]] = field(default_factory=dict)

    def note(self, reason: str, line: int, cell: str) -> None:
        self.lines.setdefault(reason, []).append(f"line {line:,}: {shown(cell, 60)}")

    def sentences(self) -> tuple[str, ...]:
        return tuple(
            f"{shown(self.path.name, 60)}: {len(found):,} {'row' if len(found) == 1 else 'rows'} left out, "
            f"{reason}: {listed(found, 2)}"
            for reason, found in self.lines.items()
        )


def names_pictures(path: Path, columns: int = 1) -> tuple[str, ...]:
    """The columns of files of a table, where its first rows have at least so many, else none.

    Raises nothing: a table that cannot be read has none.
    """
    table = start_of(path)
    if table is None or len(table.file_columns) < columns:
        return ()
    return tuple(table.names[place] for place in table.file_columns)


_starts: KeptAnswers[PictureTable | None] = KeptAnswers(16)
_firsts: KeptAnswers[list[tuple[int, list[str]]]] = KeptAnswers(16)


def start_of(path: Path, delimiter: str = "") -> PictureTable | None:
    """The first rows of a table, where some name pictures; None for what is none. Raises nothing.

    Several data sets ask it of a file that is dropped; they are answered once.
    """
    try:
        sign = delimiter or delimiter_of(path)
        return _starts.of_file(path, lambda: _start_of(path, sign), sign, signature(path.parent))
    except (DataError, OSError):
        return None


def _start_of(path: Path, delimiter: str) -> PictureTable | None:
    rows = first_rows(path, delimiter)
    if len(rows) < 2:
        return None
    finder = TablePaths(path.parent)
    cells = [row for _, row in rows]
    places = _file_columns(cells, finder)
    names, has_names = _names(cells, places, finder)
    return _found(path, rows[has_names:], (names, has_names, places), finder) if places else None


def first_rows(path: Path, delimiter: str) -> list[tuple[int, list[str]]]:
    """The first rows with the numbers of their lines; read once for several who ask. Raises `DataError`."""

    def read() -> list[tuple[int, list[str]]]:
        with opened_lines(path, "utf-8-sig") as lines:
            rows = islice(rows_of(lines, delimiter), LOOKED_AT + 1)
            return [(line, [cell.strip() for cell in row]) for line, row in rows if row]

    return _firsts.of_file(path, read, delimiter)


def read_table(path: Path, wanted: Sequence[str] = (), most: int = 1, *, delimiter: str = "") -> PictureTable:
    """The pictures that a table names, in the columns `wanted` or in the first `most` that name some.

    Raises `DataError` where no column names pictures that are there.
    """
    finder, rows = TablePaths(path.parent), _held(path, delimiter)
    if not rows:
        raise DataError(f"{shown(str(path), 100)}: Expected rows with pictures. Received none.")
    cells = [row for _, row in rows[: LOOKED_AT + 1]]
    places = _file_columns(cells, finder)
    names, has_names = _names(cells, places, finder)
    if wanted:
        places = tuple(PictureTable(path, names, has_names, (), (), (), (), ()).column(one) for one in wanted)
    if not places:
        raise DataError(
            f"{shown(str(path), 100)}: Expected a column with the names of pictures that are there, as seen "
            f"from the folder of the table. Received {listed(names)}."
        )
    return _found(path, rows[has_names:], (names, has_names, places[:most]), finder)


def _found(
    path: Path,
    rows: list[tuple[int, list[str]]],
    head: tuple[tuple[str, ...], bool, tuple[int, ...]],
    finder: TablePaths,
) -> PictureTable:
    names, has_names, places = head
    missing = _Missing(path)
    lines, files, cells = list[int](), list[tuple[str, ...]](), list[tuple[str, ...]]()
    for line, row in rows:
        padded = [*row, *[""] * (len(names) - len(row))]
        named = [finder.find(padded[place]) for place in places]
        bad = next((i for i, one in enumerate(named) if one in ("", OUTSIDE)), None)
        if bad is not None:
            reason = (
                "leading out of the folder of the table" if named[bad] else "naming no picture that is there"
            )
            missing.note(reason, line, padded[places[bad]])
            continue
        lines.append(line)
        files.append(tuple(named))
        cells.append(tuple(padded))
    told = missing.sentences()
    if finder.by_their_ends:
        told += (
            f"{shown(path.name, 60)}: some paths are those of another folder or machine; their ends were "
            "looked for beside the table",
        )
    return PictureTable(path, names, has_names, places, tuple(lines), tuple(files), tuple(cells), told)


def _held(path: Path, delimiter: str = "") -> list[tuple[int, list[str]]]:
    """All rows with the numbers of their lines. Raises `DataError` for a table that is too long."""
    held: list[tuple[int, list[str]]] = []
    characters = 0
    with blocks(path, delimiter or delimiter_of(path)) as found:
        for line, row in _rows(found):
            held.append((line, [cell.strip() for cell in row]))
            characters += sum(map(len, row))
            if len(held) > MOST_PICTURES or characters > MOST_CHARACTERS:
                raise DataError(
                    f"{shown(str(path), 100)}: Expected a list of at most {MOST_PICTURES:,} pictures. "
                    "Received a longer table."
                )
            if len(held) % 4096 == 0:
                tell(f"Reading the list of pictures: {len(held):,} rows")
    return held


def _rows(found: Iterator[object]) -> Iterator[tuple[int, list[str]]]:
    for block in found:
        yield from zip(block.lines, block.rows, strict=True)  # type: ignore[attr-defined]


def _file_columns(rows: Sequence[Sequence[str]], finder: TablePaths) -> tuple[int, ...]:
    """The columns whose cells name pictures, the first row aside.

    Where there are cells with endings of pictures those columns alone: the numbers 0 and 1 of a label may
    name pictures too. Without endings nearly all cells of a column must differ.
    """
    below = rows[1:] or rows
    whole, bare = [], []
    for column in range(max(map(len, below))):
        cells = [row[column].strip() for row in below if column < len(row)]
        named = sum(finder.find(cell) not in ("", OUTSIDE) for cell in cells)
        if named < max(1, FEWEST * len(below)):
            continue
        if sum(_ending(cell) in SUFFIXES for cell in cells) >= named:
            whole.append(column)
        elif len(set(cells)) >= 0.9 * len(cells):
            bare.append(column)
    return tuple(whole or bare)


def _names(
    rows: Sequence[Sequence[str]], places: Sequence[int], finder: TablePaths
) -> tuple[tuple[str, ...], bool]:
    """The names of the columns, and whether the first row has them: not so where it names a picture too."""
    first = [cell.strip() for cell in rows[0]]
    below = [row[place] for row in rows[1:4] for place in places if place < len(row)]
    endings = {_ending(cell) for cell in below} - {""}
    cells = [first[place] for place in places if place < len(first)]
    is_row = any(_ending(cell) in endings or finder.find(cell) for cell in cells)
    numbered = [f"column {i + 1}" for i in range(max(len(row) for row in rows))]
    if is_row or not places:
        return tuple(numbered), False
    names = [cell or number for cell, number in zip(first, numbered, strict=False)]
    names += numbered[len(names) :]
    return tuple(
        name if names.index(name) == i else f"{name} ({i + 1})" for i, name in enumerate(names)
    ), True


def _ending(cell: str) -> str:
    """The ending of a name, with its point; empty where it has none."""
    return cell[cell.rindex(".") :].lower() if "." in cell else ""


def parts_in(cells: Sequence[str]) -> bool:
    """Whether all cells of a column are words for parts, and two of them at least."""
    words = {cell.casefold() for cell in cells}
    return len(words) > 1 and all(part_of(word) is not None for word in words)
