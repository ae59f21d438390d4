"""Which files of a folder are sheets, each row of pixels a picture, and which have their labels.

Looks at names and headers alone. Rows and labels are counted when they are read.
"""

from __future__ import annotations

import math
import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from nodes.reading.error import DataError
from nodes.reading.picture import open_picture
from nodes.reading.picture.foreign_names import is_foreign
from nodes.reading.picture.picture_formats import PictureError
from nodes.reading.split import TRAIN, part_of
from nodes.regular_file import is_regular
from nodes.shown_text import listed, shown

MOST_ENTRIES, MOST_SHEETS = 400, 64
"""Entries of a folder that are looked at, and sheets of a set."""
SMALLEST_SIDE = 4
_LABELS = re.compile(r"(?:^|[^a-z])(labels?|lables?|targets?|classes|y)(?:[^a-z]|$)", re.IGNORECASE)
_ENDINGS = frozenset({"", ".json", ".bin", ".uint8", ".raw", ".dat", ".ubyte"})
_FILLERS = frozenset(
    {"label", "labels", "lable", "lables", "target", "targets", "classes", "y", "x", "image", "images"}
    | {"pixels", "sheet", "sprite", "uint", "bin", "data"}
)
"""Words of a name that say what a file holds, not which part of the set it is."""


@dataclass(frozen=True)
class Sheet:
    """A picture in a file, `rows` pixels high and `width` wide."""

    path: Path
    rows: int
    width: int
    channels: int


@dataclass(frozen=True)
class LabelledSheets:
    """Sheets whose rows, one sheet after the other, have the labels of one file. `part` is that of
    `SplitMarks.parts`; None: no name says it."""

    sheets: tuple[Sheet, ...]
    labels: Path
    part: int | None = None

    @property
    def rows(self) -> int:
        """How many pictures there are."""
        return sum(sheet.rows for sheet in self.sheets)


@dataclass(frozen=True)
class SheetFolder:
    """The sheets of a folder by their labels; `left_out` names pictures and labels that go with none."""

    folder: Path
    groups: tuple[LabelledSheets, ...]
    left_out: tuple[str, ...] = ()

    @property
    def first(self) -> Sheet:
        """A sheet that has the width and the channels of all."""
        return self.groups[0].sheets[0]


def side_of(width: int) -> int:
    """The side of a square picture of so many pixels; 0: it is none."""
    side = math.isqrt(width)
    return side if side * side == width and side >= SMALLEST_SIDE else 0


def is_row_of_pixels(sheet: Sheet) -> bool:
    """Whether a row of the sheet may be a square picture, or one of three colours in a row of numbers."""
    if side_of(sheet.width):
        return True
    return sheet.channels == 1 and sheet.width % 3 == 0 and side_of(sheet.width // 3) > 0


def candidates(folder: Path) -> tuple[list[Sheet], list[Path]]:
    """The pictures and the files of labels of a folder, by name; none where it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in islice(entries, MOST_ENTRIES))
    except OSError:
        return [], []
    sheets, labels = list[Sheet](), list[Path]()
    for name in names:
        path = folder / name
        if is_foreign(name) or not is_regular(path) or not _is_within(path, folder):
            continue
        if path.suffix.lower() == ".png" and len(sheets) < MOST_SHEETS:
            found = sheet_of(path)
            sheets += [found] if found else []
        elif path.suffix.lower() in _ENDINGS and _LABELS.search(path.stem):
            labels.append(path)
    return sheets, labels


def find(folder: Path) -> SheetFolder:
    """The sheets of a folder and which labels are whose. Raises `DataError`."""
    pictures, labels = candidates(folder)
    if not pictures or not labels:
        what = "no PNG sheet" if not pictures else f"{_count(len(pictures), 'sheet')}, but no labels"
        raise DataError(
            f"{shown(str(folder), 100)}: Expected PNG sheets, each row of pixels a picture, and a file of "
            f"labels beside them, such as labels.json. Received {what}."
        )
    rows = Counter[tuple[int, int]]()
    for sheet in pictures:
        rows[(sheet.width, sheet.channels)] += sheet.rows
    usual = rows.most_common(1)[0][0]
    sheets = [one for one in pictures if (one.width, one.channels) == usual]
    others = [one.path.name for one in pictures if (one.width, one.channels) != usual]
    groups, spare = _grouped(sheets, labels)
    left_out = []
    if others:
        left_out.append(f"left out: {_count(len(others), 'picture')} of another width: {listed(others, 3)}")
    if spare:
        left_out.append(
            f"not used: {_count(len(spare), 'file')} of labels without sheets: {listed(spare, 3)}"
        )
    return SheetFolder(folder, groups, tuple(left_out))


def _is_within(path: Path, folder: Path) -> bool:
    """Whether a file lies in the folder though it may be a link."""
    return os.path.realpath(path).startswith(os.path.realpath(folder) + os.sep)


def sheet_of(path: Path) -> Sheet | None:
    """A PNG as a sheet, by its header; None for anything else."""
    try:
        found = open_picture.sheet_header(path)
    except PictureError:
        return None
    return Sheet(path, found.height, found.width, found.channels)


def _grouped(sheets: Sequence[Sheet], labels: Sequence[Path]) -> tuple[tuple[LabelledSheets, ...], list[str]]:
    """Sheets and labels of the same words beside each other; else by the part that names say; one file of
    labels has those of all. Sheets whose name says no part train. Names of labels without sheets come too."""
    ordered = sorted(sheets, key=lambda sheet: (_order(part(sheet.path)), _natural(sheet.path.name)))
    by_words = {_words(path): path for path in labels}
    if (
        len(labels) > 1
        and len(by_words) == len(labels)
        and all(_words(one.path) in by_words for one in ordered)
    ):
        owner = {one.path: by_words[_words(one.path)] for one in ordered}
    elif len(labels) == 1:
        owner = {one.path: labels[0] for one in ordered}
    else:
        of_part = {part(path): path for path in reversed(labels)}
        usual = of_part.get(TRAIN) or of_part.get(None) or labels[0]
        owner = {one.path: of_part.get(part(one.path)) or usual for one in ordered}
    groups = []
    for path in labels:
        own = tuple(one for one in ordered if owner[one.path] == path)
        said = part(path) if part(path) is not None else _shared(own)
        groups += [LabelledSheets(own, path, said)] if own else []
    groups.sort(key=lambda group: (_order(group.part), _natural(group.labels.name)))
    return tuple(groups), [path.name for path in labels if path not in owner.values()]


def part(path: Path) -> int | None:
    """The part of a set that a name says, as in test_batch; None: none."""
    words = re.findall(r"t10k|[a-z]+", path.stem.lower())
    said = (part_of("test" if word == "t10k" else word) for word in words)
    return next((found for found in said if found is not None), None)


def _shared(sheets: Sequence[Sheet]) -> int | None:
    """The part that the names of all these sheets say."""
    said = {part(sheet.path) for sheet in sheets}
    return said.pop() if len(said) == 1 else None


def _order(said: int | None) -> int:
    return TRAIN if said is None else said


def _natural(name: str) -> list[tuple[int, str]]:
    """By which names stand in the order of their numbers: 2 before 10."""
    return [(int(word), "") if word.isdigit() else (-1, word) for word in re.findall(r"\d{1,9}|\D+|\d", name)]


def _words(path: Path) -> tuple[str, ...]:
    """What a name says besides what the file holds."""
    return tuple(
        word for word in re.findall(r"[a-z]+|\d+", path.stem.lower()) if word not in {*_FILLERS, "8"}
    )


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}" + "s" * (count != 1)
