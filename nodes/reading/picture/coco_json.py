"""JSON files of images and annotations, as COCO has them: told by their first bytes, read within bounds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nodes.reading import budget
from nodes.reading.error import DataError
from nodes.reading.opened import opened, plain
from nodes.shown_text import shown

MOST_BYTES = 1 << 30
_IN_MEMORY = 12
"""Bytes that a byte of JSON takes as values, about."""
START = 1 << 16
_WORDS = (b'"images"', b'"annotations"', b'"image_id"', b'"file_name"')


def is_coco(path: Path, key: bytes = b'"bbox"') -> bool:
    """Whether the first and last characters of a file are like those of pictures with annotations that have
    this key."""
    try:
        with plain(path, "a JSON file") as file:
            size = file.seek(0, 2)
            file.seek(0)
            start = file.read(START)
            file.seek(max(len(start), size - START))
            whole = start + file.read(START)
    except DataError:
        return False
    if not start.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{") or b"\0" in whole:
        return False
    return key in whole and sum(word in whole for word in _WORDS) >= 2


def read_object(path: Path) -> dict[str, Any]:
    """The object that is the whole of a JSON file. Raises `DataError`."""
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


def objects_in(path: Path, found: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The list of objects of this name. Raises `DataError`."""
    listed = found.get(name, [])
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise DataError(f"{path}: Expected a list of objects as {name!r}. Received something else.")
    return listed
