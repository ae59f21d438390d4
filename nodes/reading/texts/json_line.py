"""A line of JSON lines, which must be an object."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nodes.reading.error import DataError
from nodes.shown_text import quoted


def object_of(path: Path, number: int, line: str) -> dict[str, Any]:
    """The object of a line. Raises `DataError`."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"{path}, line {number:,}: Expected a JSON object. Received {quoted(line)} ({error})."
        ) from error
    if not isinstance(found, dict):
        raise DataError(f"{path}, line {number:,}: Expected a JSON object. Received {quoted(found)}.")
    return found
