"""What the folders of a folder of pictures mean: parts, classes, a folder around all, or none of them.

Every choice is told as a fact; what could be meant otherwise is a parameter of the data set.
"""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nodes.reading.error import DataError
from nodes.reading.kept import KeptAnswers
from nodes.reading.look import Fact
from nodes.reading.picture.name_labels import label_of, require_pattern
from nodes.reading.picture.part_names import parts_among
from nodes.reading.picture.picture_formats import FORMATS
from nodes.reading.picture.picture_walk import Walk
from nodes.reading.split import TEST, TRAIN, VALIDATION
from nodes.shown_text import listed, shown

LONGEST_NAME = 1200
"""Characters of the name of a class: what 255 bytes may take when all of them are shown escaped."""
DEEPEST = 16
"""Folders around all others that are gone into."""

Pictures = dict[str, list[str]]
"""The pictures of each class by its name; of bare ones under an empty name."""


@dataclass(frozen=True)
class LayoutRules:
    """How folders are understood: see the parameters `folders`, `classes_from` and `name_pattern`."""

    folders: str = "auto"
    classes_from: str = "folders"
    name_pattern: str = ""


@dataclass(frozen=True)
class Listing:
    """The pictures of a folder, their class numbers and names, and how many train in a fixed split.

    `notes` says what of the folder was not looked into; `facts` how its folders were understood. `parts` has
    the names of the folders that are parts, and `nested` the classes whose folders have folders of their own.
    Of a table: `values`, `(pictures, columns)`, are numbers to predict in place of classes, or 0 and 1 for
    each label of `label_names`, of which several can hold; `words` and
    `groups` are the cells of the columns of these names by which samples are divided. `partners` are the
    masks or pictures that belong to each, where there are some; `joined` has the further masks of those that
    have several, by the first one.
    """

    folder: Path
    paths: tuple[str, ...]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    training: int | None = None
    notes: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    parts: tuple[str, ...] = ()
    nested: tuple[str, ...] = ()
    values: NDArray[np.float64] | None = None
    words: NDArray[np.str_] | None = None
    words_name: str = ""
    groups: NDArray[np.str_] | None = None
    label_names: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()
    joined: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    group_name: str = ""


@dataclass
class _Reading:
    """A walk through a folder by rules, and what is told of it."""

    walk: Walk
    rules: LayoutRules
    facts: list[Fact] = field(default_factory=list)
    parts: tuple[str, ...] = ()

    def tell(self, name: str, value: str, why: str) -> None:
        self.facts.append(Fact(name, value, why))


_listings: KeptAnswers[Listing] = KeptAnswers(2)


def kept_listing(folder: Path, rules: LayoutRules, version: Hashable) -> Listing:
    """The same as `list_folder`, gone through once for each version of the folder."""
    if not version:
        return list_folder(folder, rules)
    return _listings.get((folder, rules, version), lambda: list_folder(folder, rules), errors=False)


def list_folder(folder: Path, rules: LayoutRules = LayoutRules()) -> Listing:
    """Find the pictures of a folder: by class in subfolders, also below `train` and `val`, or bare.

    Raises `DataError` where there is no picture, or where there is too much else. Tells how far it is.
    """
    require_pattern(rules.name_pattern)
    reading = _Reading(Walk(folder), rules)
    first, second = _found(reading, folder)
    listing = _listing(reading, folder, first, second)
    if len(listing.paths) < 2:
        received = "; ".join([f"{len(listing.paths)} pictures", *reading.walk.notes])
        raise DataError(
            f"{shown(str(folder), 60)}: Expected a subfolder of pictures ({FORMATS}) "
            f"per class. Received {received}."
        )
    return listing


def _found(reading: _Reading, folder: Path) -> tuple[Pictures, Pictures | None]:
    """The pictures by class, of all, or of the part that trains and of the one that validates."""
    inside, bare = _unwrapped(reading, str(folder))
    parts = {} if reading.rules.folders == "classes" else parts_among(inside)
    are_all = sum(map(len, parts.values())) == len(inside)
    if parts and (are_all or (TRAIN in parts and len(parts) > 1)):
        return _of_parts(reading, inside, bare, parts)
    return _classes(reading, inside, bare), None


def _unwrapped(reading: _Reading, where: str, *, in_part: bool = False) -> tuple[dict[str, str], list[str]]:
    """What is in a folder; of one with nothing but another folder of folders, what is in that."""
    inside, bare = reading.walk.inside(where)
    for _ in range(DEEPEST):
        is_part = bool(parts_among(inside)) and reading.rules.folders != "classes" and not in_part
        if len(inside) != 1 or bare or is_part or not (deeper := _folders_of_lone(reading, inside)):
            break
        reading.tell("Folder", shown(next(iter(inside))), "it is the only one there, around all others")
        inside, bare = deeper
    return inside, bare


def _folders_of_lone(reading: _Reading, inside: dict[str, str]) -> tuple[dict[str, str], list[str]] | None:
    try:
        found = reading.walk.inside(next(iter(inside.values())))
    except DataError:  # one that cannot be read is told when its pictures are looked for
        return None
    return found if found[0] else None


def _of_parts(
    reading: _Reading, inside: dict[str, str], bare: list[str], parts: dict[int, list[str]]
) -> tuple[Pictures, Pictures | None]:
    walk = reading.walk
    walk.note_loose(bare)
    training = parts.get(TRAIN, [])
    held = parts.get(VALIDATION) or parts.get(TEST) or []
    is_together = not training
    used = {name for names in parts.values() for name in names} if is_together else {*training, *held}
    walk.leave_out(path for name, path in inside.items() if name not in used)
    reading.parts = tuple(sorted(used))
    if is_together:
        why = "none is to train; they are put together, and samples are held back by the seed"
        reading.tell("Parts", listed(sorted(used)), why)
        return _merged([_part(reading, inside[name]) for name in sorted(used)]), None
    first = _merged([_part(reading, inside[name]) for name in training])
    second = _merged([_part(reading, inside[name]) for name in held])
    if not second or (set(second) == {""} and set(first) != {""}):
        walk.leave_out(inside[name] for name in held)
        why = "there is no other part with folders of classes; samples are held back by the seed"
        reading.tell("Parts", f"{listed(training)} trains", why)
        return first, None
    reading.tell("Parts", f"{listed(training)} trains, {listed(held)} validates", "their names say so")
    return first, second


def _part(reading: _Reading, folder: str) -> Pictures:
    return _classes(reading, *_unwrapped(reading, folder, in_part=True))


def _classes(reading: _Reading, inside: dict[str, str], bare: list[str]) -> Pictures:
    """The pictures by class, by the rule of `classes_from`."""
    walk, rules = reading.walk, reading.rules
    of_folder = {name: walk.pictures(path) for name, path in sorted(inside.items())}
    walk.note_empty(inside[name] for name, paths in of_folder.items() if not paths)
    of_folder = {name: paths for name, paths in of_folder.items() if paths}
    if rules.classes_from == "folders":
        if of_folder:
            walk.note_loose(bare)
        return of_folder or ({"": bare} if bare else {})
    every = [*bare, *(path for paths in of_folder.values() for path in paths)]
    if rules.classes_from == "none":
        return {"": sorted(every)} if every else {}
    found: Pictures = {}
    for label, path in _labelled(rules, of_folder, inside, bare):
        found.setdefault(label, []).append(path)
    nameless = found.pop("", [])
    if rules.classes_from == "deepest":
        walk.note_loose(nameless)
    else:
        walk.note_nameless(nameless)
    return {name: sorted(paths) for name, paths in found.items()}


def _labelled(
    rules: LayoutRules, of_folder: Pictures, inside: dict[str, str], bare: list[str]
) -> Iterator[tuple[str, str]]:
    """(class, path) of each picture, by the names of files or of the folders that they lie in."""
    for name, paths in [("", bare), *of_folder.items()]:
        start = len(inside[name]) - len(name) if name else 0
        for path in paths:
            folder = os.path.dirname(path)  # noqa: PTH120 - 100,000 of them
            by_folder = folder[start:].replace(os.sep, "/") if name else ""
            yield (label_of(path, rules.name_pattern) if rules.classes_from == "names" else by_folder), path


def _merged(several: list[Pictures]) -> Pictures:
    found: Pictures = {}
    for one in several:
        for name, paths in one.items():
            found.setdefault(name, []).extend(paths)
    return found


def _listing(reading: _Reading, folder: Path, first: Pictures, second: Pictures | None) -> Listing:
    """The pictures of each class in the order of the names, of one part or of two that are split so."""
    parts = [first] if second is None else [first, second]
    names = sorted({name for part in parts for name in part} - {""})
    if names:  # bare ones beside folders of classes, in one of several parts
        for part in parts:
            reading.walk.note_loose(part.pop("", []))
    order = names or [""]
    labels = [np.repeat(np.arange(len(order)), [len(part.get(name, ())) for name in order]) for part in parts]
    return Listing(
        folder,
        tuple(path for part in parts for name in order for path in part.get(name, ())),
        np.concatenate(labels).astype(np.int64),
        tuple(shown(name, LONGEST_NAME) for name in names),
        training=None if second is None else sum(map(len, first.values())),
        notes=tuple(reading.walk.notes),
        facts=tuple(reading.facts),
        parts=reading.parts,
        nested=tuple(sorted(os.path.basename(path) for path in reading.walk.nested)),  # noqa: PTH119
    )
