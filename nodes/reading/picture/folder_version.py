"""What changes when pictures are added to a folder or taken from it, without going through all of them."""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterable
from itertools import islice
from pathlib import Path

from nodes.reading.kept import signature
from nodes.reading.picture.part_names import part_of

SEEN = 100_000
"""Entries of a folder among which subfolders are looked for whenever the set may have changed."""
DEEPEST = 16
"""Folders around all others that are gone into."""

Times = tuple[tuple[str, int], ...]


def folder_version(folder: Path) -> Times:
    """The times of a folder, of the folders in it, and of those in parts such as train or in a lone folder.

    Empty where there is no folder that can be read.
    """
    try:
        found = [(str(folder), folder.stat().st_mtime_ns)]
        waiting = [str(folder)]
        for _ in range(DEEPEST):
            deeper: list[str] = []
            for where in waiting:
                inside = _folders(where)
                found += inside
                lone = len(inside) == 1
                deeper += [path for path, _ in inside if lone or part_of(os.path.basename(path)) is not None]  # noqa: PTH119
            waiting = deeper[: SEEN - len(found)]
            if not waiting:
                break
    except OSError:
        return ()
    return tuple(sorted(found))


def version_with(root: Path, files: Iterable[Path]) -> Hashable:
    """What changes when pictures or one of the files that tell of them do."""
    return folder_version(root), tuple(map(signature, files))


def _folders(folder: str) -> list[tuple[str, int]]:
    with os.scandir(folder) as entries:
        return [
            (entry.path, entry.stat().st_mtime_ns)
            for entry in islice(entries, SEEN)
            if entry.is_dir(follow_symlinks=False)
        ]
