"""Boxes as YOLO writes them: a text for each picture, in each line a class, a centre and a size, or a
class and the points of an outline.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from nodes.reading.error import DataError
from nodes.reading.opened import plain
from nodes.reading.picture.boxes.box_numbers import number
from nodes.reading.picture.boxes.outlines import Outline, polygons
from nodes.shown_text import shown

MOST_BYTES = 8 << 20
NAMES = ("classes.txt", "obj.names", "classes.names", "data.names", "data.yaml", "data.yml", "dataset.yaml")
"""Files that may have the names of classes, a line each, or as `names:` of YAML."""
_ITEM = re.compile(r"""\s*(?:-|(\d+)\s*:)\s*['"]?(.*?)['"]?\s*(?:#.*)?$""")


class YoloObject(NamedTuple):
    """A line: class, centre and size of a box; of an outline those of the box around it."""

    label: str
    values: list[float]
    line: int
    outline: Outline | None = None


def read_yolo(path: Path) -> list[YoloObject]:
    """The boxes and outlines of a picture. Raises `DataError` for a line that is neither."""
    found = []
    for place, line in enumerate(_text(path).splitlines(), 1):
        cells = line.split()
        if not cells:
            continue
        values, outline = [number(cell) for cell in cells[1:]], None
        if len(values) > 5 and len(values) % 2 == 0:
            across, down, outline = values[::2], values[1::2], polygons([values])
            sides = (min(across), min(down), max(across), max(down))
            values = [(sides[0] + sides[2]) / 2, (sides[1] + sides[3]) / 2]
            values += [sides[2] - sides[0], sides[3] - sides[1]]
        if len(values) not in (4, 5) or not cells[0].isdigit():
            raise DataError(
                f"{path}, line {place:,}: Expected a class number, a centre and a size. "
                f"Received {shown(line, 60)}."
            )
        found.append(YoloObject(cells[0], values[:4], place, outline))
    return found


def is_yolo(path: Path) -> bool:
    """Whether a text holds boxes, or nothing, as that of a picture without any."""
    try:
        return all(all(-0.5 <= value <= 1.5 for value in one.values) for one in read_yolo(path))
    except DataError:
        return False


def class_names(folder: Path) -> tuple[dict[str, str], str]:
    """The names of class numbers in one of `NAMES` in a folder, and the name of the file; none: no file."""
    for name in NAMES:
        path = folder / name
        if path.is_file():
            try:
                text = _text(path)
            except DataError:
                continue
            found = _of_yaml(text) if path.suffix in (".yaml", ".yml") else _of_lines(text)
            if found:
                return found, name
    return {}, ""


def _of_lines(text: str) -> dict[str, str]:
    return {str(i): line.strip() for i, line in enumerate(text.splitlines()) if line.strip()}


def _of_yaml(text: str) -> dict[str, str]:
    """The list or the numbered names under `names:`; nothing else of the file is read."""
    lines = text.splitlines()
    at = next((i for i, line in enumerate(lines) if re.match(r"names\s*:", line)), None)
    if at is None:
        return {}
    rest = lines[at].partition(":")[2].strip()
    if rest.startswith(("[", "{")):
        inner = (rest + " ".join(lines[at + 1 :])).partition("]" if rest[0] == "[" else "}")[0][1:]
        names = [word.strip() for word in inner.split(",")]
        if rest[0] == "{":
            pairs = [word.partition(":") for word in names]
            return {key.strip(" '\""): name.strip(" '\"") for key, _, name in pairs if name}
        return {str(i): word.strip("'\"") for i, word in enumerate(names) if word}
    found: dict[str, str] = {}
    for line in lines[at + 1 :]:
        item = _ITEM.fullmatch(line)
        if item is None or not item[2]:
            break
        found[item[1] or str(len(found))] = item[2]
    return found


def _text(path: Path) -> str:
    with plain(path, "a text file of boxes") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES or b"\0" in data:
        raise DataError(f"{path}: Expected a text of at most {MOST_BYTES:,} bytes. Received another file.")
    return data.decode("utf-8-sig", "replace")
