"""Whether a folder that was dropped is one of pictures, and how: a look at a few names, at no content."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

from nodes.reading.look import Recognised
from nodes.reading.picture.foreign_names import is_foreign
from nodes.reading.picture.name_labels import tell_classes
from nodes.reading.picture.part_names import part_of
from nodes.reading.picture.picture_formats import SUFFIXES
from nodes.reading.split import TRAIN
from nodes.shown_text import listed

LOOKED_AT = 500
"""Entries of a folder that are looked at."""
FOLDERS = 40
"""Folders that are looked into."""
DEEPEST = 5


def recognise_folder(path: Path) -> Recognised | None:
    """How a folder is read as pictures; None for what is no folder. Looks at names alone."""
    if not path.is_dir():
        return None
    pictures, others, has_folders = names_within(path)
    if not pictures:
        return Recognised(10, {"path": str(path)}, "it is a folder, in which no picture was seen yet")
    values = {"path": str(path)}
    sureness = 60 if len(pictures) >= others else 30
    named = pictures if not has_folders else _training(pictures)
    if named and (classes := tell_classes(named)):
        why = f"it is a folder of pictures, and their names tell classes ({listed(classes, 3)})"
        return Recognised(sureness, {**values, "classes_from": "names"}, why)
    return Recognised(sureness, values, "it is a folder of pictures")


def _training(pictures: list[str]) -> list[str]:
    """The pictures that train, where all lie in folders that are parts and have no others within."""
    folders = {os.path.dirname(path) for path in pictures}  # noqa: PTH120
    parts = {folder: part_of(os.path.basename(folder)) for folder in folders}  # noqa: PTH119
    if TRAIN not in parts.values() or None in parts.values():
        return []
    return [path for path in pictures if parts[os.path.dirname(path)] == TRAIN]  # noqa: PTH120


def names_within(path: Path) -> tuple[list[str], int, bool]:
    """Paths of pictures in a folder and a little below it, how many other files there are, and whether
    pictures lie in folders of it."""
    pictures: list[str] = []
    others, looked, has_folders = 0, 0, False
    waiting = [(str(path), 0)]
    while waiting and looked < FOLDERS:
        where, depth = waiting.pop(0)
        looked += 1
        try:
            with os.scandir(where) as entries:
                for entry in islice(entries, LOOKED_AT):
                    if is_foreign(entry.name):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        if depth < DEEPEST:
                            waiting.append((entry.path, depth + 1))
                    elif os.path.splitext(entry.name)[1].lower() in SUFFIXES:  # noqa: PTH122
                        pictures.append(entry.path)
                        has_folders = has_folders or depth > 0
                    else:
                        others += 1
        except OSError:
            continue
    return pictures, others, has_folders
