"""Which columns of a table go in, which are predicted, and how they become rows of numbers.

Words go in as one column of zeros and ones per word. A target of words, or of few whole numbers, is a class
to predict; any other is a number.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nodes.reading import budget
from nodes.reading.csv_columns import LONGEST_LEVEL, MOST_LEVELS
from nodes.reading.csv_rows import MOST_COLUMNS
from nodes.reading.dataset import Array, Scaling
from nodes.reading.error import DataError
from nodes.reading.tables import values
from nodes.reading.tables.choices import UNUSED, ColumnChoice, chosen_columns
from nodes.reading.tables.column import TableColumn
from nodes.reading.tables.dates import cyclic
from nodes.reading.tables.outline import TableOutline
from nodes.reading.tables.targets import are_classes, is_naming, predicted
from nodes.reading.tables.values import SkippedRows
from nodes.shown_text import listed, shown

WORDY = 64
"""A column with more different words than this (names, say) goes in only where it is asked for."""
MOSTLY_EMPTY = 0.5
"""Share of cells without a value from which on a column goes in only where it is asked for."""
COMPARED = 5_000
"""Rows of which it is looked whether single precision can tell their values apart."""


@dataclass(frozen=True)
class TablePlan:
    """Which columns of a table go in, which are predicted, and whether that is a class.

    `roles` has the places of the columns by which samples are divided or weighted.
    """

    outline: TableOutline
    inputs: tuple[int, ...]
    targets: tuple[int, ...]
    is_classification: bool
    choice: ColumnChoice = field(default_factory=ColumnChoice)
    roles: tuple[tuple[str, int], ...] = ()

    @property
    def words(self) -> tuple[int, ...]:
        """The inputs that are words."""
        return tuple(i for i in self.inputs if not self.outline.columns[i].is_number)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The columns of the input tensor: a name, or `name = word` for each word."""
        return tuple(name for i in self.inputs for name in self._names(self.outline.columns[i]))

    def _names(self, column: TableColumn) -> list[str]:
        if not column.is_number:
            return [f"{column.name} = {word}" for word in column.levels]
        return [column.name, *(f"{column.name}, {name}" for name in rounds_of(column, self.choice.dates))]

    @cached_property
    def is_word(self) -> NDArray[np.bool_]:
        """Which columns of the input tensor stay as they are: whether a word is there, places on a circle."""
        marks: list[bool] = []
        for i in self.inputs:
            column = self.outline.columns[i]
            marks += [not column.is_number] + [True] * (len(self._names(column)) - 1)
        return np.array(marks)

    @property
    def classes(self) -> tuple[str, ...]:
        return self.outline.columns[self.targets[0]].levels if self.is_classification else ()


def rounds_of(column: TableColumn, dates: str) -> tuple[str, ...]:
    """The names of the places on circles that a column of dates has besides its seconds."""
    if not column.form or dates != "cyclic":
        return ()
    return tuple(cyclic(np.zeros(1), is_time=column.form == "time of day"))


@dataclass(frozen=True, eq=False)
class TableArrays:
    """A table as arrays of its rows: inputs `(rows, columns)` float64, targets `(rows)` int64 or `(rows,
    targets)` float64, and the columns of roles. A gap that is to be filled is NaN. `kept` are the places of
    the rows in the table."""

    inputs: NDArray[np.float64]
    targets: Array
    roles: dict[str, Array]
    left_out: SkippedRows
    kept: NDArray[np.int64]

    def weights(self) -> NDArray[np.float32]:
        """How much each row counts, `(rows)`; 1 where no column says it."""
        given = self.roles.get("weight")
        return np.ones(len(self.inputs), np.float32) if given is None else given.astype(np.float32)


def plan(table: TableOutline, choice: ColumnChoice) -> TablePlan:
    """Choose the columns by their names: no inputs, all that can go in; no targets, the column whose
    name says so or the last.

    Raises `DataError`.
    """
    table = chosen_columns(table, choice)
    roles = tuple((role, table.find(name)) for role, name in choice.roles.items())
    aside = {place for _, place in roles} | {table.find(name) for name in choice.ignored}
    aside |= {table.find(name) for name, kind in choice.types.items() if kind in UNUSED}
    if choice.dates == "ignore":
        aside |= {i for i, column in enumerate(table.columns) if column.forms}
    targets = tuple(table.find(name) for name in choice.targets) or (
        predicted(table.columns, aside, by_name=choice.by_name),
    )
    wanted = tuple(table.find(name) for name in choice.inputs if name not in choice.ignored)
    inputs = wanted or _fitting(table, {*targets, *aside})
    _check(table, inputs, targets)
    chosen = TablePlan(table, inputs, targets, _is_classification(choice, table, targets), choice, roles)
    _require_room(chosen)
    return chosen


def _require_room(chosen: TablePlan) -> None:
    """Raise `DataError` where words make too many columns, or the rows do not fit into memory."""
    table, width = chosen.outline, len(chosen.names)
    if width > MOST_COLUMNS:
        raise DataError(
            f"{table.path}: Expected at most {MOST_COLUMNS:,} columns, one for each word counted. "
            f"Received {width:,}; name the columns that go in."
        )
    cells = table.rows * (len(chosen.inputs) + len(chosen.targets) + 3 * width)
    budget.require_room(str(table.path), 8 * cells, f"{table.rows:,} rows of {width:,} columns")


def read(chosen: TablePlan) -> TableArrays:
    """The rows of a table, those left out that have a gap. Raises `DataError`."""
    columns = chosen.outline.columns
    roles = dict(chosen.roles)
    marks = [place for role, place in roles.items() if not columns[place].is_number or role == "split"]
    words = frozenset((*chosen.words, *(chosen.targets if chosen.is_classification else ())))
    places = list(dict.fromkeys([*chosen.inputs, *chosen.targets]))
    asked = [*places, *(place for place in roles.values() if place not in places)]
    coded = words | {place for place in marks if place not in places}
    gaps = frozenset(chosen.inputs) if chosen.choice.gaps == "fill" else frozenset()
    found = values.read(chosen.outline, asked, coded, with_gaps=gaps)
    if len(found.values[0]) < 2:
        raise DataError(
            f"{chosen.outline.path}: Expected at least 2 rows without a missing value. "
            f"Received {len(found.values[0])}{_why(chosen, found.left_out)}."
        )
    by_place = dict(zip(asked, found.values, strict=True))
    inputs, at = np.empty((len(found.values[0]), len(chosen.names))), 0
    for i in chosen.inputs:
        part = spread(chosen, i, by_place[i])
        inputs[:, at : at + part.shape[1]] = part
        at += part.shape[1]
    if chosen.is_classification:
        targets: Array = by_place[chosen.targets[0]].astype(np.int64)
    else:
        targets = np.stack([by_place[i] for i in chosen.targets], axis=1)
    marked = {role: _mark(columns[place], by_place[place], place in coded) for role, place in roles.items()}
    _check_weights(chosen, marked.get("weight"))
    return TableArrays(inputs, targets, marked, found.left_out, found.kept)


def _check_weights(chosen: TablePlan, given: Array | None) -> None:
    """Raise `DataError` where a row counts less than nothing, or none counts."""
    if given is None:
        return
    name, received = chosen.outline.columns[dict(chosen.roles)["weight"]].name, "words"
    if given.dtype.kind == "f":
        weights = given.astype(np.float64)
        if (weights >= 0).all() and weights.any():
            return
        received = f"{weights.min():g}" if weights.any() else "0 alone"
    raise DataError(
        f"{chosen.outline.path}: Expected numbers from 0 on, not all 0, in column {name!r}, which says how "
        f"much each row counts. Received {received}."
    )


def spread(chosen: TablePlan, place: int, found: NDArray[np.float64]) -> NDArray[np.float64]:
    """A column as `(n, 1)`, words as zeros and ones `(n, levels)`, dates also as places on circles."""
    column = chosen.outline.columns[place]
    if column.is_number:
        rounds = rounds_of(column, chosen.choice.dates)
        if not rounds:
            return found[:, None]
        circles = cyclic(found, is_time=column.form == "time of day")
        return np.stack([found, *(circles[name] for name in rounds)], axis=1)
    spread = np.zeros((len(found), len(column.levels)))
    rows = np.flatnonzero(~np.isnan(found))  # a gap that stays is no word at all
    spread[rows, found[rows].astype(np.int64)] = 1
    return spread


def _mark(column: TableColumn, found: NDArray[np.float64], is_coded: bool) -> Array:
    """A column of a role: its words as they are, or its numbers."""
    return np.array(column.levels)[found.astype(np.int64)] if is_coded and column.levels else found


def _why(chosen: TablePlan, left_out: SkippedRows) -> str:
    """What to do where too few rows are left."""
    sentence = left_out.sentence(chosen.outline.rows + chosen.outline.misfits)
    return f": {sentence}; ignore such columns, or fill their gaps" if sentence else ""


def _fitting(table: TableOutline, aside: set[int]) -> tuple[int, ...]:
    left = [(i, column) for i, column in enumerate(table.columns) if i not in aside and not column.is_empty]
    fit = tuple(i for i, column in left if not unfit(column))
    if not fit:  # rather few rows, or many words, than no column
        fit = tuple(i for i, column in left if column.is_number)
    return fit or tuple(i for i, column in left if column.levels and not is_naming(column))


def unfit(column: TableColumn) -> str:
    """Why a column does not go in unless it is named; empty where it does."""
    if _is_sparse(column):
        return "most of their cells have no value"
    if column.is_number:
        return ""
    if not 0 < len(column.levels) <= WORDY:
        return f"there are more than {WORDY} different words, or long ones"
    if is_naming(column):
        return "each row has another word"
    return ""


def _is_sparse(column: TableColumn) -> bool:
    return not column.is_empty and column.missing > MOSTLY_EMPTY * column.rows


def left_out(chosen: TablePlan) -> tuple[str, ...]:
    """A sentence for each reason why columns do not go in, where nobody named those that do."""
    named = {*chosen.inputs, *chosen.targets, *(place for _, place in chosen.roles)}
    columns = chosen.outline.columns
    named |= {i for i, column in enumerate(columns) if column.name in chosen.choice.ignored}
    reasons: dict[str, list[str]] = {}
    for column in (columns[i] for i in range(len(columns)) if i not in named):
        kind = chosen.choice.types.get(column.name, "")
        why = f"of the type {kind}" if kind in UNUSED else unfit(column)
        if column.form or (column.forms and chosen.choice.dates == "ignore"):
            why = "there are dates"
        why = "there is no value" if column.is_empty else why or "nobody asks for it"
        reasons.setdefault(why, []).append(column.name)
    order = sorted(reasons, key=lambda why: why == "there is no value")
    return tuple(f"{_columns(len(reasons[why]))} not used, as {why}: {listed(reasons[why])}" for why in order)


def _columns(count: int) -> str:
    return "1 column is" if count == 1 else f"{count:,} columns are"


def _check(table: TableOutline, inputs: tuple[int, ...], targets: tuple[int, ...]) -> None:
    both = set(inputs) & set(targets)
    if both:
        name = table.columns[both.pop()].name
        raise DataError(
            f"{table.path}: Expected the target to stay out of the input. Received {name!r} as both."
        )
    if not inputs:
        raise DataError(
            f"{table.path}: Expected a column besides the target. Received {_no_inputs(table, targets)}."
        )
    for i in (*inputs, *targets):
        if table.rows and table.columns[i].is_empty:
            raise DataError(
                f"{table.path}: Expected values in column {table.columns[i].name!r}. Received none."
            )
    for i in inputs:
        column = table.columns[i]
        if not column.is_number and not column.levels:
            raise DataError(
                f"{table.path}: Expected numbers or at most {MOST_LEVELS:,} different words of up to "
                f"{LONGEST_LEVEL} characters in column {column.name!r}. Received more, or longer ones."
            )


def _no_inputs(table: TableOutline, targets: tuple[int, ...]) -> str:
    if len(table.columns) == 1:
        return "one column alone; cells are parted by commas, semicolons, tabs or |"
    names = [c.name for i, c in enumerate(table.columns) if i not in targets and is_naming(c)]
    if names:
        return f"only columns in which each row has another word, as the name of a file: {listed(names)}"
    rows = " and no rows" if not table.rows else ""
    what = (
        "" if not table.rows else "; choose what goes in (input_columns), or what a column is (column_types)"
    )
    return f"none that could go in{rows}{what}"


def _is_classification(choice: ColumnChoice, table: TableOutline, targets: tuple[int, ...]) -> bool:
    columns = [table.columns[i] for i in targets]
    words = [column for column in columns if not column.is_number]
    are_few = bool(words) or are_classes(columns, by_name=choice.by_name)
    wanted = choice.task == "classification" or (choice.task == "auto" and are_few)
    if not wanted and words:
        raise DataError(
            f"{table.path}: Expected numbers in column {words[0].name!r} to predict. Received words."
        )
    if wanted and len(columns) > 1:
        raise DataError(f"{table.path}: Expected one target column for classes. Received {len(columns)}.")
    if wanted and len(columns[0].levels) < 2:
        found = (
            len(columns[0].levels)
            or f"more than {MOST_LEVELS:,}, or words of more than {LONGEST_LEVEL} characters"
        )
        raise DataError(
            f"{table.path}: Expected at least 2 classes in {columns[0].name!r}. Received {found}."
        )
    return wanted


def filled(inputs: NDArray[np.float64], inside: NDArray[np.int64]) -> NDArray[np.float64]:
    """Inputs with the mean of the training part where there is a gap."""
    gaps = np.isnan(inputs)
    if not gaps.any():
        return inputs
    known = np.where(gaps[inside], 0.0, inputs[inside])
    counts = np.maximum((~gaps[inside]).sum(axis=0), 1)
    return np.where(gaps, known.sum(axis=0) / counts, inputs)


def keep_columns(scaling: Scaling, kept: NDArray[np.bool_]) -> Scaling:
    """The same scaling, but the columns marked in `kept` stay as they are."""
    if not kept.any() or len(scaling.mean) != len(kept):
        return scaling
    mean = tuple(0.0 if keep else value for keep, value in zip(kept, scaling.mean, strict=True))
    deviation = tuple(1.0 if keep else value for keep, value in zip(kept, scaling.deviation, strict=True))
    return Scaling(scaling.divisor, mean, deviation)


def merged(names: tuple[str, ...], array: NDArray[np.float64], scaling: Scaling | None) -> tuple[str, ...]:
    """A sentence for each column of which single precision cannot tell the values apart after scaling."""
    part = array[:COMPARED]
    found = (
        part
        if scaling is None
        else (part / scaling.divisor - np.array(scaling.mean)) / np.array(scaling.deviation)
    )
    single = found.astype(np.float32)
    told = []
    for i, name in enumerate(names):
        if not (single[:, i].astype(np.float64) != found[:, i]).any():
            continue
        largest = np.nanmax(np.abs(part[:, i])) or 1.0
        told_apart = np.round(part[:, i] / largest, 13)  # what double precision blurs is no value of its own
        exact, kept = len(np.unique(told_apart)), len(np.unique(single[:, i]))
        if kept < 0.95 * exact:
            told.append(
                f"Column {shown(name)}: single precision cannot tell its values apart: {exact:,} different "
                f"ones become {kept:,}; let it be scaled (standardise)"
            )
    return tuple(told)


def notes_of(
    chosen: TablePlan, found: TableArrays, scaling: Scaling, target_scaling: Scaling | None
) -> tuple[str, ...]:
    """What of a table is not used, or lost, in sentences with true counts."""
    table = chosen.outline
    sentence = found.left_out.sentence(table.rows + table.misfits)
    notes = [sentence] if sentence else []
    notes += [] if chosen.choice.inputs else left_out(chosen)
    notes += table.notes
    notes += merged(chosen.names, found.inputs, scaling)
    if not chosen.is_classification:
        names = tuple(table.columns[i].name for i in chosen.targets)
        notes += merged(names, np.asarray(found.targets, np.float64), target_scaling)
    return tuple(notes)
