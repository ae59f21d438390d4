"""What of a list of pictures is to be predicted: classes, numbers or several labels, by a stated rule."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nodes.reading.csv_columns import level
from nodes.reading.error import DataError
from nodes.reading.labels.choices import AUTO, IN_COLUMNS, NO
from nodes.reading.labels.flags import is_flag, is_yes
from nodes.reading.labels.joined import JoinedLabels, joined_labels, labels_in, marks
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
    several_labels: str = NO


@dataclass(frozen=True)
class TableRoles:
    """What each column of a list of pictures is for: places of columns; -1 and empty: none."""

    targets: tuple[int, ...]
    split: int = -1
    group: int = -1
    is_classes: bool = False
    labels: str = NO
    """How several labels are written, a word of `labels.choices.CHOICES`; "no": a class, or numbers."""

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
    labels = _labels(table, targets, rules)
    if labels != NO:
        return TableRoles(targets, split, group, labels=labels)
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
    labels, classes, values, label_names = _targets(held, chosen)
    words = None if chosen.split < 0 else np.array(held.values(chosen.split))
    return Listing(
        table.path,
        paths,
        labels,
        classes,
        notes=(*table.left_out, *notes, *_repeated(paths)),
        facts=_facts(table, chosen),
        values=values,
        words=words,
        words_name="" if chosen.split < 0 else table.names[chosen.split],
        groups=None if chosen.group < 0 else np.array(held.values(chosen.group)),
        group_name="" if chosen.group < 0 else table.names[chosen.group],
        label_names=label_names,
    )


def _targets(
    held: PictureTable, chosen: TableRoles
) -> tuple[NDArray[np.int64], tuple[str, ...], NDArray[np.float64] | None, tuple[str, ...]]:
    """The classes of pictures with their names; numbers, or which labels hold with the names of these."""
    none = np.zeros(len(held.files), np.int64)
    if chosen.labels != NO:
        return none, (), *_label_marks(held, chosen)
    if len(chosen.targets) > 1 and chosen.is_classes:
        ones = [[_number(cell) for cell in held.values(column)] for column in chosen.targets]
        classes = tuple(shown(held.names[column], LONGEST_NAME) for column in chosen.targets)
        return np.array(ones).argmax(axis=0).astype(np.int64), classes, None, ()
    if chosen.is_classes:
        return *_classes(held, chosen.targets[0]), None, ()
    columns = [[_number(cell) for cell in held.values(column)] for column in chosen.targets]
    return none, (), np.array(columns, np.float64).T if columns else None, ()


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


def joined_cells(table: PictureTable, targets: Sequence[int]) -> JoinedLabels | None:
    """What parts several labels in the cells of one target; None where nothing speaks for it."""
    if len(targets) != 1:
        return None
    cells = {cell for cell in table.values(targets[0]) if cell}
    found = joined_labels(cells)
    are_numbers = not any(math.isnan(_number(cell)) for cell in cells)
    return replace(found, is_likely=False) if found is not None and are_numbers else found


def _labels(table: PictureTable, targets: tuple[int, ...], rules: TargetRules) -> str:
    """How several labels are written in the targets, as the rules say. Raises `DataError`."""
    wanted = rules.several_labels
    if wanted == NO or not targets:
        return NO
    if len(targets) == 1 and (wanted == AUTO or rules.task == "regression"):
        found = joined_cells(table, targets) if rules.task != "regression" else None
        return found.sign if found is not None and found.is_likely else NO
    if len(targets) == 1 and wanted != IN_COLUMNS:
        return wanted
    flags = [is_flag(tuple({level(cell) for cell in table.values(column) if cell})) for column in targets]
    if wanted == AUTO and (not all(flags) or (rules.task != "regression" and _are_one_hot(table, targets))):
        return NO
    if len(targets) < 2 or not all(flags):
        names = listed(table.names[i] for i, fits in zip(targets, flags, strict=True) if not fits)
        raise DataError(
            f"{shown(str(table.path), 100)}: Choose other target_columns, or “no” for several_labels. "
            f"Expected several columns of 0 and 1, or of yes and no. "
            f"Received {names or table.names[targets[0]]}."
        )
    return IN_COLUMNS


def _label_marks(table: PictureTable, chosen: TableRoles) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Which labels hold of each picture, `(pictures, labels)`, and their names. Raises `DataError`."""
    if chosen.labels == IN_COLUMNS:
        held = [[float(is_yes(level(cell))) for cell in table.values(column)] for column in chosen.targets]
        return np.array(held).T, tuple(shown(table.names[i], LONGEST_NAME) for i in chosen.targets)
    column = chosen.targets[0]
    cells = table.values(column)
    different = sorted(set(cells))
    names = labels_in(different, chosen.labels)
    if not 1 < len(names) <= MOST_CLASSES:
        raise DataError(
            f"{shown(str(table.path), 100)}: Choose what parts the labels, or “no” for several_labels. "
            f"Expected 2 to {MOST_CLASSES:,} different labels in column {shown(table.names[column])}. "
            f"Received {len(names):,}."
        )
    place = {cell: at for at, cell in enumerate(different)}
    found = marks(different, chosen.labels, names)[[place[cell] for cell in cells]]
    return found.astype(np.float64), tuple(shown(name, LONGEST_NAME) for name in names)


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
        are_words = chosen.is_classes or chosen.labels != NO
        is_there = all(values) if are_words else not any(math.isnan(_number(cell)) for cell in values)
        (kept if is_there else lost).append(row)
    if not lost:
        return kept, []
    names = listed(table.names[column] for column in chosen.targets)
    rows = "1 row" if len(lost) == 1 else f"{len(lost):,} rows"
    what = "label" if chosen.is_classes or chosen.labels != NO else "number"
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


def _facts(table: PictureTable, chosen: TableRoles) -> tuple[Fact, ...]:
    files = listed(table.names[column] for column in table.file_columns)
    found = [Fact("Files", files, "its cells name pictures that are there, as seen from the table's folder")]
    if not table.has_names:
        found.append(Fact("Names of columns", "none", "the first line names a picture too"))
    if chosen.targets:
        what = "classes" if chosen.is_classes else "numbers"
        if chosen.labels != NO:
            what = "labels, any number of which holds of a picture"
        if chosen.is_classes and len(chosen.targets) > 1:
            what = "classes: one of them is 1 in each row (regression: as several labels)"
        found.append(Fact("To predict", f"{listed(table.names[i] for i in chosen.targets)}, as {what}"))
    if chosen.split >= 0:
        found.append(Fact("Split", table.names[chosen.split], "it has words such as train and test alone"))
    return tuple(found)
