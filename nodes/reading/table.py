"""Which columns of a table go in, which are predicted, and how they become rows of numbers.

Words go in as one column of zeros and ones per word. A target of words, or of few whole numbers, is a class
to predict; any other is a number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nodes.reading import budget, csv_table, split
from nodes.reading.csv_columns import FEW, LONGEST_LEVEL, MOST_LEVELS
from nodes.reading.csv_rows import MOST_COLUMNS
from nodes.reading.csv_table import CsvOutline
from nodes.reading.dataset import Array, Scaling
from nodes.reading.error import DataError
from nodes.shown_text import listed

WORDY = 64
"""A column with more different words than this (names, say) goes in only where it is asked for."""


@dataclass(frozen=True)
class TablePlan:
    """Which columns of a table go in, which are predicted, and whether that is a class."""

    outline: CsvOutline
    inputs: tuple[int, ...]
    targets: tuple[int, ...]
    is_classification: bool

    @property
    def words(self) -> tuple[int, ...]:
        """The inputs that are words."""
        return tuple(i for i in self.inputs if not self.outline.columns[i].is_number)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the input tensor: a name, or `name = word` for each word."""
        names: list[str] = []
        for i in self.inputs:
            column = self.outline.columns[i]
            names += (
                [column.name] if column.is_number else [f"{column.name} = {word}" for word in column.levels]
            )
        return tuple(names)

    @property
    def is_word(self) -> NDArray[np.bool_]:
        """Which columns of the input tensor say whether a word is there."""
        columns = [self.outline.columns[i] for i in self.inputs]
        return np.concatenate([[False] if c.is_number else [True] * len(c.levels) for c in columns])

    @property
    def classes(self) -> tuple[str, ...]:
        return self.outline.columns[self.targets[0]].levels if self.is_classification else ()


def plan(
    table: CsvOutline, wanted_inputs: tuple[str, ...], wanted_targets: tuple[str, ...], task: str
) -> TablePlan:
    """Choose the columns by their names: no inputs, all that can go in; no targets, the last column.

    `task` is "classification", "regression" or "auto". Raises `DataError`.
    """
    targets = tuple(table.find(name) for name in wanted_targets) or (_last(table),)
    inputs = tuple(table.find(name) for name in wanted_inputs) or _fitting(table, targets)
    _check(table, inputs, targets)
    chosen = TablePlan(table, inputs, targets, _is_classification(task, table, targets))
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


def read(chosen: TablePlan) -> tuple[NDArray[np.float32], Array, tuple[str, ...]]:
    """Inputs (rows, columns), targets (rows) or (rows, targets), and what was skipped. Raises `DataError`."""
    columns = chosen.outline.columns
    words = frozenset((*chosen.words, *(chosen.targets if chosen.is_classification else ())))
    places = [*chosen.inputs, *chosen.targets]
    values, skipped = csv_table.read(chosen.outline, places, words)
    split.require_samples(len(values[0]), str(chosen.outline.path), "rows without a missing value")
    by_place = dict(zip(places, values, strict=True))
    inputs = np.concatenate(
        [_spread(by_place[i], 0 if columns[i].is_number else len(columns[i].levels)) for i in chosen.inputs],
        axis=1,
    )
    if chosen.is_classification:
        return inputs, by_place[chosen.targets[0]].astype(np.int64), skipped
    targets = np.stack([by_place[i] for i in chosen.targets], axis=1).astype(np.float32)
    return inputs, targets, skipped


def _fitting(table: CsvOutline, targets: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(
        i
        for i, column in enumerate(table.columns)
        if i not in targets and not column.is_empty and (column.is_number or 0 < len(column.levels) <= WORDY)
    )


def _last(table: CsvOutline) -> int:
    """The last column that has values: lines of exported tables often end with a separator."""
    filled = [i for i, column in enumerate(table.columns) if not column.is_empty]
    return filled[-1] if filled else len(table.columns) - 1


def left_out(chosen: TablePlan) -> tuple[str, ...]:
    """A sentence for each reason why columns do not go in, where nobody named those that do."""
    unused = set(range(len(chosen.outline.columns))) - {*chosen.inputs, *chosen.targets}
    columns = [chosen.outline.columns[i] for i in sorted(unused)]
    empty = [column.name for column in columns if column.is_empty]
    wordy = [column.name for column in columns if not column.is_empty]
    return tuple(
        f"{_columns(len(names))} not used, as {reason}: {listed(names)}"
        for names, reason in (
            (wordy, f"there are more than {WORDY} different words, or long ones"),
            (empty, "there is no value"),
        )
        if names
    )


def _columns(count: int) -> str:
    return "1 column is" if count == 1 else f"{count:,} columns are"


def _check(table: CsvOutline, inputs: tuple[int, ...], targets: tuple[int, ...]) -> None:
    both = set(inputs) & set(targets)
    if both:
        name = table.columns[both.pop()].name
        raise DataError(
            f"{table.path}: Expected the target to stay out of the input. Received {name!r} as both."
        )
    if not inputs:
        received = (
            "one column alone; cells are parted by commas, semicolons, tabs or |"
            if len(table.columns) == 1
            else "none that could go in"
        )
        raise DataError(f"{table.path}: Expected a column besides the target. Received {received}.")
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


def _is_classification(task: str, table: CsvOutline, targets: tuple[int, ...]) -> bool:
    columns = [table.columns[i] for i in targets]
    words = [column for column in columns if not column.is_number]
    few = len(columns) == 1 and columns[0].is_whole and 1 < len(columns[0].levels) <= FEW
    wanted = task == "classification" or (task == "auto" and (bool(words) or few))
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


def _spread(values: NDArray[np.float64], levels: int) -> NDArray[np.float32]:
    """A column as (n, 1), or words as zeros and ones (n, levels)."""
    if not levels:
        return values[:, None].astype(np.float32)
    spread = np.zeros((len(values), levels), np.float32)
    spread[np.arange(len(values)), values.astype(np.int64)] = 1
    return spread


def keep_columns(scaling: Scaling, kept: NDArray[np.bool_]) -> Scaling:
    """The same scaling, but the columns marked in `kept` stay as they are."""
    if not kept.any() or len(scaling.mean) != len(kept):
        return scaling
    mean = tuple(0.0 if keep else value for keep, value in zip(kept, scaling.mean, strict=True))
    deviation = tuple(1.0 if keep else value for keep, value in zip(kept, scaling.deviation, strict=True))
    return Scaling(scaling.divisor, mean, deviation)
