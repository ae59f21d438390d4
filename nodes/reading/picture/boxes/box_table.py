"""Boxes in the columns of a table: a row for each box, with the file of its picture and its class."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nodes.reading.error import DataError
from nodes.reading.look import Fact
from nodes.reading.picture.boxes.box_numbers import number
from nodes.reading.picture.boxes.boxed import Collected
from nodes.reading.picture.listed.picture_table import PictureTable, read_table, start_of
from nodes.shown_text import listed, shown

_CORNERS = (
    ("xmin", "ymin", "xmax", "ymax"),
    ("x1", "y1", "x2", "y2"),
    ("x0", "y0", "x1", "y1"),
    ("left", "top", "right", "bottom"),
    ("minx", "miny", "maxx", "maxy"),
)
_CORNER_SIZE = (
    ("x", "y", "w", "h"),
    ("x", "y", "width", "height"),
    ("left", "top", "width", "height"),
    ("xmin", "ymin", "width", "height"),
    ("x1", "y1", "width", "height"),
)
_CENTRE = (
    ("xc", "yc", "w", "h"),
    ("cx", "cy", "w", "h"),
    ("xcenter", "ycenter", "width", "height"),
    ("xcentre", "ycentre", "width", "height"),
    ("centerx", "centery", "width", "height"),
)
_WAYS = tuple(
    (form, names)
    for form, sets in (("corners", _CORNERS), ("centre and size", _CENTRE), ("corner and size", _CORNER_SIZE))
    for names in sets
)
_ONE = re.compile(r"(bbox|box|boundingbox|bndbox)(es)?")
_CLASS = re.compile(r"(class|label|category|name|object|type|species|kind)(name|label)?s?")
_PREFIX = re.compile(r"^(bbox|bndbox|boundingbox|box|rect)(?=.)")
_LIST = re.compile(r"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?")


@dataclass(frozen=True)
class BoxColumns:
    """The places of the columns of a box, one or four; of its class (-1: none); of width and height of the
    picture, or none. `form` is one of `FORMS`; `is_sure`: the names of the columns say it."""

    box: tuple[int, ...]
    form: str
    label: int
    size: tuple[int, ...] = ()
    is_sure: bool = True


def box_columns(table: PictureTable) -> BoxColumns | None:
    """The columns of boxes of a table that lists pictures; None where it has none."""
    bare = [re.sub(r"[^a-z0-9]", "", name.lower()) for name in table.names]
    short = [_PREFIX.sub("", name) for name in bare]
    free = [i for i in range(len(bare)) if i not in table.file_columns]
    for form, names in _WAYS:
        if table.has_names and all(name in [short[i] for i in free] for name in names):
            places = tuple(next(i for i in free if short[i] == name) for name in names)
            return _with_label(table, bare, places, form)
    for i in free:
        cells = [cell for cell in table.values(i)[:50] if cell]
        if (
            table.has_names
            and _ONE.fullmatch(bare[i])
            and cells
            and all(len(_four(cell)) == 4 for cell in cells)
        ):
            return _with_label(table, bare, (i,), "corner and size", is_sure=False)
    if not table.has_names and len(table.names) in (5, 6) and table.file_columns == (0,):
        rows = [row for row in table.cells[:50] if any(row[1:5])]
        if rows and all(math.isfinite(number(cell)) for row in rows for cell in row[1:5]):
            return _with_label(table, bare, (1, 2, 3, 4), "corners", is_sure=False)
    return None


def has_boxes(path: Path) -> bool:
    """Whether the first rows of a table name pictures and boxes in them. Raises nothing."""
    table = start_of(path)
    return table is not None and bool(table.files) and box_columns(table) is not None


def read_box_table(path: Path, into: Collected, form: str, part: int | None) -> tuple[BoxColumns, Fact]:
    """Add the boxes of a table; its columns, and a fact that says what they are taken for.

    A row without any number is a picture without boxes. Raises `DataError`.
    """
    table = read_table(path)
    found = box_columns(table)
    if found is None:
        raise DataError(
            f"{path}: Expected columns of boxes, such as xmin, ymin, xmax, ymax. "
            f"Received {listed(table.names)}."
        )
    used = found.form if form == "auto" else form
    for line, files, cells in zip(table.lines, table.files, table.cells, strict=True):
        size = tuple(number(cells[i]) for i in found.size)
        into.see(files[0], (size[0], size[1]) if size and min(size) > 0 else None, part)
        words = [cells[i] for i in found.box]
        values = _four(words[0]) if len(words) == 1 else [number(word) for word in words]
        if any(words):
            label = cells[found.label] if found.label >= 0 else "object"
            into.add(files[0], values, used, label, f"line {line:,}")
    into.notes += table.left_out
    names = listed(table.names[i] for i in found.box)
    label = table.names[found.label] if found.label >= 0 else "none: one class, object"
    why = "by their names" if found.is_sure else "there are four numbers, which nothing else names"
    told = f"{shown(path.name, 40)}: {names} as {used}; class: {shown(label)}"
    return found, Fact("Columns of boxes", told, why)


def _with_label(
    table: PictureTable, bare: Sequence[str], box: tuple[int, ...], form: str, *, is_sure: bool = True
) -> BoxColumns:
    free = [i for i in range(len(bare)) if i not in (*table.file_columns, *box)]
    named = [i for i in free if _CLASS.fullmatch(bare[i])]
    sizes = ("width", "height"), ("imagewidth", "imageheight"), ("imgwidth", "imgheight")
    size = next(
        (tuple(bare.index(name) for name in pair) for pair in sizes if all(bare.count(n) for n in pair)), ()
    )
    size = () if set(size) & set(box) else size
    rest = [i for i in free if i not in size and not table.has_names]
    label = (named or rest or [-1])[0]
    return BoxColumns(box, form, label, size, is_sure)


def _four(cell: str) -> list[float]:
    """The numbers of a cell such as [12, 7, 30, 40]."""
    return [float(found) for found in _LIST.findall(cell)]
