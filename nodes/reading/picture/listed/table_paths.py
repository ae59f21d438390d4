"""Which files the cells of a table name: relative to its folder, and never outside of it."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from nodes.reading.picture.foreign_names import is_foreign
from nodes.reading.picture.picture_formats import SUFFIXES

MOST_BESIDE = 50
"""Folders beside a table in which bare names are looked for."""
MOST_NAMES = 2_000_000
"""Entries of a folder that are held to look names up."""
DEEPEST = 16
"""Folders at the end of a path of another machine that are looked for."""
OUTSIDE = "outside"
"""What stands for a path that leads out of the folder of the table."""


_COUNTED = re.compile(r"(?<=\.\w{3})#\d{1,4}$|(?<=\.\w{4})#\d{1,4}$")


class TablePaths:
    """Finds the pictures that cells name. Folders are read once; nothing outside the table's is looked at."""

    def __init__(self, folder: Path) -> None:
        self._folder = os.path.realpath(folder)
        self._held: dict[str, dict[str, bool] | None] = {}
        self._beside: tuple[str, ...] | None = None
        self._small: dict[str, dict[str, str]] = {}
        self.by_their_ends = 0
        """How many paths of another machine were found by their ends."""

    def find(self, cell: str) -> str:
        """The path of the picture that a cell names; empty: there is none; `OUTSIDE`: it leads out.

        A name without an ending gets those of pictures; a bare name is also looked for in the folders beside
        the table. What follows # and is a number is no part of the name: it counts captions.
        """
        place = _COUNTED.sub("", cell.strip()).replace("\\", "/")
        if not place or "\0" in place:
            return ""
        absolute = place.startswith("/") or place[1:3] == ":/"
        whole = os.path.normpath(place if absolute else f"{self._folder}/{place}")
        if not whole.startswith(self._folder + os.sep):
            return (self._by_its_end(place) if absolute else "") or OUTSIDE
        folder, name = os.path.split(whole)
        if found := self._in(folder, name):
            return found
        if "/" not in place.removeprefix("./"):
            for beside in self._folders_beside():
                if found := self._in(beside, name):
                    return found
        return ""

    def _by_its_end(self, place: str) -> str:
        """The picture that a path of another machine names: by its end, as seen from the table's folder."""
        ends = [part for part in place.split("/") if part not in ("", ".", "..")][-DEEPEST:]
        for start in range(len(ends)):
            folder, name = os.path.split(f"{self._folder}/{'/'.join(ends[start:])}")
            if found := self._in(folder, name):
                self.by_their_ends += 1
                return found
        return ""

    def _in(self, folder: str, name: str) -> str:
        names = self._names(folder)
        if not names:
            return ""
        if name not in names:
            name = self._in_small_letters(folder, names).get(name.lower(), name)
        if name in names and f".{name.rpartition('.')[2].lower()}" in SUFFIXES:
            found = name
        else:
            found = next((name + suffix for suffix in _WITH_CASES if name + suffix in names), "")
        if not found:
            return ""
        path = f"{folder}{os.sep}{found}"
        return path if not names[found] or self._is_within(os.path.realpath(path)) else OUTSIDE

    def _in_small_letters(self, folder: str, names: dict[str, bool]) -> dict[str, str]:
        """The names in a folder by what they are in small letters; those that are alike are left out."""
        if folder not in self._small:
            counts = Counter(name.lower() for name in names)
            self._small[folder] = {name.lower(): name for name in names if counts[name.lower()] == 1}
        return self._small[folder]

    def _names(self, folder: str) -> dict[str, bool] | None:
        """The names in a folder and whether each is a link; None for one that cannot be read or leads out."""
        if folder not in self._held:
            found: dict[str, bool] | None = None
            real = os.path.realpath(folder)
            if real == self._folder or self._is_within(real):
                try:
                    with os.scandir(folder) as entries:
                        found = dict(_seen(entries))
                except OSError:
                    found = None
            self._held[folder] = found
        return self._held[folder]

    def _is_within(self, path: str) -> bool:
        return path.startswith(self._folder + os.sep)

    def _folders_beside(self) -> tuple[str, ...]:
        if self._beside is None:
            found: list[str] = []
            try:
                with os.scandir(self._folder) as entries:
                    for entry in entries:
                        if entry.is_dir(follow_symlinks=False) and not is_foreign(entry.name):
                            found.append(entry.path)
            except OSError:
                found = []
            self._beside = tuple(sorted(found)[:MOST_BESIDE])
        return self._beside


def _seen(entries: Iterable[os.DirEntry[str]]) -> Iterable[tuple[str, bool]]:
    for count, entry in enumerate(entries):
        if count == MOST_NAMES:
            return
        yield entry.name, entry.is_symlink()


_WITH_CASES = tuple(each for suffix in sorted(SUFFIXES) for each in (suffix, suffix.upper()))
