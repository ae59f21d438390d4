"""Captions in JSON: an object in each line, a list of objects, or images and annotations as COCO has them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from nodes.reading import budget
from nodes.reading.error import DataError
from nodes.reading.look import Fact
from nodes.reading.opened import opened
from nodes.reading.picture.captions.captioned import Captions
from nodes.reading.picture.coco_json import is_coco, objects_in, read_object
from nodes.reading.picture.listed.table_paths import OUTSIDE, TablePaths
from nodes.reading.texts.encoding import encoding_of, lines_of, require_room
from nodes.reading.texts.json_line import object_of
from nodes.shown_text import listed, quoted, shown

JSON_LINES = (".jsonl", ".ndjson")
MOST_BYTES = 256 << 20
LOOKED_AT = 40
_FILES = ("file_name", "filename", "file", "image", "image_path", "img", "path", "image_id", "name", "url")
_TEXTS = ("caption", "captions", "text", "sentence", "sentences", "description", "prompt", "raw")
Find = Callable[[str], str]


def has_captions(path: Path) -> bool:
    """Whether the first objects of a file name pictures and have sentences. Raises nothing."""
    if path.suffix.lower() == ".json" and is_coco(path, b'"caption"'):
        return True
    try:
        rows = list(islice((row for _, row in _rows(path, most=1 << 16)), LOOKED_AT))
        return _keys(rows, finder_for(path)) is not None
    except (DataError, OSError):
        return False


def finder_for(path: Path, root: Path | None = None) -> Find:
    """Finds pictures by name from the folder of a file, from `root`, and from images in it."""
    places = dict.fromkeys((path.parent, *((root, root / "images") if root else ())))
    finders = [TablePaths(place) for place in places if place.is_dir()]

    def find(name: str) -> str:
        found = (finder.find(name) for finder in finders)
        return next((place for place in found if place not in ("", OUTSIDE)), "")

    return find


def read_caption_json(path: Path, root: Path, into: Captions, wanted: str = "") -> tuple[Fact, ...]:
    """Add the captions of a file, those of the key `wanted` or of one with sentences. Raises `DataError`."""
    find = finder_for(path, root)
    if path.suffix.lower() == ".json" and is_coco(path, b'"caption"'):
        _of_coco(path, find, into)
        return (Fact("Captions in", shown(path.name, 60), "it has images and annotations, as COCO has"),)
    start = list(islice((row for _, row in _rows(path)), LOOKED_AT))
    keys = _keys(start, find)
    if keys is None:
        raise DataError(
            f"{path}: Expected objects with the name of a picture and a caption. "
            f"Received {listed(start[0]) if start else 'none'}."
        )
    if wanted:
        keys = (keys[0], wanted)
    missing = 0, ""
    for place, row in _rows(path):
        name = str(row.get(keys[0], ""))
        picture = find(name)
        if not picture:
            missing = missing[0] + 1, missing[1] or f"{place}: {shown(name, 60)}"
            continue
        for text in _texts_of(row.get(keys[1])):
            into.add(picture, text, place)
    if missing[0]:
        into.notes.append(
            f"{shown(path.name, 60)}: {missing[0]:,} objects left out, naming no picture that is there: "
            f"{missing[1]}"
        )
    why = "it names pictures that are there"
    return Fact("Files", shown(keys[0]), why), Fact("Captions in", shown(keys[1]), "it has sentences")


def _of_coco(path: Path, find: Find, into: Captions) -> None:
    found = read_object(path)
    pictures = {
        str(one.get("id")): find(str(one.get("file_name", ""))) for one in objects_in(path, found, "images")
    }
    lost = 0
    for at, one in enumerate(objects_in(path, found, "annotations"), 1):
        picture = pictures.get(str(one.get("image_id")), "")
        if picture and isinstance(one.get("caption"), str):
            into.add(picture, one["caption"], f"annotation {at:,}")
        else:
            lost += 1
    if lost:
        into.notes.append(
            f"{shown(path.name, 60)}: {lost:,} annotations left out, having no caption, or of a picture that "
            "is not there"
        )


def _rows(path: Path, most: int | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
    """The objects of a file with their places: lines, or items of its list. With `most` characters of its
    start alone. Raises `DataError`."""
    if path.suffix.lower() in JSON_LINES:
        yield from _lines(path, most)
        return
    with opened(path, "a JSON file") as file:
        data = bytes(file.read(most or MOST_BYTES + 1))
    if len(data) > MOST_BYTES:
        raise DataError(
            f"{path}: Expected at most {MOST_BYTES:,} bytes of JSON. Received more; use JSON lines."
        )
    budget.require_room(str(path), 12 * len(data), "captions in JSON")
    if most and len(data) == most:  # the first whole objects of a long list
        data = data[: data.rfind(b"},") + 1] + b"]"
    try:
        found = json.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"{path}: Expected a list of objects in JSON. Received {quoted(str(error))}."
        ) from error
    if not isinstance(found, list):
        raise DataError(f"{path}: Expected a list of objects in JSON. Received something else.")
    yield from ((f"item {at:,}", one) for at, one in enumerate(found, 1) if isinstance(one, dict))


def _lines(path: Path, most: int | None) -> Iterator[tuple[str, dict[str, Any]]]:
    lines: Iterable[str]
    if most:
        with opened(path, "JSON lines") as file:
            start = bytes(file.read(most))
        whole = start.rpartition(b"\n")[0] if len(start) == most else start
        lines = whole.decode("utf-8-sig", "replace").splitlines()
    else:
        require_room(path)
        lines = lines_of(path, encoding_of(path))
    for at, line in enumerate(lines, 1):
        if line.strip():
            yield f"line {at:,}", object_of(path, at, line)


def _keys(rows: list[dict[str, Any]], find: Find) -> tuple[str, str] | None:
    """The key of files and that of sentences of these objects; None where there is none."""
    if not rows:
        return None
    keys = list(dict.fromkeys(key for row in rows for key in row))
    by_name = sorted(
        keys, key=lambda key: _FILES.index(key.lower()) if key.lower() in _FILES else len(_FILES)
    )
    few = rows[:10]
    file = next(
        (key for key in by_name if any(isinstance(row.get(key), str) and find(row[key]) for row in few)), None
    )
    texts = {key: [text for row in rows for text in _texts_of(row.get(key))] for key in keys if key != file}
    words = {
        key: sum(len(one.split()) for one in found) / len(found) for key, found in texts.items() if found
    }
    named = [key for key in _TEXTS if words.get(key, 0) >= 2]
    long = [key for key in sorted(words, key=lambda key: -words[key]) if words[key] >= 3]
    if file is None or not (named or long):
        return None
    return file, (named or long)[0]


def _texts_of(value: object) -> list[str]:
    """The captions in a value: a text, a list of texts, or of objects with a `raw` text."""
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list):
        return []
    found = (one.get("raw") if isinstance(one, dict) else one for one in value)
    return [one for one in found if isinstance(one, str)]
