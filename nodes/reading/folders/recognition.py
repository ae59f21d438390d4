"""What a folder holds by the names of its first entries."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

from nodes.reading.picture.foreign_names import is_foreign

ENTRIES, FOLDERS, DEPTH = 200, 4, 3
"""Entries of a folder that are looked at, folders of it that are gone into, and how deep."""


def holds_mostly(path: Path, endings: tuple[str, ...]) -> bool:
    """Whether most files in a folder and its first subfolders have these endings, hidden ones left out."""
    if not path.is_dir():
        return False
    mine, others = _counted(_unwrapped(str(path)), endings, DEPTH)
    return mine > others


def _unwrapped(folder: str) -> str:
    """The folder, or the one in it where that is all there is, as a zip is unpacked."""
    for _ in range(DEPTH):
        try:
            with os.scandir(folder) as entries:
                seen = [entry for entry in islice(entries, ENTRIES) if not is_foreign(entry.name)]
        except OSError:
            break
        if len(seen) != 1 or not seen[0].is_dir(follow_symlinks=False):
            break
        folder = seen[0].path
    return folder


def _counted(folder: str, endings: tuple[str, ...], depth: int) -> tuple[int, int]:
    mine, others, folders = 0, 0, []
    try:
        with os.scandir(folder) as entries:
            for entry in islice(entries, ENTRIES):
                if is_foreign(entry.name):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                elif os.path.splitext(entry.name)[1].lower() in endings:  # noqa: PTH122
                    mine += 1
                else:
                    others += 1
    except OSError:
        return 0, 0
    for within in sorted(folders)[:FOLDERS] if depth > 1 else ():
        more = _counted(within, endings, depth - 1)
        mine, others = mine + more[0], others + more[1]
    return mine, others
