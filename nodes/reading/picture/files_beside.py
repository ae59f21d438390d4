"""Files beside pictures that say something about them, and which picture each is about."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from time import monotonic

from nodes.reading.error import DataError
from nodes.reading.picture.foreign_names import is_foreign
from nodes.reading.picture.part_names import part_of
from nodes.reading.picture.picture_formats import SUFFIXES
from nodes.reading.picture.picture_walk import MOST_SECONDS
from nodes.reading.progress import tell
from nodes.shown_text import shown

LOOKED_AT, FOLDERS, DEEPEST = 300, 30, 3
"""Entries of a folder that are looked at to tell what is in it, folders, and how deep they lie."""
MOST_FILES = 4_000_000


def looked_at(folder: Path) -> Iterator[Path]:
    """Some of the files in a folder and a little below it, those nearest first."""
    waiting = [(str(folder), 0)]
    for _ in range(FOLDERS):
        if not waiting:
            return
        where, depth = waiting.pop(0)
        try:
            with os.scandir(where) as entries:
                few = sorted(islice(entries, LOOKED_AT), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in few:
            if is_foreign(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                waiting += [(entry.path, depth + 1)] if depth < DEEPEST else []
            elif entry.is_file(follow_symlinks=False):
                yield Path(entry.path)


def files_below(root: Path, ending: str) -> tuple[list[str], list[str]]:
    """All pictures below a folder, and all files with an ending, sorted. Links are not followed.

    Raises `DataError` where there are too many files, or going through them takes too long.
    """
    pictures, others, waiting, count = list[str](), list[str](), [str(root)], 0
    begun = monotonic()
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    count += 1
                    if is_foreign(entry.name):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                        continue
                    suffix = os.path.splitext(entry.name)[1].lower()  # noqa: PTH122
                    if suffix in SUFFIXES:
                        pictures.append(entry.path)
                    elif suffix == ending and entry.is_file(follow_symlinks=False):
                        others.append(entry.path)
        except OSError:
            continue
        tell(f"Looking for pictures: {len(pictures):,} found")
        if count > MOST_FILES or monotonic() - begun > MOST_SECONDS:
            raise DataError(
                f"{shown(str(root), 100)}: Choose the folder that holds the pictures. Expected at most "
                f"{MOST_FILES:,} files that can be gone through in {MOST_SECONDS:g} s. Received more."
            )
    return sorted(pictures), sorted(others)


class ByStem:
    """Finds the picture that a file is about: that of the same name, nearest to it."""

    def __init__(self, root: Path, pictures: list[str]) -> None:
        self._root = str(root)
        self._by_stem: dict[str, list[str]] = {}
        for path in pictures:
            self._by_stem.setdefault(_stem(path), []).append(path)

    def find(self, path: str, named: str = "") -> str:
        """The picture of this file, or else of the name that it says; empty: there is none."""
        found = self._by_stem.get(_stem(path)) or self._by_stem.get(_stem(named) if named else "", [])
        if len(found) < 2:
            return found[0] if found else ""
        return max(found, key=lambda picture: self._nearness(path, picture))

    def _nearness(self, path: str, picture: str) -> tuple[bool, int]:
        first, second = (folders_of(self._root, one) for one in (path, picture))
        shared = sum(a == b for a, b in zip(first, second, strict=False))
        return parts_in(first) == parts_in(second), shared + sum(word in second for word in first)


def folders_of(root: str, path: str) -> list[str]:
    """The names of the folders below the root in which a file lies."""
    return path[len(root) :].replace(os.sep, "/").split("/")[:-1]


def parts_in(folders: list[str]) -> int | None:
    """The part of a set that one of these names of folders says; None: none does."""
    return next((found for name in folders if (found := part_of(name)) is not None), None)


def _stem(path: str) -> str:
    return os.path.splitext(os.path.basename(path.replace("\\", "/")))[0]  # noqa: PTH119, PTH122
