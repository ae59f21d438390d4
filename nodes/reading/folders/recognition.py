"""What a folder holds by the names of its first entries."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

ENTRIES, FOLDERS, DEPTH = 200, 4, 3
"""Entries of a folder that are looked at, folders of it that are gone into, and how deep."""


def holds_mostly(path: Path, endings: tuple[str, ...]) -> bool:
    """Whether most files in a folder and its first subfolders have these endings, hidden ones left out."""
    if not path.is_dir():
        return False
    mine, others = _counted(str(path), endings, DEPTH)
    return mine > others


def _counted(folder: str, endings: tuple[str, ...], depth: int) -> tuple[int, int]:
    mine, others, folders = 0, 0, []
    try:
        with os.scandir(folder) as entries:
            for entry in islice(entries, ENTRIES):
                if entry.name.startswith((".", "__")):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                elif entry.name.lower().endswith(endings):
                    mine += 1
                else:
                    others += 1
    except OSError:
        return 0, 0
    for within in sorted(folders)[:FOLDERS] if depth > 1 else ():
        more = _counted(within, endings, depth - 1)
        mine, others = mine + more[0], others + more[1]
    return mine, others
