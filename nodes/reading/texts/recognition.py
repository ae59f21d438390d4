"""Whether a file or folder holds texts with labels, or texts with translations, by its first bytes alone."""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from statistics import mean
from typing import Any

from nodes.reading.error import DataError
from nodes.reading.folders.recognition import holds_mostly
from nodes.reading.labels.joined import joined_labels
from nodes.reading.look import Recognised
from nodes.reading.opened import opened
from nodes.reading.split import TRAIN, part_of
from nodes.reading.texts.corpus import ENDINGS
from nodes.reading.texts.records import JSON_LINES, LABEL
from nodes.regular_file import is_regular
from nodes.shown_text import listed

START = 1 << 16
ENTRIES = 200
SENTENCE = 3.0
"""Words of the mean cell of a column of texts."""
FEW = 20
"""Different values of a column that are labels, among many rows."""
MOST = 0.8
"""Share of the lines that have as many cells."""
BARE = ("", ".train", ".test")
"""Endings of texts with labels as well as of others: their lines must have both."""
OTHERS = (".log", ".rst", ".tex")
"""Endings of long texts, besides those of files in a folder of texts."""
_MARKS = ((b"\xff\xfe\0\0", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
Row = Sequence[str]


def recognised_texts(path: Path) -> Recognised | None:
    """How sure it is that these are texts, each a sample."""
    found = _recognised_texts(path)
    return found and replace(found, values={**found.values, "several_labels": "auto"})


def _recognised_texts(path: Path) -> Recognised | None:
    if path.is_dir():
        if holds_mostly(path, ENDINGS):
            return _found(path, 60, "it is a folder of text files")
        is_bare = holds_mostly(path, ("",)) and _has_plain(path)
        return _found(path, 40, "it is a folder of files without endings that are texts") if is_bare else None
    ending, start = ending_of(path), start_of(path)
    if ending in (*JSON_LINES, ".json"):
        return _json_lines(path, start, ending)
    if ending not in (*ENDINGS, *BARE, ".tsv", ".csv") or not start or "\0" in start:
        return None
    lines = [line for line in start.splitlines() if line.strip()]
    if lines and all(line.startswith(LABEL) for line in lines[:10]):
        return _found(path, 75, f"its lines begin with {LABEL}")
    if ending == ".csv":
        if any(_are_texts_with_labels(rows) for rows in _csv_rows(lines)):
            return _found(path, 65, "a column has sentences, the others have few different values")
        return _found(path, 20, "its cells could be texts")
    rows = _tab_rows(lines)
    if not rows and _are_texts_with_labels(_alike([line.split(";") for line in lines[:ENTRIES]])):
        why = "a semicolon parts texts from few different words"
        return _found(path, 55, why, read_as="table")
    if not rows and ending in BARE:
        return None
    if not rows:
        return _found(path, 30, "each of its lines could be a text")
    if _are_texts_with_labels(rows):
        return _found(path, 70, "a column has texts, another few different words")
    return None


def recognised_pairs(path: Path) -> Recognised | None:
    """How sure it is that these are texts with their translations."""
    if path.is_dir():
        return _two_files(path)
    ending = ending_of(path)
    if ending in (*JSON_LINES, ".json"):
        keys, cells = _objects(start_of(path), ending)
        if len(keys) < 2 or not _are_pairs(cells):
            return None
        texts = [
            key for key, column in zip(keys, zip(*cells, strict=True), strict=True) if _are_texts(column)
        ]
        why = "each of its lines is a JSON object with two texts"
        return _found(path, 76, why, text_column=texts[0], target_text_column=texts[1])
    lines = [line for line in start_of(path).splitlines() if line.strip()]
    if ending == ".csv":
        several = [rows for rows in _csv_rows(lines) if rows and len(rows[0]) == 2]
        pairs = [rows for rows in several if _are_pairs(rows)]
        is_pair = any(all(map(_have_spaces, zip(*rows, strict=True))) for rows in pairs)
        return _found(path, 66, "its rows have two texts") if is_pair else None
    rows = _tab_rows(lines) if ending in (*ENDINGS, ".tsv") else []
    if not rows or len(rows[0]) > 4 or not _are_pairs([row[:2] for row in rows]):
        return None
    return _found(path, 65, "nearly all of its first lines have two texts with a tab between them")


def recognised_long_text(path: Path) -> Recognised | None:
    """How sure it is that a file is one long text: by its ending, or as its first bytes are UTF-8."""
    ending = ending_of(path)
    if ending in (*ENDINGS, *OTHERS):
        return _found(path, 50, f"its name ends with {ending}") if is_regular(path) else None
    if ending in ("", ".dat") and _is_plain(path):
        return _found(path, 15, "its first bytes are text")
    return None


def ending_of(path: Path) -> str:
    """The ending of a name in small letters, the one before `.gz`."""
    endings = [ending.lower() for ending in path.suffixes if ending.lower() != ".gz"]
    return endings[-1] if endings else ""


def start_of(path: Path) -> str:
    """The first characters of a regular file, up to the last whole line; none where it cannot be read."""
    raw = _first_bytes(path)
    wide = next((name for mark, name in _MARKS if raw.startswith(mark)), "utf-8-sig")
    text = raw.decode(wide, "replace")
    return text.rpartition("\n")[0] or text if len(raw) == START else text


def _has_plain(folder: Path) -> bool:
    """Whether the first files without endings of a folder and its folders are texts."""
    with suppress(OSError):
        found = [path for path in islice(folder.rglob("*"), ENTRIES) if not path.suffix and path.is_file()]
        return bool(found) and all(b"\0" not in _first_bytes(path) for path in found[:10])
    return False


def _first_bytes(path: Path) -> bytes:
    if not is_regular(path):
        return b""
    try:
        with opened(path, "a text file") as file:
            return bytes(file.read(START))
    except DataError:
        return b""


def _is_plain(path: Path) -> bool:
    """Whether the first bytes are UTF-8 without a zero."""
    raw = _first_bytes(path)
    try:
        text = raw[: START - 4].decode("utf-8-sig") if len(raw) == START else raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return bool(raw) and error.start >= START - 8
    return bool(text.strip()) and "\0" not in text


def _found(path: Path, sureness: int, why: str, **values: str) -> Recognised:
    return Recognised(sureness, {"path": str(path), **values}, why)


def _json_lines(path: Path, start: str, ending: str) -> Recognised | None:
    """JSON lines are texts where a value of theirs has sentences."""
    keys, cells = _objects(start, ending)
    if _are_texts_with_labels(cells):
        return _found(path, 75, "each of its lines is a JSON object with a text")
    return _found(path, 10, "each of its lines is a JSON object") if keys else None


def _objects(start: str, ending: str) -> tuple[list[str], list[Row]]:
    """The keys of the first object, and the values of the first lines; none where they are no objects."""
    rows: list[dict[str, Any]] = []
    for line in islice((line for line in start.splitlines() if line.strip()), ENTRIES):
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            return [], []
        if not isinstance(found, dict):
            return [], []
        rows.append(found)
    if not rows or (ending == ".json" and len(rows) < 2):
        return [], []
    keys = list(rows[0])
    return keys, [[_cell(row.get(key, "")) for key in keys] for row in rows]


def _cell(value: object) -> str:
    """A value as a cell; lists and objects are no text."""
    return "" if isinstance(value, dict | list) else str(value)


def _csv_rows(lines: list[str]) -> list[list[Row]]:
    """The first rows parted by commas and by semicolons, without the first."""
    found = []
    for sign in ",;":
        with suppress(csv.Error):
            rows = list(csv.reader([f"{line}\n" for line in lines[:ENTRIES]], delimiter=sign))[1:-1]
            found.append(_alike(rows))
    return found


def _tab_rows(lines: list[str]) -> list[Row]:
    return _alike([line.split("\t") for line in lines[:ENTRIES] if line.strip()])


def _alike(rows: Sequence[Row]) -> list[Row]:
    """The rows with the usual number of cells; none where there is one cell, or it is not that of most."""
    widths = Counter(map(len, rows))
    width, count = widths.most_common(1)[0] if widths else (0, 0)
    if width < 2 or count < max(2, MOST * len(rows)):
        return []
    return [row for row in rows if len(row) == width]


def _are_texts_with_labels(rows: Sequence[Row]) -> bool:
    """Whether a column has sentences, no other has many different numbers, and there are labels or no other
    texts.
    """
    columns = list(zip(*rows, strict=True))
    words = [
        0.0 if _have_several(column) else mean(len(cell.split()) for cell in column) for column in columns
    ]
    if not words or max(words) < SENTENCE:
        return False
    others = [column for i, column in enumerate(columns) if i != words.index(max(words))]
    if len(others) > 1 and any(map(_are_measured, others)):
        return False
    return any(map(_are_labels, others)) or not any(map(_are_texts, others))


def _are_pairs(rows: Sequence[Row]) -> bool:
    """Whether two columns have texts and none has labels."""
    columns = list(zip(*rows, strict=True))
    return sum(map(_are_texts, columns)) == 2 and not any(map(_are_labels, columns))


def _are_texts(cells: Row) -> bool:
    """Whether cells are texts: mostly letters, and most of them differ."""
    letters = mean(sum(map(str.isalpha, cell)) / max(1, len(cell)) for cell in cells)
    return letters > 0.5 and len(set(cells)) > len(cells) / 2


def _have_spaces(cells: Row) -> bool:
    """Whether most cells have several words, as sentences do and names do not."""
    return sum(" " in cell.strip() for cell in cells) > len(cells) / 2


def _are_numbers(cells: Row) -> bool:
    return sum(cell.strip().lstrip("-").replace(".", "", 1).isdigit() for cell in cells) > len(cells) / 2


def _are_measured(cells: Row) -> bool:
    """Whether cells are numbers that are neither labels nor identifiers, which are whole and all differ."""
    if not _are_numbers(cells) or _are_labels(cells):
        return False
    return len(set(cells)) < len(cells) or not all(cell.strip().isdigit() for cell in cells)


def _are_labels(cells: Row) -> bool:
    few = len(cells) >= 10 and 1 < len(set(cells)) <= min(FEW, len(cells) // 3)
    return few or _have_several(cells)


def _have_several(cells: Row) -> bool:
    """Whether cells surely have several labels each, which are no sentences."""
    found = joined_labels(set(cells)) if len(cells) >= 10 else None
    return found is not None and found.is_likely


def _two_files(folder: Path) -> Recognised | None:
    """Whether a folder has two files of text that differ in their endings alone, as in train.en, train.es."""
    try:
        with os.scandir(folder) as entries:
            names = sorted(one.name for one in islice(entries, FEW) if not one.name.startswith("."))
    except OSError:
        return None
    stems = sorted({Path(name).stem for name in names})
    also = ""
    if len(stems) > 1:
        training = [stem for stem in stems if part_of(stem) == TRAIN]
        if len(training) != 1 or len(names) % len(stems):
            return None
        others = [name for name in names if Path(name).stem != training[0]]
        names = [name for name in names if Path(name).stem == training[0]]
        also = f"; {listed(others, 2)} are not read"
    if len(names) != 2:
        return None
    endings = [Path(name).suffix for name in names]
    if not all(1 < len(ending) <= 6 and ending[1:].isalpha() for ending in endings):
        return None
    if not all(_is_plain(folder / name) for name in names):
        return None
    why = f"it has two files of lines, {names[0]} and {names[1]}{also}"
    return Recognised(70, {"path": str(folder / names[0]), "target_path": names[1]}, why)
