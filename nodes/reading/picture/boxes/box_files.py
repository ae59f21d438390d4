"""Which files of a folder have boxes of pictures, in one of four formats; and which picture each is about."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import monotonic

from nodes.reading.error import DataError
from nodes.reading.kept import KeptAnswers
from nodes.reading.picture.boxes.box_json import is_coco
from nodes.reading.picture.boxes.box_table import has_boxes
from nodes.reading.picture.boxes.box_text import NAMES, is_yolo, read_yolo
from nodes.reading.picture.boxes.box_xml import is_voc
from nodes.reading.picture.foreign_names import is_foreign
from nodes.reading.picture.part_names import part_of
from nodes.reading.picture.picture_formats import SUFFIXES
from nodes.reading.picture.picture_walk import MOST_SECONDS
from nodes.reading.progress import tell
from nodes.regular_file import is_regular
from nodes.shown_text import shown

LOOKED_AT, FOLDERS, DEEPEST = 300, 30, 3
"""Entries of a folder that are looked at to tell what is in it, folders, and how deep they lie."""
MOST_FILES = 4_000_000
TABLES = (".csv", ".tsv", ".tab", ".txt")
_BESIDE = frozenset({"annotations", "annotation", "labels", "label", "xmls", "xml", "ann"})
"""Folders with boxes alone: pictures lie beside them."""


@dataclass(frozen=True)
class BoxSource:
    """Where boxes are: "voc" and "yolo" have a file for each picture below `root`, "coco" and "table" those
    in `files`."""

    kind: str
    root: Path
    files: tuple[Path, ...] = ()


_sources: KeptAnswers[BoxSource | None] = KeptAnswers(64)


def source_of(path: Path) -> BoxSource | None:
    """How a path that was dropped has boxes; None: it has none. Looks at names and first bytes alone."""
    return _sources.of_file(path, lambda: _of_folder(path) if path.is_dir() else _of_file(path))


def _of_file(path: Path) -> BoxSource | None:
    root, ending = path.parent, path.suffix.lower()
    if not is_regular(path):
        return None
    outer = root.parent if root.name.lower() in _BESIDE else root
    if ending == ".xml" and is_voc(path):
        return BoxSource("voc", outer)
    if ending == ".json" and is_coco(path):
        return BoxSource("coco", outer, (path,))
    if ending in TABLES and has_boxes(path):
        return BoxSource("table", root, (path,))
    return None


def _of_folder(folder: Path) -> BoxSource | None:
    every = list(_looked_at(folder))
    by_ending: dict[str, list[Path]] = {}
    for path in every:
        by_ending.setdefault(path.suffix.lower(), []).append(path)
    stems = {path.stem for path in every if path.suffix.lower() in SUFFIXES}
    found = [path for path in by_ending.get(".json", [])[:20] if is_coco(path)]
    if found:
        return BoxSource("coco", folder, tuple(found))
    tables = [path for ending in TABLES[:3] for path in by_ending.get(ending, [])[:10]]
    found = [path for path in tables if stems and has_boxes(path)]
    if found:
        return BoxSource("table", folder, tuple(found))
    files = by_ending.get(".xml", [])
    if files and stems and any(is_voc(path) for path in files[:3]):
        return BoxSource("voc", folder)
    texts = [path for path in by_ending.get(".txt", []) if path.stem in stems and path.name not in NAMES]
    some = texts[:5]
    if some and all(map(is_yolo, some)) and any(read_yolo(path) for path in some):
        return BoxSource("yolo", folder)
    return None


def _looked_at(folder: Path) -> Iterator[Path]:
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
