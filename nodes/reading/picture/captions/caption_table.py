"""Captions in a table: a column of files and one of sentences, a row for each caption."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from nodes.reading.csv_rows import delimiter_of
from nodes.reading.error import DataError
from nodes.reading.look import Fact
from nodes.reading.picture.captions.captioned import Captions
from nodes.reading.picture.listed.picture_table import (
    PictureTable,
    first_rows,
    parts_in,
    read_table,
    start_of,
)
from nodes.reading.picture.listed.table_paths import OUTSIDE, TablePaths
from nodes.shown_text import listed, shown

SENTENCE = 3.0
"""Words of the mean cell of a column of captions. Where its name says it, the same may come again and again,
or cells of two words that differ are enough."""
_USUAL = re.compile(
    r"(raw_?)?(captions?|text|sentences?|descriptions?|comments?|prompts?|title|alt)", re.IGNORECASE
)
_PARTS = re.compile(r"split|set|subset|partition|part|fold", re.IGNORECASE)


@dataclass(frozen=True)
class CaptionColumns:
    """The places of the columns of files and of captions, and of one of words for parts (-1: none)."""

    file: int
    text: int
    split: int = -1
    why: str = ""


def has_captions(path: Path) -> bool:
    """Whether the first rows of a table name pictures and have sentences. Raises nothing."""
    try:
        table = start_of(path, sign_of(path))
    except (DataError, OSError):
        return False
    return table is not None and bool(table.files) and caption_columns(table) is not None


def sign_of(path: Path) -> str:
    """What parts the cells: a tab or a bar where it gives cells that name pictures, as sentences have
    commas; else what the first rows have most of. Raises `DataError`."""
    finder = TablePaths(path.parent)
    for sign in "\t|":
        rows = [row for _, row in first_rows(path, sign)]
        named = sum(
            any(finder.find(cell) not in ("", OUTSIDE) for cell in row) for row in rows if len(row) > 1
        )
        if named >= 0.5 * max(1, len(rows) - 1) and named:
            return sign
    return delimiter_of(path)


def caption_columns(table: PictureTable, wanted: str = "") -> CaptionColumns | None:
    """The columns of a table that lists pictures; None where none has sentences."""
    free = [i for i in range(len(table.names)) if i not in table.file_columns]
    split = next((i for i in free if _is_split(table, i)), -1)
    file = table.file_columns[0]
    if wanted:
        return CaptionColumns(file, table.column(wanted), split, "it is chosen")
    found = {i: caption_cells(table, i) for i in free if i != split}
    words = {i: _words(cells) if _differ(cells) else 0.0 for i, cells in found.items()}
    for i, cells in found.items():
        is_named = table.has_names and _USUAL.fullmatch(table.names[i].strip()) is not None
        if is_named and (words[i] >= SENTENCE - 1 or _words(cells) >= SENTENCE):
            return CaptionColumns(file, i, split, "of its name")
    longest = max(words, key=words.__getitem__, default=-1)
    if longest < 0 or words[longest] < SENTENCE:
        return None
    return CaptionColumns(file, longest, split, "its cells are sentences")


def _is_split(table: PictureTable, place: int) -> bool:
    return bool(_PARTS.fullmatch(table.names[place].strip())) and parts_in(table.values(place))


def _differ(cells: Sequence[str]) -> bool:
    """Whether half of the cells differ at least, as those of labels do not."""
    some = [cell for cell in cells if cell]
    return len(set(some)) >= 0.5 * len(some)


def _words(cells: Sequence[str]) -> float:
    """Words of the mean cell; 0 where cells are no words."""
    some = [cell for cell in cells if cell]
    if not some or mean(map(_letters, some)) < 0.5:
        return 0.0
    return mean(len(cell.split()) for cell in some)


def _letters(cell: str) -> float:
    return sum(map(str.isalpha, cell)) / len(cell)


def caption_cells(table: PictureTable, place: int) -> list[str]:
    """The cells of a column; of the last one with what commas in a sentence have parted from it."""
    last = place == len(table.names) - 1
    return [", ".join(cells[place:]) if last else cells[place] for cells in table.cells]


def read_caption_table(path: Path, into: Captions, wanted: str, split_column: str) -> tuple[Fact, ...]:
    """Add the captions of a table; what its columns are taken for. Raises `DataError`."""
    table = read_table(path, delimiter=sign_of(path))
    found = caption_columns(table, wanted)
    if found is None:
        raise DataError(
            f"{path}: Expected a column of captions. Received {listed(table.names)}; choose one "
            "(text_column)."
        )
    split = table.column(split_column) if split_column else found.split
    texts, words = caption_cells(table, found.text), table.values(split) if split >= 0 else None
    for row, (line, files) in enumerate(zip(table.lines, table.files, strict=True)):
        into.add(files[0], texts[row], f"line {line:,}", None if words is None else words[row])
    into.notes += table.left_out
    parted = sum(len(cells) > len(table.names) for cells in table.cells)
    if parted:
        into.notes.append(
            f"{shown(path.name, 60)}: {parted:,} rows have more cells than the first: they are taken as one "
            "sentence with commas"
        )
    facts = [
        Fact("Files", shown(table.names[found.file]), "its cells name pictures that are there"),
        Fact("Captions in", f"column {shown(table.names[found.text])}", found.why),
    ]
    if split >= 0:
        facts.append(Fact("Split", shown(table.names[split]), "it has words such as train and test alone"))
        into.split_name = table.names[split]
    return tuple(facts)
