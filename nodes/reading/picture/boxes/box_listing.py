"""Pictures and their boxes, from whatever format they are in, as one list with all that is told of it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from nodes.reading.error import DataError
from nodes.reading.kept import KeptAnswers
from nodes.reading.look import Fact
from nodes.reading.picture.boxes.box_files import BoxSource
from nodes.reading.picture.boxes.box_json import read_coco
from nodes.reading.picture.boxes.box_masks import GROUND, DrawnBoxes
from nodes.reading.picture.boxes.box_sizes import sizes_told
from nodes.reading.picture.boxes.box_table import read_box_table
from nodes.reading.picture.boxes.box_text import class_names, read_yolo
from nodes.reading.picture.boxes.box_xml import read_voc
from nodes.reading.picture.boxes.boxed import Boxed, Collected, LeftBoxes
from nodes.reading.picture.files_beside import ByStem, files_below, folders_of, parts_in
from nodes.reading.picture.folder_layout import Listing
from nodes.reading.picture.listed.table_paths import OUTSIDE, TablePaths
from nodes.reading.progress import Meter
from nodes.reading.split import TEST, TRAIN, VALIDATION
from nodes.shown_text import listed, shown

MOST_CLASSES = 254
_TITLES = {
    "voc": ("Pascal VOC", "a file of XML for each picture"),
    "yolo": ("YOLO", "a text for each picture, of class numbers, centres and sizes"),
    "coco": ("COCO", "a JSON file with images and annotations"),
    "table": ("a row of a table each", "it has a column of files and columns of numbers"),
}


@dataclass(frozen=True)
class BoxRules:
    """The parameters `box_form` and `without_boxes`."""

    form: str = "auto"
    without: str = "leave out"


@dataclass(frozen=True, eq=False)
class BoxSet:
    """Pictures with boxes: their list, masks that are drawn of them, and the names of the classes, the ground
    first. `counts` are the boxes of each class but the ground, `unlisted` pictures that nothing says of.
    `is_sure`: the file says what the four numbers are."""

    source: BoxSource
    listing: Listing
    drawn: DrawnBoxes
    classes: tuple[str, ...]
    counts: tuple[int, ...]
    unlisted: int = 0
    form: str = "corners"
    is_sure: bool = True
    warnings: tuple[str, ...] = ()


_sets: KeptAnswers[BoxSet] = KeptAnswers(2)


def kept_boxes(source: BoxSource, rules: BoxRules, seen: Hashable) -> BoxSet:
    """The pictures and boxes by the rules, read once for each version `seen`. Raises `DataError`."""
    if not seen:
        return list_boxes(source, rules)
    return _sets.get((source, rules, seen), lambda: list_boxes(source, rules), errors=False)


@dataclass
class _Found:
    """What a reader says besides boxes: names of classes in order, facts, how boxes are written."""

    into: Collected
    names: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    form: str = "corners"
    is_sure: bool = True
    pictures: tuple[str, ...] = ()


def list_boxes(source: BoxSource, rules: BoxRules) -> BoxSet:
    """All pictures with their boxes. Raises `DataError` where there are none."""
    source = replace(source, root=Path(os.path.realpath(source.root)))
    into = Collected(LeftBoxes(source.root.name))
    readers = {"voc": _of_voc, "yolo": _of_yolo, "coco": _of_coco, "table": _of_table}
    found = readers[source.kind](source, rules, into)
    boxed = into.found()
    if source.kind in ("table", "coco"):
        boxed, shares = _shares(boxed)
        found.facts = (*found.facts, *shares)
    named = {one.picture for one in boxed}
    folders = {os.path.dirname(path) for path in named}  # noqa: PTH120
    beside = [path for path in found.pictures or files_below(source.root, "")[0] if path not in named]
    unlisted = [path for path in beside if os.path.dirname(path) in folders]  # noqa: PTH120
    if rules.without == "background":
        boxed += [Boxed(path, np.zeros((0, 4)), (), part=_part_of(source.root, path)) for path in unlisted]
    boxed, training, notes = _in_parts(boxed)
    return _set(source, rules, found, boxed, training, notes, len(unlisted))


def _set(
    source: BoxSource,
    rules: BoxRules,
    found: _Found,
    boxed: list[Boxed],
    training: int | None,
    notes: tuple[str, ...],
    unlisted: int,
) -> BoxSet:
    boxed = [_told_from_ground(one) for one in boxed]
    counts = Counter(label for one in boxed for label in one.labels)
    left = (*found.into.notes, *found.into.left.notes())
    if len(boxed) < 2 or not counts:
        received = "; ".join([f"{len(boxed):,} pictures with {counts.total():,} boxes", *left])
        raise DataError(
            f"{shown(str(source.root), 80)}: Expected at least 2 pictures and boxes in them. "
            f"Received {received}."
        )
    classes = _classes(source, found.names, counts)
    paths = tuple(one.picture for one in boxed)
    if unlisted and rules.without != "background":
        pictures = "1 picture is" if unlisted == 1 else f"{unlisted:,} pictures are"
        left = (*left, f"{pictures} left out, of which no box is told")
    facts = _facts(source, found, boxed, counts.total())
    listing = Listing(
        source.root, paths, np.zeros(len(paths), np.int64), (), training, (*left, *notes), facts
    )
    numbers = {name: place for place, name in enumerate(classes) if place}
    return BoxSet(
        source,
        listing,
        DrawnBoxes(boxed, numbers),
        classes,
        tuple(counts[name] for name in classes[1:]),
        unlisted,
        found.form if rules.form == "auto" else rules.form,
        found.is_sure,
        sizes_told(boxed),
    )


def _told_from_ground(one: Boxed) -> Boxed:
    """The same, where the class of a box has another name than the ground."""
    if GROUND not in one.labels:
        return one
    return replace(one, labels=tuple(f"{name} box" if name == GROUND else name for name in one.labels))


def _facts(source: BoxSource, found: _Found, boxed: list[Boxed], count: int) -> tuple[Fact, ...]:
    title, why = _TITLES[source.kind]
    empty = sum(not one.labels for one in boxed)
    outlines = sum(outline is not None for one in boxed for outline in one.outlines)
    drawn = Fact("Outlines", f"{outlines:,} of {count:,}", "they are drawn as they run, the others as boxes")
    return (
        Fact("Boxes as", title, why),
        *found.facts,
        Fact("Boxes", f"{count:,} in {len(boxed):,} pictures, {empty:,} without any"),
        *([drawn] if outlines else []),
        Fact("Where boxes overlap", "the smaller is on top", "of those as large the later"),
    )


def _classes(source: BoxSource, named: tuple[str, ...], counts: Counter[str]) -> tuple[str, ...]:
    """The ground, the classes in the order of the file, then others by name. Raises `DataError`."""
    more = sorted(set(counts) - set(named))
    classes = (GROUND, *(name for name in named if name != GROUND), *more)
    if len(classes) > MOST_CLASSES + 1:
        raise DataError(
            f"{shown(str(source.root), 80)}: Expected at most {MOST_CLASSES} classes of boxes. "
            f"Received {len(classes) - 1:,}."
        )
    return classes


def _shares(boxed: list[Boxed]) -> tuple[list[Boxed], tuple[Fact, ...]]:
    """Boxes that are shares of width and height, where none is above 1.5 and some are no whole numbers."""
    every = [one.boxes for one in boxed if len(one.boxes)]
    whole = np.concatenate(every) if every else np.zeros((0, 4))
    if not len(whole) or np.abs(whole).max() > 1.5 or (whole == np.rint(whole)).all():
        return boxed, ()
    told = Fact("Numbers of boxes", "shares of width and height", "none is larger than 1.5")
    return [replace(one, size=(1.0, 1.0)) for one in boxed], (told,)


def _in_parts(boxed: list[Boxed]) -> tuple[list[Boxed], int | None, tuple[str, ...]]:
    """Those that train, then those that validate, and how many train; None: nothing says parts."""
    said = {one.part for one in boxed}
    held = VALIDATION if VALIDATION in said else TEST
    if held not in said or not said & {TRAIN, None}:
        return boxed, None, ()
    train = [one for one in boxed if one.part in (TRAIN, None)]
    others = [one for one in boxed if one.part == held]
    aside = len(boxed) - len(train) - len(others)
    notes = (f"{aside:,} pictures to test are set aside: used neither to train nor to validate",)
    return [*train, *others], len(train), notes if aside else ()


def _part_of(root: Path, picture: str) -> int | None:
    return parts_in(folders_of(str(root), picture))


# Formats --------------------------------------------------------------------------------------------------


def _of_voc(source: BoxSource, _rules: BoxRules, into: Collected) -> _Found:
    pictures, files = files_below(source.root, ".xml")
    known, parts = ByStem(source.root, pictures), _image_sets(source.root)
    meter = Meter("Reading boxes", len(files))
    for done, path in enumerate(files):
        meter.to(done)
        name = path[len(str(source.root)) + 1 :]
        try:
            one = read_voc(Path(path))
        except DataError as error:
            into.left.add("files of boxes that cannot be read", str(error).removeprefix(f"{source.root}/"))
            continue
        picture = known.find(path, one.filename)
        if not picture:
            into.left.add("files of boxes without a picture", name)
            continue
        part = parts.get(Path(path).stem, _part_of(source.root, picture))
        into.see(picture, one.size, part)
        for values, label in one.boxes:
            values = [values[0] - 1, values[1] - 1, *values[2:]]
            into.add(picture, values, "corners", label, name)
    first = Fact("First pixel", "1", "Pascal VOC counts pixels from 1, both ends of a box within")
    return _Found(into, facts=(first,), pictures=tuple(pictures))


def _image_sets(root: Path) -> dict[str, int]:
    """The part of each picture by its stem, as the lists of Pascal VOC say."""
    found: dict[str, int] = {}
    for name, part in (("train", TRAIN), ("val", VALIDATION), ("test", TEST)):
        path = root / "ImageSets" / "Main" / f"{name}.txt"
        if path.is_file() and path.stat().st_size < 64 << 20:
            words = path.read_text("utf-8", "replace").splitlines()
            found |= {line.split()[0]: part for line in words if line.split()}
    return found


def _of_yolo(source: BoxSource, _rules: BoxRules, into: Collected) -> _Found:
    pictures, files = files_below(source.root, ".txt")
    known = ByStem(source.root, pictures)
    names, file = class_names(source.root)
    meter = Meter("Reading boxes", len(files))
    for done, path in enumerate(files):
        meter.to(done)
        name, picture = path[len(str(source.root)) + 1 :], known.find(path)
        if not picture:
            continue
        try:
            rows = read_yolo(Path(path))
        except DataError as error:
            into.left.add("files of boxes that cannot be read", str(error).removeprefix(f"{source.root}/"))
            continue
        into.see(picture, (1.0, 1.0), _part_of(source.root, picture))
        for one in rows:
            label, where = names.get(one.label, one.label), f"{name}, line {one.line:,}"
            into.add(picture, one.values, "centre and size", label, where, one.outline)
    used = {label for labels in into.labels.values() for label in labels}
    unnamed = sorted((label for label in used if label.isdigit()), key=int)
    ordered = (*(names[key] for key in sorted(names, key=_as_number)), *unnamed)
    why = f"of {file}" if file else "there is no classes.txt and no data.yaml"
    told = Fact("Names of classes", listed(ordered, 5), why)
    return _Found(
        into, tuple(dict.fromkeys(shown(name) for name in ordered)), (told,), pictures=tuple(pictures)
    )


def _as_number(key: str) -> tuple[int, str]:
    return (int(key), "") if key.isdigit() else (1 << 30, key)


def _of_coco(source: BoxSource, rules: BoxRules, into: Collected) -> _Found:
    form = "corner and size" if rules.form == "auto" else rules.form
    names: dict[str, None] = {}
    for path in source.files:
        places = dict.fromkeys((path.parent, source.root, source.root / "images"))
        finders = [TablePaths(place) for place in places if place.is_dir()]

        def find(name: str, finders: list[TablePaths] = finders) -> str:
            found = (finder.find(name) for finder in finders)
            return next((place for place in found if place not in ("", OUTSIDE)), "")

        part = parts_in([*_words(path.stem), path.parent.name])
        names |= dict.fromkeys(shown(name) for name in read_coco(path, find, into, form, part))
    files = Fact("Files of boxes", listed(path.name for path in source.files))
    return _Found(into, tuple(names), (files,), form)


def _words(stem: str) -> list[str]:
    return stem.replace("-", "_").split("_")


def _of_table(source: BoxSource, rules: BoxRules, into: Collected) -> _Found:
    facts, sure, forms = list[Fact](), list[bool](), list[str]()
    for path in source.files:
        part = parts_in(_words(path.stem)) if len(source.files) > 1 else None
        columns, fact = read_box_table(path, into, rules.form, part)
        facts.append(fact)
        sure.append(columns.is_sure)
        forms.append(columns.form)
    return _Found(into, facts=tuple(facts), form=forms[0], is_sure=all(sure))
