"""Files of pictures that are the same as another, byte for byte: within and across classes and parts."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Sequence
from contextlib import suppress

from nodes.reading.picture.folder_layout import Listing
from nodes.shown_text import listed, shown

COMPARED = 20_000
"""Pictures that are compared, the first of each part."""
SECONDS, LARGEST = 1.5, 8 << 20
"""For how long files are read, and the largest that is."""


def warnings_of(listing: Listing) -> list[str]:
    """Sentences on pictures that are the same as another. Reads files of equal sizes alone."""
    places = _compared(listing)
    several = _alike([listing.paths[place] for place in places])
    groups = [[places[at] for at in group] for group in several]
    if not groups:
        return []
    count = sum(len(group) - 1 for group in groups)
    are = "picture is" if count == 1 else "pictures are"
    example = listed((shown(os.path.relpath(listing.paths[at], listing.folder), 60) for at in groups[0]), 2)
    told = f"{count:,} {are} the same as another, byte for byte: {example}"
    labels = sum(len({int(listing.labels[at]) for at in group}) > 1 for group in groups)
    if listing.classes and labels:
        told += f"; {labels:,} of them in several classes"
    if listing.training is not None:
        both = sum(len({at < listing.training for at in group}) > 1 for group in groups)
        told += f"; {both:,} of them both train and validate" if both else ""
    return [f"{told}."]


def _compared(listing: Listing) -> list[int]:
    """The places of the pictures that are compared."""
    count, training = len(listing.paths), listing.training
    if training is None or count <= COMPARED:
        return list(range(min(count, COMPARED)))
    half = COMPARED // 2
    return [*range(min(training, half)), *range(training, min(count, training + half))]


def _alike(paths: Sequence[str]) -> list[list[int]]:
    """The places of files that are the same, in groups."""
    by_size: dict[int, list[int]] = {}
    for at, path in enumerate(paths):
        with suppress(OSError):
            by_size.setdefault(os.stat(path).st_size, []).append(at)  # noqa: PTH116 - 20,000 of them
    end, found = time.monotonic() + SECONDS, dict[bytes, list[int]]()
    for size, places in by_size.items():
        if len(places) < 2 or not 0 < size <= LARGEST:
            continue
        for at in places:
            if time.monotonic() > end:
                break
            with suppress(OSError), open(paths[at], "rb") as file:  # noqa: PTH123
                found.setdefault(hashlib.blake2b(file.read(LARGEST)).digest(), []).append(at)
    return [group for group in found.values() if len(group) > 1]
