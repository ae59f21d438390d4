"""Which files are tables, by their names and first bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nodes.reading.look import Recognised, by_ending

LISTED = re.compile(r"\.(png|jpe?g|webp|tiff?|bmp|gif|wav|flac|npy|txt)\"?\s*([,;\t|]|$)", re.IGNORECASE)
"""A cell that ends as the name of a file does."""
_NUMBER = re.compile(r"[\s\"]*[-+]?[\d.,'%€$]*\d[\s\"%€]*")
LOOKED_AT = 1 << 14
_SURE, _LISTING, _MAYBE = 50, 20, 15


def recognised_text(path: Path, endings: tuple[str, ...], values: Mapping[str, Any]) -> Recognised | None:
    """Whether a file is a table in text: by its ending, or a `.txt` whose lines have cells.

    A table that lists files is left to who reads those files, where there is somebody.
    """
    found = by_ending(path, (*endings, ".txt"), _SURE)
    if found is None:
        return None
    found = replace(found, values={**found.values, **values})
    start = _start(path)
    lines = [line for line in start.splitlines()[:30] if line.strip()]
    if len(lines) > 2 and sum(bool(LISTED.search(line)) for line in lines) >= 0.6 * len(lines):
        return replace(found, sureness=_LISTING, why=f"{found.why}, though a column lists files")
    if [one.lower() for one in path.suffixes if one.lower() != ".gz"][-1:] == [".txt"]:
        sign = _even_sign(lines)
        return (
            replace(found, sureness=_SURE + 5, why=f"its lines have cells parted by {sign}") if sign else None
        )
    return found


def _start(path: Path) -> str:
    """The first characters of a file, as far as they are text."""
    from nodes.reading.error import DataError
    from nodes.reading.opened import opened
    from nodes.reading.tables.encoding import encoding_of

    try:
        with opened(path, "a table") as source:
            start = bytes(source.read(LOOKED_AT))
    except DataError:
        return ""
    return start.decode(encoding_of(start).codec, "replace")


def _even_sign(lines: list[str]) -> str:
    """What parts nearly all lines into as many cells, of which some are numbers; empty: nothing."""
    names = {"\t": "tabs", ";": "semicolons", "|": "bars", ",": "commas"}
    whole = lines[:-1] if len(lines) > 20 else lines
    for sign, name in names.items():
        counts = [line.count(sign) for line in whole]
        common = max(set(counts), key=counts.count) if counts else 0
        even = [line for line, count in zip(whole, counts, strict=True) if count == common]
        if common and len(even) >= max(3, 0.8 * len(whole)) and _have_numbers(even[1:], sign):
            return name
    return ""


def _have_numbers(lines: list[str], sign: str) -> bool:
    held = [
        any(re.fullmatch(r"[\s\"]*[-+]?[\d.,'%€$]*\d[\s\"%€]*", cell) for cell in line.split(sign))
        for line in lines
    ]
    return sum(held) >= 0.8 * len(held)
