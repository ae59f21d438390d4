"""The files of a folder of pictures, found by their suffix, within bounds.

Links to folders are not followed: they may lead out of the folder, to the root of the disk or in a circle.
What was not looked into or left out is told in `Walk.notes`, with counts.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from time import monotonic

from nodes.reading.error import DataError
from nodes.reading.picture.foreign_names import is_foreign
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
MOST_ENDINGS = 100
"""Different endings of other files that are counted apart."""
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
        self._empty: set[str] = set()
        self._foreign: dict[str, int] = {}
        self._strange: Counter[str] = Counter()
        self._strange_file = ""
        self._nameless: set[str] = set()
        self._seen: dict[str, tuple[dict[str, str], list[str]]] = {}
        self.nested: set[str] = set()
        """Folders whose pictures were asked for and that have folders of their own."""
        self._begun = monotonic()
        self._due = self._begun + REST

    @property
    def notes(self) -> list[str]:
        """What was left out, a sentence for each reason."""
        found = [
            _note(self._folder, found, one, several)
            for found, one, several in (
                (self._links, "link to a folder is not followed", "links to folders are not followed"),
                (self._closed, "folder cannot be read", "folders cannot be read"),
                (self._loose, "picture is in no folder of a class", "pictures are in no folder of a class"),
                (self._unused, "folder is no part that is used", "folders are no parts that are used"),
                (self._nameless, "picture's name tells no class", "pictures' names tell no class"),
                (self._empty, "folder has no picture: no class", "folders have no picture: no classes"),
            )
            if found
        ]  # fmt: skip
        return [*found, *self._foreign_note(), *self._strange_note()]

    def _foreign_note(self) -> Iterator[str]:
        if self._foreign:
            inside = sum(self._foreign.values())
            files = f" with {inside:,} {'picture' if inside == 1 else 'pictures'}" if inside else ""
            one, several = "hidden or foreign entry is", "hidden or foreign entries are"
            yield _note(
                self._folder, set(self._foreign), f"{one} left out{files}", f"{several} left out{files}"
            )

    def _strange_note(self) -> Iterator[str]:
        if self._strange:
            count = sum(self._strange.values())
            by_ending = listed((f"{ending} {n:,}" for ending, n in self._strange.most_common()), 5)
            words = "file does not end as pictures do" if count == 1 else "files do not end as pictures do"
            first = shown(os.path.relpath(self._strange_file, self._folder))
            yield f"{shown(self._folder.name, 40)}: {count:,} {words} ({by_ending}): {first}" + (
                f" and {count - 1:,} more" if count > 1 else ""
            )

    def leave_out(self, folders: Iterable[str]) -> None:
        """Note that these folders are not used."""
        self._unused.update(folders)

    def note_loose(self, pictures: Iterable[str]) -> None:
        """Note that these pictures are in no folder of a class."""
        self._loose.update(pictures)

    def note_nameless(self, pictures: Iterable[str]) -> None:
        """Note that the names of these pictures tell no class."""
        self._nameless.update(pictures)

    def note_empty(self, folders: Iterable[str]) -> None:
        """Note that these folders have no picture, so that they are no classes."""
        self._empty.update(set(folders) - self._closed)

    def inside(self, folder: Path | str) -> tuple[dict[str, str], list[str]]:
        """The folders in it by name, and the pictures that lie there bare. Raises `DataError`."""
        where = str(folder)
        if where in self._seen:
            return self._seen[where]
        try:
            found, bare = self._entries(where)
        except OSError as error:
            raise DataError(
                f"{shown(where, 120)}: Expected a folder with a subfolder of pictures per class. "
                f"Received: {error.strerror}."
            ) from error
        return self._seen.setdefault(where, (found, sorted(bare)))

    def _entries(self, folder: str) -> tuple[dict[str, str], list[str]]:
        found: dict[str, str] = {}
        bare: list[str] = []
        with os.scandir(folder) as entries:
            for entry in entries:
                if is_foreign(entry.name):
                    self._leave(entry)
                elif entry.is_dir(follow_symlinks=False):
                    found[entry.name] = entry.path
                    self._count(is_picture=False)
                elif self._is_picture(entry):
                    bare.append(entry.path)
        return found, bare

    def pictures(self, folder: Path | str) -> list[str]:
        """The paths of all pictures in it and below it, sorted. Raises `DataError` beyond the bounds."""
        top, waiting, every = str(folder), [str(folder)], list[str]()
        while waiting:
            where = waiting.pop()
            try:
                found, bare = self._seen[where] if where in self._seen else self._entries(where)
            except OSError:
                self._closed.add(where)
                continue
            if found:
                self.nested.add(top)
            waiting += found.values()
            every += bare
        return sorted(every)

    def _is_picture(self, entry: os.DirEntry[str]) -> bool:
        """Count a file, and say whether its name is that of a picture; note it where it is none."""
        # A Path for each of 100,000 files would take five times as long.
        ending = os.path.splitext(entry.name)[1].lower()  # noqa: PTH122
        if ending in SUFFIXES:
            self._count(is_picture=True)
            return True
        self._count(is_picture=False)
        if _leads_to_folder(entry):
            self._links.add(entry.path)
        else:
            known = ending in self._strange or len(self._strange) < MOST_ENDINGS
            self._strange[(ending or "no ending") if known else "others"] += 1
            self._strange_file = self._strange_file or entry.path
        return False

    def _leave(self, entry: os.DirEntry[str]) -> None:
        """Note what is hidden or foreign, and how many pictures are in it."""
        self._count(is_picture=False)
        if entry.is_dir(follow_symlinks=False):
            self._foreign[entry.path] = self._pictures_within(entry.path)
        else:
            self._foreign[entry.path] = int(os.path.splitext(entry.name)[1].lower() in SUFFIXES)  # noqa: PTH122

    def _pictures_within(self, folder: str) -> int:
        """How many pictures are in a folder that is left out."""
        waiting, count = [folder], 0
        while waiting:
            where = waiting.pop()
            try:
                with os.scandir(where) as entries:
                    for entry in entries:
                        self._count(is_picture=False)
                        if entry.is_dir(follow_symlinks=False):
                            waiting.append(entry.path)
                        else:
                            count += os.path.splitext(entry.name)[1].lower() in SUFFIXES  # noqa: PTH122
            except OSError:
                self._closed.add(where)
        return count

    def _count(self, *, is_picture: bool) -> None:
        self._pictures += is_picture
        self._others += not is_picture
        if (self._pictures + self._others) % 256 == 0:
            self._look_up()

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
