"""Boxes as COCO writes them: one JSON file of pictures, categories and annotations."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nodes.reading import budget
from nodes.reading.error import DataError
from nodes.reading.opened import opened
from nodes.reading.picture.boxes.boxed import Collected, number
from nodes.shown_text import shown

MOST_BYTES = 1 << 30
_IN_MEMORY = 12
"""Bytes that a byte of JSON takes as values, about."""
START = 1 << 16


def is_coco(path: Path) -> bool:
    """Whether the first and last characters of a file look like those of pictures with annotations."""
    try:
        with opened(path, "a JSON file") as file:
            start = bytes(file.read(START))
            if not start.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{") or b"\0" in start:
                return False
            rest = bytes(file.read(1 << 22)) if len(start) == START else b""
    except DataError:
        return False
    whole = start + rest
    named = sum(word in whole for word in (b'"images"', b'"annotations"', b'"categories"', b'"image_id"'))
    return named >= 2 and (b'"file_name"' in whole or b'"bbox"' in whole)


def read_coco(
    path: Path, find: Callable[[str], str], into: Collected, form: str, part: int | None
) -> list[str]:
    """Add the pictures and boxes of a file; `find` gives the path of a picture by its name. Returns the names
    of the categories in the order of their numbers. Raises `DataError`."""
    found = _object(path)
    names = {
        one.get("id"): str(one.get("name", one.get("id")))
        for one in _objects(path, found, "categories")
        if _is_key(one.get("id"))
    }
    pictures: dict[Any, str] = {}
    for one in _objects(path, found, "images"):
        name, key = str(one.get("file_name", "")), one.get("id")
        place = find(name) if _is_key(key) else ""
        if not place:
            into.left.add("pictures that are not there", name)
            continue
        pictures[key] = place
        size = (number(one.get("width")), number(one.get("height")))
        into.see(place, size if min(size) > 0 else None, part)
    lost = Counter[str]()
    for at, one in enumerate(_objects(path, found, "annotations"), 1):
        key = one.get("image_id")
        picture = pictures.get(key) if _is_key(key) else None
        box, where = one.get("bbox"), f"annotation {at:,}"
        if picture is None:
            lost[where] += 1
        elif isinstance(box, list):
            kind = one.get("category_id")
            label = names.get(kind, f"category {kind}") if _is_key(kind) else "object"
            into.add(picture, [number(value) for value in box], form, label, where)
        else:
            into.left.add("annotations without a box", where)
    if lost:
        into.left.add("boxes of pictures that are not there", next(iter(lost)), lost.total())
    numbered = sorted(key for key in names if isinstance(key, int))
    return [names[key] for key in numbered] + [
        name for key, name in names.items() if not isinstance(key, int)
    ]


def _is_key(value: object) -> bool:
    return isinstance(value, int | str)


def _object(path: Path) -> dict[str, Any]:
    with opened(path, "a JSON file of boxes") as file:
        budget.require_room(str(path), _IN_MEMORY * file.size, "boxes in JSON")
        data = bytes(file.read(MOST_BYTES + 1))
    if len(data) > MOST_BYTES:
        raise DataError(f"{path}: Expected at most {MOST_BYTES:,} bytes of JSON. Received more.")
    try:
        found = json.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as error:
        reason = "lists within lists" if isinstance(error, RecursionError) else str(error).splitlines()[0]
        raise DataError(f"{path}: Expected boxes in JSON. Received: {shown(reason, 100)}.") from error
    if not isinstance(found, dict):
        raise DataError(
            f"{path}: Expected an object with images and annotations, as COCO has. Received a list."
        )
    return found


def _objects(path: Path, found: dict[str, Any], name: str) -> list[dict[str, Any]]:
    listed = found.get(name, [])
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise DataError(f"{path}: Expected a list of objects as {name!r}. Received something else.")
    return listed
