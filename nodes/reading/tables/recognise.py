"""Which files are tables, by their names and first bytes."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from nodes.reading.csv_rows import usual_separator
from nodes.reading.look import Recognised, by_ending
from nodes.reading.picture.foreign_names import is_foreign
from nodes.reading.split import TRAIN, part_of
from nodes.reading.tables.name_lists import quoted_name
from nodes.regular_file import is_regular
from nodes.shown_text import listed

LISTED = re.compile(r"\.(png|jpe?g|webp|tiff?|bmp|gif|wav|flac|npy|txt)\"?\s*([,;\t|]|$)", re.IGNORECASE)
"""A cell that ends as the name of a file does."""
_NUMBER = re.compile(r"[\s\"]*[-+]?[\d.,'%€$]*\d([eE][-+]?\d+)?[\s\"%€]*")
LOOKED_AT = 1 << 14
_IN_FOLDER, _ENTRIES = 25, 1000
"""How sure a folder with one table is one, and its entries that are looked at."""
_OF_ROWS = (".txt", ".test", ".train")
"""Endings of tables as well as of texts: their lines must have cells."""
_SURE, _LISTING, _MEASURED = 50, 20, 70
_PART_NAMES = ("split", "part", "set", "subset", "partition", "fold", "usage", "dataset")
_TEXTS = 5
_JSON_SENTENCE = re.compile(r'"[^"\\]*\w \w+ \w[^"\\]*"')
_JSON_NUMBER = re.compile(r'"\s*:\s*-?\d+\.\d|\[\s*-?\d')


def in_folder(path: Path, endings: tuple[str, ...]) -> Recognised | None:
    """The table in a folder that has no others beside it, or the one that says that it trains."""
    if not path.is_dir():
        return None
    try:
        names = sorted(one.name for one in islice(path.iterdir(), _ENTRIES) if not is_foreign(one.name))
    except OSError:
        return None
    tables = [name for name in names if name.lower().removesuffix(".gz").endswith(endings)]
    training = [name for name in tables if part_of(name.partition(".")[0]) == TRAIN]
    taken = tables if len(tables) == 1 else training
    if len(taken) != 1 or not is_regular(path / taken[0]):
        return None
    others = [name for name in tables if name != taken[0]]
    why = f"{taken[0]} is the only table of the folder"
    if others:
        why = f"the name of {taken[0]} says that it trains; {listed(others, 2)} are not read"
    return Recognised(_IN_FOLDER, {"path": str(path / taken[0])}, why)


def recognised_text(path: Path, endings: tuple[str, ...], values: Mapping[str, Any]) -> Recognised | None:
    """Whether a file is a table in text: by its ending, or a `.txt` whose lines have cells.

    A table that lists files is left to who reads those files, where there is somebody.
    """
    lone = in_folder(path, endings)
    if lone is not None:
        return replace(lone, values={**lone.values, **values})
    found = by_ending(path, (*endings, *_OF_ROWS), _SURE)
    if found is None:
        return None
    found = replace(found, values={**found.values, **values})
    start = _start(path)
    lines = [line for line in start.splitlines()[:30] if line.strip()]
    if len(lines) > 2 and sum(bool(LISTED.search(line)) for line in lines) >= 0.6 * len(lines):
        return replace(found, sureness=_LISTING, why=f"{found.why}, though a column lists files")
    if [one.lower() for one in path.suffixes if one.lower() != ".gz"][-1] in _OF_ROWS:
        sign = _even_sign(lines)
        return (
            replace(found, sureness=_SURE + 5, why=f"its lines have cells separated by {sign}")
            if sign
            else None
        )
    part = _part_column(lines)
    if part:
        found = replace(found, values={**found.values, "split_column": quoted_name(part)})
    if _has_measured(lines):
        return replace(found, sureness=_MEASURED, why=f"{found.why}, and columns have numbers with decimals")
    return found


def recognised_json(path: Path, endings: tuple[str, ...], values: Mapping[str, Any]) -> Recognised | None:
    """Whether a JSON file is a table: surest where its first row has numbers."""
    found = in_folder(path, endings) or by_ending(path, endings, _SURE - 10)
    if found is None or path.is_dir():
        return found and replace(found, values={**found.values, **values})
    found = replace(found, values={**found.values, **values})
    start = _start(path)
    if not _JSON_NUMBER.search(start.partition("}")[0]):
        return replace(found, sureness=_TEXTS) if _JSON_SENTENCE.search(start) else found
    return replace(found, sureness=_MEASURED, why=f"{found.why}, and its first row has decimals")


def _first_columns(lines: list[str]) -> list[tuple[str, ...]]:
    """The columns of the first lines, the names on top; none where they make no table."""
    if len(lines) < 3:
        return []
    try:
        rows = list(csv.reader(lines[:-1], delimiter=usual_separator(lines[0], lines[1])))
    except csv.Error:
        return []
    width = Counter(map(len, rows)).most_common(1)[0][0]
    return list(zip(*(row for row in rows if len(row) == width), strict=True)) if width > 1 else []


def _part_column(lines: list[str]) -> str:
    """The column whose name and words say which rows train and which validate; empty: there is none."""
    for name, *words in _first_columns(lines):
        if name.strip().lower() in _PART_NAMES and words and all(part_of(word) is not None for word in words):
            return name.strip()
    return ""


def _has_measured(lines: list[str]) -> bool:
    """Whether two columns or more have numbers, one of them with decimals, as texts with labels have not."""
    columns = [column[1:] for column in _first_columns(lines)]
    numeric = [column for column in columns if sum(map(_is_number, column)) >= 0.8 * len(column)]
    return len(numeric) > 1 and any("." in cell or "," in cell for column in numeric for cell in column)


def _is_number(cell: str) -> bool:
    return _NUMBER.fullmatch(cell) is not None


def _start(path: Path) -> str:
    """The first characters of a file, as far as they are text."""
    from nodes.reading.error import DataError
    from nodes.reading.opened import opened
    from nodes.reading.tables.encoding import encoding_of

    try:
        with opened(path, "a table") as source:
            start = bytes(source.read(LOOKED_AT))
    except DataError:
        return ""
    return start.decode(encoding_of(start).codec, "replace")


def _even_sign(lines: list[str]) -> str:
    """What parts nearly all lines into as many cells, of which some are numbers; empty: nothing."""
    names = {"\t": "tabs", ";": "semicolons", "|": "bars", ",": "commas", " ": "spaces"}
    whole = lines[:-1] if len(lines) > 20 else lines
    for sign, name in names.items():
        counts = [len(line.split()) - 1 if sign == " " else line.count(sign) for line in whole]
        common = max(set(counts), key=counts.count) if counts else 0
        even = [line for line, count in zip(whole, counts, strict=True) if count == common]
        if common and len(even) >= max(3, 0.8 * len(whole)) and _have_numbers(even[1:], sign):
            return name
    return ""


def _have_numbers(lines: list[str], sign: str) -> bool:
    held = [
        any(_NUMBER.fullmatch(cell) for cell in (line.split() if sign == " " else line.split(sign)))
        for line in lines
    ]
    return sum(held) >= 0.8 * len(held)
