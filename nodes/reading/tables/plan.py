"""Which columns of a table go in, and which are predicted.

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
from nodes.reading.dataset import Scaling
from nodes.reading.error import DataError
from nodes.reading.labels.choices import AUTO, IN_COLUMNS, NO
from nodes.reading.labels.many_cells import with_all_cells
from nodes.reading.labels.table_labels import LabelTargets, are_flags, label_targets
from nodes.reading.tables.choices import UNUSED, ColumnChoice, chosen_columns
from nodes.reading.tables.column import TableColumn
from nodes.reading.tables.dates import cyclic
from nodes.reading.tables.outline import TableOutline
from nodes.reading.tables.targets import are_classes, is_naming, predicted
from nodes.shown_text import listed

WORDY = 64
"""A column with more different words than this (names, say) goes in only where it is asked for."""
MOSTLY_EMPTY = 0.5
"""Share of cells without a value from which on a column goes in only where it is asked for."""
ROW_BYTES, MARK_BYTES = 64, 64
"""Bytes of memory that a row takes whose values lie on disk: its places in the split and in the order of the
batches; and for each column by which rows are divided or weighted."""


@dataclass(frozen=True)
class TablePlan:
    """Which columns of a table go in, which are predicted, and whether that is a class.

    `roles` has the places of the columns by which samples are divided or weighted. `labels` are those of
    which several can hold of a row; then it is no class.
    """

    outline: TableOutline
    inputs: tuple[int, ...]
    targets: tuple[int, ...]
    is_classification: bool
    choice: ColumnChoice = field(default_factory=ColumnChoice)
    roles: tuple[tuple[str, int], ...] = ()
    labels: LabelTargets | None = None

    @property
    def is_coded(self) -> bool:
        """Whether targets are read as places among the levels of their columns."""
        return self.is_classification or self.labels is not None

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
    def fits(self) -> bool:
        """Whether the values fit into the memory that they may take now; else they are read from disk."""
        width = len(self.names)
        made = len(self.targets) if self.labels is None else len(self.labels.names)
        cells = self.outline.rows * (len(self.inputs) + made + 3 * width)
        return 8 * cells <= budget.room()

    @property
    def classes(self) -> tuple[str, ...]:
        return self.outline.columns[self.targets[0]].levels if self.is_classification else ()


def rounds_of(column: TableColumn, dates: str) -> tuple[str, ...]:
    """The names of the places on circles that a column of dates has besides its seconds."""
    if not column.form or dates != "cyclic":
        return ()
    return tuple(cyclic(np.zeros(1), is_time=column.form == "time of day"))


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
        predicted(table.columns, aside, by_name=choice.by_name, joins=choice.labels == AUTO),
    )
    wanted = tuple(table.find(name) for name in choice.inputs if name not in choice.ignored)
    inputs = wanted or _fitting(table, {*targets, *aside})
    _check(table, inputs, targets)
    table, labels = _labelled(table, targets, choice)
    is_class = labels is None and _is_classification(choice, table, targets)
    chosen = TablePlan(table, inputs, targets, is_class, choice, roles, labels)
    _require_room(chosen)
    return chosen


def _labelled(
    table: TableOutline, targets: tuple[int, ...], choice: ColumnChoice
) -> tuple[TableOutline, LabelTargets | None]:
    """The table, with all cells of its labels, and these; None: the targets are classes or numbers."""
    if choice.labels == NO or choice.task == "regression":
        return table, None
    is_one = len(targets) == 1 and choice.labels != IN_COLUMNS
    whole = with_all_cells(table, targets[0]) if is_one else table
    labels = label_targets([whole.columns[i] for i in targets], choice.labels, str(table.path))
    return (table if labels is None else whole), labels


def _require_room(chosen: TablePlan) -> None:
    """Raise `DataError` where words make too many columns, or what is kept of each row does not fit."""
    table, width = chosen.outline, len(chosen.names)
    if width > MOST_COLUMNS:
        raise DataError(
            f"{table.path}: Expected at most {MOST_COLUMNS:,} columns, one for each word counted. "
            f"Received {width:,}; name the columns that go in."
        )
    needed = table.rows * (ROW_BYTES + MARK_BYTES * len(chosen.roles))
    if not chosen.fits:
        what = f"places of {table.rows:,} rows in the split and in the batches"
        budget.require_room(str(table.path), needed, what, "divide the file, or leave rows out of it")


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
        return "one column alone; cells are separated by commas, semicolons, tabs or |"
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
        hint = "Choose “in columns of 0 and 1” for several_labels. " if are_flags(columns) else ""
        raise DataError(
            f"{table.path}: {hint}Expected one target column for classes. Received {len(columns)}."
        )
    if wanted and len(columns[0].levels) < 2:
        found = (
            len(columns[0].levels)
            or f"more than {MOST_LEVELS:,}, or words of more than {LONGEST_LEVEL} characters"
        )
        raise DataError(
            f"{table.path}: Expected at least 2 classes in {columns[0].name!r}. Received {found}."
        )
    return wanted


def keep_columns(scaling: Scaling, kept: NDArray[np.bool_]) -> Scaling:
    """The same scaling, but the columns marked in `kept` stay as they are."""
    if not kept.any() or len(scaling.mean) != len(kept):
        return scaling
    mean = tuple(0.0 if keep else value for keep, value in zip(kept, scaling.mean, strict=True))
    deviation = tuple(1.0 if keep else value for keep, value in zip(kept, scaling.deviation, strict=True))
    return Scaling(scaling.divisor, mean, deviation)
