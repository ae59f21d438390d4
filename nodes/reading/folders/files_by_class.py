"""The files of a folder whose subfolders are classes, and parts to train and to validate where it has them.

Hidden entries and links to folders are passed over; what is left out is told with counts. What is in a file
is not known here.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from nodes.reading.error import DataError
from nodes.reading.picture.foreign_names import is_foreign
from nodes.reading.picture.part_names import part_of
from nodes.reading.progress import REST, tell
from nodes.reading.split import TRAIN
from nodes.shown_text import listed, shown

NO_CLASSES = frozenset({"_background_noise_", "unsup", "unsupervised", "unlabeled", "unlabelled"})
"""Folders beside classes that are none: noise to mix in, and files without labels."""
DEEPEST = 16
"""Folders around all others that are gone into."""
MOST_FILES = 2_000_000
MOST_OTHERS = 100_000
"""Entries beside the files that are looked for."""
MOST_SECONDS = 120.0
"""How long a folder is gone through."""


@dataclass(frozen=True)
class ClassedFiles:
    """Files, the class of each (its place in `classes`; none where there are no classes), and the part.

    `parts` is what each file is for (`nodes.reading.split`); None where the folder has no parts.
    """

    paths: tuple[str, ...]
    classes: tuple[str, ...]
    labels: tuple[int, ...]
    parts: tuple[int, ...] | None
    notes: tuple[str, ...]


def classed_files(folder: Path, endings: tuple[str, ...], what: str) -> ClassedFiles:
    """The files with these endings, in the order of their paths; `what` names them, as in "text files".

    Raises `DataError` where there are none, or more entries than are gone through.
    """
    walk = _Walk(folder, endings, what)
    around, top = walk.unwrapped()
    parts = _parts(top)
    roots = [(part, around / name) for name, part in parts.items()] or [(TRAIN, around)]
    if len(top) == 1 and part_of(top[0]) == TRAIN:
        roots = [(TRAIN, around / top[0])]
    found = [(part, root, path) for part, root in roots for path in walk.files(root)]
    notes = []
    if not found:
        raise DataError(
            f"{shown(str(folder), 120)}: Expected a folder of {what} ({', '.join(endings)}). Received none."
        )
    names = [_class_of(root, path) for _, root, path in found]
    loose = sum(name is None for name in names)
    if loose and loose < len(names):
        found = [one for one, name in zip(found, names, strict=True) if name is not None]
        notes.append(f"left out: {what} in no folder of a class ({loose:,})")
    kept = [name for name in names if name is not None]
    classes = tuple(sorted(set(kept)))
    places = {name: place for place, name in enumerate(classes)}
    return ClassedFiles(
        tuple(path for _, _, path in found),
        classes,
        tuple(places[name] for name in kept),
        tuple(part for part, _, _ in found) if parts else None,
        (*notes, *walk.notes()),
    )


def _parts(names: list[str]) -> dict[str, int]:
    """What each subfolder is for, where all of them say it and there is more than one; else nothing."""
    found = {name: part_of(name) for name in names}
    parts = {name: part for name, part in found.items() if part is not None}
    is_divided = len(parts) == len(names) and len(set(parts.values())) > 1 and TRAIN in parts.values()
    return parts if is_divided else {}


def _class_of(root: Path, path: str) -> str | None:
    """The subfolder of the root that a file is in or below; None where it is in none."""
    within = path[len(str(root)) :].strip(os.sep)
    name, separator, _ = within.partition(os.sep)
    return name if separator else None


class _Walk:
    """Goes through folders within bounds and counts what it meets. Can be called off."""

    def __init__(self, folder: Path, endings: tuple[str, ...], what: str) -> None:
        self._folder, self._endings, self._what = folder, endings, what
        self._files = self._others = 0
        self._links: list[str] = []
        self._closed: list[str] = []
        self._classless: list[str] = []
        self._foreign: Counter[str] = Counter()
        self._begun = monotonic()
        self._due = self._begun + REST

    def unwrapped(self) -> tuple[Path, list[str]]:
        """The folder, and the names of the folders in it; of one with nothing but another folder of folders,
        that one. Raises `DataError`."""
        where = self._folder
        inside, files = self._inside(where)
        for _ in range(DEEPEST):
            if len(inside) != 1 or files or part_of(inside[0]) is not None:
                break
            deeper = where / inside[0]
            within, files = self._inside(deeper)
            if not within:
                break
            where, inside = deeper, within
        return where, inside

    def _inside(self, where: Path) -> tuple[list[str], int]:
        """The names of the folders in it, but for hidden ones, and how many wanted files are beside them."""
        try:
            with os.scandir(where) as entries:
                seen = list(self._seen(entries))
                folders = sorted(one.name for one in seen if one.is_dir(follow_symlinks=False))
                ends = [os.path.splitext(one.name)[1].lower() for one in seen]  # noqa: PTH122
                return folders, sum(end in self._endings for end in ends) if self._endings else 0
        except OSError as error:
            raise DataError(
                f"{shown(str(self._folder), 120)}: Expected a folder of {self._what}. "
                f"Received: {error.strerror}."
            ) from error

    def files(self, root: Path) -> list[str]:
        """The paths of the files in it and below it, sorted. Raises `DataError` beyond the bounds."""
        self._files = self._others = 0
        return sorted(self._found(str(root)))

    def notes(self) -> list[str]:
        """What was passed over, a sentence for each reason."""
        found = []
        if self._links:
            found.append(f"not followed: links to folders ({len(self._links):,}: {listed(self._links, 1)})")
        if self._classless:
            names = listed(sorted({*self._classless}))
            found.append(f"left out: folders whose names say that they are no class ({names})")
        if self._closed:
            found.append(
                f"left out: folders that cannot be read ({len(self._closed):,}: {listed(self._closed, 1)})"
            )
        if self._foreign:
            kinds = (
                f"{count:,} {ending or 'without ending'}" for ending, count in self._foreign.most_common()
            )
            found.append(f"left out: other files ({listed(kinds)})")
        return found

    def _seen(self, entries: Iterator[os.DirEntry[str]]) -> Iterator[os.DirEntry[str]]:
        for entry in entries:
            if is_foreign(entry.name):
                continue
            if entry.name.lower() in NO_CLASSES and entry.is_dir(follow_symlinks=False):
                self._classless.append(entry.name)
                continue
            self._count(is_file=False)
            yield entry

    def _found(self, root: str) -> Iterator[str]:
        waiting = [root]
        while waiting:
            where = waiting.pop()
            try:
                with os.scandir(where) as entries:
                    for entry in self._seen(entries):
                        if entry.is_dir(follow_symlinks=False):
                            waiting.append(entry.path)
                        elif entry.is_symlink() and entry.is_dir():
                            self._links.append(entry.path)
                        elif self._is_wanted(entry.name):
                            self._count(is_file=True)
                            yield entry.path
            except OSError:
                self._closed.append(where)

    def _is_wanted(self, name: str) -> bool:
        ending = os.path.splitext(name)[1].lower()  # noqa: PTH122 - a Path for each file takes long
        if ending in self._endings:
            return True
        if len(self._foreign) < 1000 or ending in self._foreign:
            self._foreign[ending] += 1
        return False

    def _count(self, *, is_file: bool) -> None:
        self._files += is_file
        self._others += not is_file
        expected, received = "", ""
        if self._files > MOST_FILES:
            expected, received = f"at most {MOST_FILES:,} {self._what}", "more"
        elif self._others - self._files > MOST_OTHERS + self._files:
            expected, received = f"a folder of {self._what}", f"{self._others:,} other entries or more"
        elif (self._files + self._others) % 256 == 0:
            now = monotonic()
            if now - self._begun > MOST_SECONDS:
                expected = f"a folder that can be gone through in {MOST_SECONDS:g} s"
                received = "one that takes longer"
            if now > self._due:
                self._due = now + REST
                tell(f"Looking for {self._what}: {self._files:,} found")
        if expected:
            raise DataError(
                f"{shown(str(self._folder), 100)}: Choose the folder that holds the {self._what}. "
                f"Expected {expected}. Received {received}."
            )
