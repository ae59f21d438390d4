"""What of a list of pictures is to be predicted: classes, numbers or several labels, by a stated rule."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nodes.reading.error import DataError
from nodes.reading.look import Fact
from nodes.reading.picture.folder_layout import LONGEST_NAME, Listing
from nodes.reading.picture.listed.picture_table import PictureTable, parts_in
from nodes.shown_text import listed, shown

FEW_NUMBERS = 20
"""Different whole numbers that are classes; more are a value."""
MOST_CLASSES = 1000
_USUAL = re.compile(r"label|class|categor|target|breed|species|diagnos|y:.*|tag", re.IGNORECASE)
_PART_NAMES = re.compile(r"split|set|subset|partition|part|fold|phase|usage", re.IGNORECASE)


@dataclass(frozen=True)
class TargetRules:
    """The parameters that say what is predicted and what divides samples; empty: by the rule."""

    targets: tuple[str, ...] = ()
    task: str = "auto"
    split_column: str = ""
    group_column: str = ""


@dataclass(frozen=True)
class TableRoles:
    """What each column of a list of pictures is for: places of columns; -1 and empty: none."""

    targets: tuple[int, ...]
    split: int = -1
    group: int = -1
    is_classes: bool = False

    def of(self, table: PictureTable, column: int) -> str:
        """The role of a column, a word of `look.ROLES`."""
        if column in table.file_columns:
            return "input"
        if column in self.targets:
            return "target"
        return {self.split: "split", self.group: "group"}.get(column, "ignore")


def roles(table: PictureTable, rules: TargetRules) -> TableRoles:
    """Which columns are targets and which divide the samples. Raises `DataError`."""
    split = _split_column(table, rules)
    group = table.column(rules.group_column) if rules.group_column else -1
    if rules.targets:
        targets = tuple(table.column(name) for name in rules.targets)
    else:
        taken = {*table.file_columns, split, group}
        targets = _usual_targets(table, [i for i in range(len(table.names)) if i not in taken])
    is_classes = len(targets) == 1 and _are_classes(table.values(targets[0]), rules.task)
    if len(targets) > 1 and rules.task != "regression" and _are_one_hot(table, targets):
        return TableRoles(targets, split, group, is_classes=True)
    if len(targets) > 1 and rules.task == "classification":
        raise DataError(
            f"{shown(str(table.path), 100)}: task: Expected one column of classes. Received {len(targets):,} "
            f"({listed(table.names[i] for i in targets)})."
        )
    return TableRoles(targets, split, group, is_classes)


def listing_of(table: PictureTable, rules: TargetRules) -> Listing:
    """The pictures of a table with their classes or values. Raises `DataError`."""
    chosen = roles(table, rules)
    kept, notes = _labelled_rows(table, chosen)
    held = replace(
        table, lines=_at(table.lines, kept), files=_at(table.files, kept), cells=_at(table.cells, kept)
    )
    if len(held.files) < 2:
        received = "; ".join([f"{len(held.files)} of them", *table.left_out, *notes])
        raise DataError(
            f"{shown(str(table.path), 100)}: Expected at least 2 pictures with what is to be predicted. "
            f"Received {received}."
        )
    paths = tuple(files[0] for files in held.files)
    labels, values = np.zeros(len(paths), np.int64), None
    classes: tuple[str, ...] = ()
    if len(chosen.targets) > 1 and chosen.is_classes:
        ones = [[_number(cell) for cell in held.values(column)] for column in chosen.targets]
        labels = np.array(ones).argmax(axis=0).astype(np.int64)
        classes = tuple(shown(table.names[column], LONGEST_NAME) for column in chosen.targets)
    elif chosen.is_classes:
        labels, classes = _classes(held, chosen.targets[0])
    elif chosen.targets:
        columns = [[_number(cell) for cell in held.values(column)] for column in chosen.targets]
        values = np.array(columns, np.float64).T
    words = None if chosen.split < 0 else np.array(held.values(chosen.split))
    return Listing(
        table.path,
        paths,
        labels,
        classes,
        notes=(*table.left_out, *notes, *_repeated(paths), *joined_labels(classes)),
        facts=_facts(table, chosen),
        values=values,
        words=words,
        words_name="" if chosen.split < 0 else table.names[chosen.split],
        groups=None if chosen.group < 0 else np.array(held.values(chosen.group)),
        group_name="" if chosen.group < 0 else table.names[chosen.group],
    )


def _at(values: tuple, kept: Sequence[int]) -> tuple:  # type: ignore[type-arg]
    return tuple(values[i] for i in kept)


def _split_column(table: PictureTable, rules: TargetRules) -> int:
    if rules.split_column:
        return table.column(rules.split_column)
    for column, name in enumerate(table.names):
        is_file = column in table.file_columns or name in rules.targets
        if not is_file and _PART_NAMES.fullmatch(name.strip()) and parts_in(table.values(column)):
            return column
    return -1


def _usual_targets(table: PictureTable, free: list[int]) -> tuple[int, ...]:
    """A column with a usual name; several that are 0 or 1 alone; or else the last whose cells come again."""
    named = [column for column in free if _USUAL.fullmatch(table.names[column].strip())]
    if named:
        return (named[-1],)
    flags = [column for column in free if set(table.values(column)) <= {"0", "1", "0.0", "1.0"}]
    if len(flags) > 1:
        return tuple(flags)
    named = [column for column in free if _USUAL.search(table.names[column])]
    return (named[-1],) if named else tuple(free[-1:])


def _are_one_hot(table: PictureTable, targets: Sequence[int]) -> bool:
    """Whether each row has one 1 in these columns and 0 in the others."""
    ones = np.array([[_number(cell) for cell in table.values(column)] for column in targets])
    return bool(np.isin(ones, (0, 1)).all() and (ones.sum(axis=0) == 1).all() and ones.any(axis=1).all())


def _are_classes(cells: Sequence[str], task: str) -> bool:
    if task != "auto":
        return task == "classification"
    different = {cell for cell in cells if cell}
    numbers = [_number(cell) for cell in different]
    if any(math.isnan(number) for number in numbers):
        return True
    return all(number == int(number) for number in numbers) and len(different) <= FEW_NUMBERS


def _number(cell: str) -> float:
    try:
        found = float(cell)
    except ValueError:
        try:
            found = float(cell.replace(",", "."))
        except ValueError:
            return math.nan
    return found if math.isfinite(found) else math.nan


def _labelled_rows(table: PictureTable, chosen: TableRoles) -> tuple[list[int], list[str]]:
    """The rows with all that is to be predicted, and a sentence on the others."""
    if not chosen.targets:
        return list(range(len(table.cells))), []
    kept, lost = list[int](), list[int]()
    for row, cells in enumerate(table.cells):
        values = [cells[column] for column in chosen.targets]
        is_there = all(values) if chosen.is_classes else not any(math.isnan(_number(cell)) for cell in values)
        (kept if is_there else lost).append(row)
    if not lost:
        return kept, []
    names = listed(table.names[column] for column in chosen.targets)
    rows = "1 row" if len(lost) == 1 else f"{len(lost):,} rows"
    what = "label" if chosen.is_classes else "number"
    places = listed((f"line {table.lines[row]:,}" for row in lost), 3)
    return kept, [f"{shown(table.path.name, 60)}: {rows} left out, having no {what} in {names}: {places}"]


def _classes(table: PictureTable, column: int) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    cells = table.values(column)
    different = set(cells)
    is_number = not any(math.isnan(_number(cell)) for cell in different)
    names = sorted(different, key=lambda cell: (_number(cell) if is_number else 0.0, cell))
    if len(names) > MOST_CLASSES:
        raise DataError(
            f"{shown(str(table.path), 100)}: Expected at most {MOST_CLASSES:,} classes in column "
            f"{shown(table.names[column])}. Received {len(names):,}; choose another column to predict."
        )
    place = {name: i for i, name in enumerate(names)}
    labels = np.array([place[cell] for cell in cells], np.int64)
    return labels, tuple(shown(name, LONGEST_NAME) for name in names)


def _repeated(paths: Sequence[str]) -> list[str]:
    counts = Counter(paths)
    again = [path for path, count in counts.items() if count > 1]
    if not again:
        return []
    pictures = "1 picture is" if len(again) == 1 else f"{len(again):,} pictures are"
    return [
        f"{pictures} listed several times, and may both train and validate: "
        f"{listed((path.rpartition('/')[2] for path in again), 2)}"
    ]


def joined_labels(classes: Sequence[str]) -> list[str]:
    """What is told where names of classes are several labels with a sign between them, each of which is in
    other names too.
    """
    for sign in "|;,+/":
        cut = [[label.strip() for label in name.split(sign)] for name in classes]
        counts = Counter(label for labels in cut for label in set(labels))
        joined = [
            name
            for name, labels in zip(classes, cut, strict=True)
            if len(labels) > 1 and all(label and counts[label] > 1 for label in labels)
        ]
        if joined:
            are = "1 class seems" if len(joined) == 1 else f"{len(joined):,} classes seem"
            return [
                f"{are} to be several labels of one picture, as “{shown(joined[0], 40)}”: each is read as a "
                "class of its own. For several labels give each label a column of 0 and 1"
            ]
    return []


def _facts(table: PictureTable, chosen: TableRoles) -> tuple[Fact, ...]:
    files = listed(table.names[column] for column in table.file_columns)
    found = [Fact("Files", files, "its cells name pictures that are there, as seen from the table's folder")]
    if not table.has_names:
        found.append(Fact("Names of columns", "none", "the first line names a picture too"))
    if chosen.targets:
        what = "classes" if chosen.is_classes else "numbers"
        if chosen.is_classes and len(chosen.targets) > 1:
            what = "classes: one of them is 1 in each row (regression: as several labels)"
        found.append(Fact("To predict", f"{listed(table.names[i] for i in chosen.targets)}, as {what}"))
    if chosen.split >= 0:
        found.append(Fact("Split", table.names[chosen.split], "it has words such as train and test alone"))
    return tuple(found)
