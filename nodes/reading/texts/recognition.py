"""Whether a file or folder holds texts with labels, or texts with translations, by its first bytes alone."""

from __future__ import annotations

import codecs
import csv
from contextlib import suppress
from pathlib import Path
from statistics import mean

from nodes.reading.folders.recognition import holds_mostly
from nodes.reading.look import Recognised
from nodes.reading.texts.corpus import ENDINGS
from nodes.reading.texts.records import JSON_LINES
from nodes.regular_file import is_regular, open_regular

START = 1 << 16
ENTRIES = 200
SENTENCE = 4
"""Words of the mean cell of a column of texts."""
FEW = 20
"""Different values of a column that are labels, among many rows."""


def recognised_texts(path: Path) -> Recognised | None:
    """How sure it is that these are texts, each a sample."""
    if path.is_dir():
        is_of_texts = holds_mostly(path, ENDINGS)
        return _found(path, 60, "it is a folder of text files") if is_of_texts else None
    ending = _ending(path)
    if ending in JSON_LINES:
        return _found(path, 60, f"its name ends with {ending}")
    if ending not in (*ENDINGS, ".tsv", ".csv"):
        return None
    rows = _rows(path)
    if ending == ".csv":
        return _csv(path)
    if not rows:
        return _found(path, 30, "each of its lines could be a text") if _start(path) else None
    label = next((i for i in range(len(rows[0])) if _are_labels(rows, i)), None)
    if label is not None and _are_texts(rows, 1 - label if len(rows[0]) == 2 else label):
        return _found(path, 70, f"column {label + 1} has few different words, another has texts")
    return None


def recognised_pairs(path: Path) -> Recognised | None:
    """How sure it is that these are texts with their translations."""
    rows = _rows(path) if _ending(path) in (*ENDINGS, ".tsv") and not path.is_dir() else []
    if not rows or len(rows[0]) > 4 or not all(_are_texts(rows, i) for i in (0, 1)):
        return None
    if any(_are_labels(rows, i) for i in (0, 1)):
        return None
    return _found(path, 65, "each of its first lines has two texts with a tab between them")


def _found(path: Path, sureness: int, why: str) -> Recognised:
    return Recognised(sureness, {"path": str(path)}, why)


def _ending(path: Path) -> str:
    endings = [ending.lower() for ending in path.suffixes if ending.lower() != ".gz"]
    return endings[-1] if endings else ""


def _start(path: Path) -> bytes:
    """The first bytes of a regular file; none where it cannot be read or is packed."""
    if not is_regular(path):
        return b""
    try:
        with open_regular(path) as file:
            return file.read(START)
    except OSError:
        return b""


def _rows(path: Path) -> list[list[str]]:
    """The first rows of a file whose lines all have as many tabs; none where they have not."""
    raw = _start(path)
    wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = raw.decode("utf-16" if wide else "utf-8-sig", "replace")
    lines = [line for line in text.splitlines() if line.strip()]
    if len(raw) == START:
        lines = lines[:-1]
    rows = [line.split("\t") for line in lines[:ENTRIES]]
    alike = {len(row) for row in rows}
    return rows if len(alike) == 1 and alike != {1} and len(rows) > 1 else []


def _csv(path: Path) -> Recognised | None:
    """A table with commas or semicolons is one of texts where a column has whole sentences."""
    text = _start(path).decode("utf-8-sig", "replace")
    lines = text.splitlines(keepends=True)[:ENTRIES]
    best = 0.0
    for sign in ",;":
        with suppress(csv.Error):
            rows = list(csv.reader(lines, delimiter=sign))[1:-1]
            width = max((len(row) for row in rows), default=0)
            whole = [row for row in rows if len(row) == width]
            if width > 1 and 2 * len(whole) > len(rows):
                best = max(best, *(mean(len(row[i].split()) for row in whole) for i in range(width)))
    if best >= SENTENCE:
        return _found(path, 65, "a column has sentences")
    return _found(path, 20, "its cells could be texts") if text else None


def _are_texts(rows: list[list[str]], column: int) -> bool:
    """Whether most cells have letters and no cell is a number."""
    cells = [row[column] for row in rows]
    letters = mean(sum(map(str.isalpha, cell)) / max(1, len(cell)) for cell in cells)
    return letters > 0.5


def _are_labels(rows: list[list[str]], column: int) -> bool:
    values = {row[column] for row in rows}
    return len(rows) >= 10 and 1 < len(values) <= min(FEW, len(rows) // 3)
