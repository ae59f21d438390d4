"""The files of a folder of pictures, found by their suffix, within bounds.

Links to folders are not followed: they may lead out of the folder, to the root of the disk or in a circle.
What was not looked into is told in `Walk.notes`, with counts.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from time import monotonic

from nodes.reading.error import DataError
from nodes.reading.picture.picture_formats import SUFFIXES
from nodes.reading.progress import REST, tell
from nodes.shown_text import listed, shown

MOST_PICTURES = 2_000_000
"""Pictures of a folder; each takes some 150 bytes of memory as soon as it is found."""
MOST_OTHERS, OTHERS_PER_PICTURE = 100_000, 4
"""Files and folders beside the pictures that are gone through: so many, and so many more for each picture.
A folder of pictures has a note beside each at most; a folder such as / is told after a second."""
MOST_SECONDS = 120.0
"""How long a folder is gone through, on a slow disk or over a network."""
_NAMED = 1
"""Folders that are named in a note."""


class Walk:
    """Goes through folders and counts what it meets. Tells how far it is, and can be called off."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pictures = self._others = 0
        self._links: set[str] = set()
        self._closed: set[str] = set()
        self._loose: set[str] = set()
        self._unused: set[str] = set()
        self._begun = monotonic()
        self._due = self._begun + REST

    @property
    def notes(self) -> list[str]:
        """What was left out, a sentence for each reason."""
        return [
            _note(self._folder, found, one, several)
            for found, one, several in (
                (self._links, "link to a folder is not followed", "links to folders are not followed"),
                (self._closed, "folder cannot be read", "folders cannot be read"),
                (self._loose, "picture is in no folder of a class", "pictures are in no folder of a class"),
                (self._unused, "folder is no part that is used", "folders are no parts that are used"),
            )
            if found
        ]

    def leave_out(self, folders: Iterable[str]) -> None:
        """Note that these folders are not used."""
        self._unused.update(folders)

    def subfolders(self, folder: Path | str) -> dict[str, str]:
        """The folders in it by name, but for hidden ones. Raises `DataError`."""
        found, loose = {}, set()
        before = self._pictures, self._others
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.startswith((".", "__")):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        found[entry.name] = entry.path
                    elif _leads_to_folder(entry):
                        self._links.add(entry.path)
                    elif self._pass(entry.name):
                        loose.add(entry.path)
        except OSError as error:
            raise DataError(
                f"{shown(str(folder), 120)}: Expected a folder with a subfolder of pictures per class. "
                f"Received: {error.strerror}."
            ) from error
        self._pictures, self._others = before  # they are counted when they are looked for
        if found:
            self._loose |= loose
        return found

    def pictures(self, folder: Path | str) -> list[str]:
        """The paths of all pictures in it and below it, sorted. Raises `DataError` beyond the bounds."""
        return sorted(self._found(str(folder)))

    def _found(self, folder: str) -> Iterator[str]:
        waiting = [folder]
        while waiting:
            where = waiting.pop()
            try:
                with os.scandir(where) as entries:
                    for entry in entries:
                        if entry.is_dir(follow_symlinks=False):
                            waiting.append(entry.path)
                            self._pass("")
                        elif self._pass(entry.name):
                            yield entry.path
                        elif _leads_to_folder(entry):
                            self._links.add(entry.path)
            except OSError:
                self._closed.add(where)

    def _pass(self, name: str) -> bool:
        """Count an entry, and say whether its name is that of a picture."""
        # A Path for each of 100,000 files would take five times as long.
        is_picture = os.path.splitext(name)[1].lower() in SUFFIXES and not name.startswith(".")  # noqa: PTH122
        self._pictures += is_picture
        self._others += not is_picture
        if (self._pictures + self._others) % 256 == 0:
            self._look_up()
        return is_picture

    def _look_up(self) -> None:
        if self._pictures > MOST_PICTURES:
            self._refuse(f"at most {MOST_PICTURES:,} pictures", "more")
        if self._others > MOST_OTHERS + OTHERS_PER_PICTURE * self._pictures:
            received = f"{self._pictures:,} pictures among {self._others:,} other files and folders"
            self._refuse("a folder of pictures", f"{received}, and there are more")
        now = monotonic()
        if now - self._begun > MOST_SECONDS:
            self._refuse(f"a folder that can be gone through in {MOST_SECONDS:g} s", "one that takes longer")
        if now > self._due:
            self._due = now + REST
            tell(f"Looking for pictures: {self._pictures:,} found")

    def _refuse(self, expected: str, received: str) -> None:
        raise DataError(
            f"{shown(str(self._folder), 100)}: Choose the folder that holds the pictures. "
            f"Expected {expected}. Received {received}."
        )


def _leads_to_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_symlink() and entry.is_dir()
    except OSError:  # a link in a circle
        return True


def _note(folder: Path, found: set[str], one: str, several: str) -> str:
    names = listed((os.path.relpath(path, folder) for path in sorted(found)), _NAMED)
    return f"{shown(folder.name, 40)}: {len(found):,} {one if len(found) == 1 else several}: {names}"
