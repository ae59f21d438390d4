"""Boxes as COCO writes them: one JSON file of pictures, categories and annotations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nodes.reading.picture.boxes.box_numbers import number
from nodes.reading.picture.boxes.boxed import Collected
from nodes.reading.picture.boxes.outlines import of_coco
from nodes.reading.picture.coco_json import objects_in, read_object


def read_coco(
    path: Path, find: Callable[[str], str], into: Collected, form: str, part: int | None
) -> list[str]:
    """Add the pictures and boxes of a file; `find` gives the path of a picture by its name. Returns the names
    of the categories in the order of their numbers. Raises `DataError`."""
    found = read_object(path)
    names = {
        one.get("id"): str(one.get("name", one.get("id")))
        for one in objects_in(path, found, "categories")
        if _is_key(one.get("id"))
    }
    pictures: dict[Any, str] = {}
    for one in objects_in(path, found, "images"):
        name, key = str(one.get("file_name", "")), one.get("id")
        place = find(name) if _is_key(key) else ""
        if not place:
            into.left.add("pictures that are not there", name)
            continue
        pictures[key] = place
        size = (number(one.get("width")), number(one.get("height")))
        into.see(place, size if min(size) > 0 else None, part)
    lost = Counter[str]()
    for at, one in enumerate(objects_in(path, found, "annotations"), 1):
        key = one.get("image_id")
        picture = pictures.get(key) if _is_key(key) else None
        where = f"annotation {at:,}"
        if picture is None:
            lost[where] += 1
        else:
            kind = one.get("category_id")
            label = names.get(kind, f"category {kind}") if _is_key(kind) else "object"
            _add(one, picture, form, label, where, into)
    if lost:
        into.left.add("boxes of pictures that are not there", next(iter(lost)), lost.total())
    numbered = sorted(key for key in names if isinstance(key, int))
    return [names[key] for key in numbered] + [
        name for key, name in names.items() if not isinstance(key, int)
    ]


def _add(one: dict[str, Any], picture: str, form: str, label: str, where: str, into: Collected) -> None:
    """Add an annotation by its outline and its box, or the one that it has."""
    box, drawn = one.get("bbox"), one.get("segmentation")
    outline = of_coco(drawn) if drawn else None
    if drawn and outline is None:
        into.left.add("outlines that cannot be read; their boxes are drawn where they have one", where)
    if isinstance(box, list) and box:
        into.add(picture, [number(value) for value in box], form, label, where, outline)
    elif outline is not None:
        into.add(picture, outline.corners() or (), "corners", label, where, outline)
    else:
        into.left.add("annotations without a box", where)


def _is_key(value: object) -> bool:
    return isinstance(value, int | str)
