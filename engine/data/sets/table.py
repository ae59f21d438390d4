"""Tables: columns of numbers and words become inputs, one or several columns the target.

Words go in as one column of zeros and ones per word. A target of words, or of few whole numbers, is a class
to predict; any other is a number.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import resources
from engine.data import split
from engine.data.dataset import ArrayRows, DataError, DataInfo, DataSet, DataSplit, Scaling
from engine.data.readers import csv_table
from engine.data.readers.csv_table import CsvOutline
from nodes.data.source import CATALOGUE, DataSource
from nodes.spec import N, TensorSpec

EMBEDDED = {"wine": ("wine/wine.csv", "cultivar"), "diabetes": ("diabetes/diabetes.csv", "progression")}
FEW = 20
"""At most this many different whole numbers are taken for classes where nobody says."""
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


def path_of(source: DataSource) -> Path:
    """The file behind a table. Raises `DataError` where none is chosen."""
    if source.dataset in EMBEDDED:
        return resources.DATA / EMBEDDED[source.dataset][0]
    if not source.path:
        raise DataError("path: Expected a CSV file. Received nothing; choose a file.")
    return Path(source.path)


def plan(source: DataSource) -> TablePlan:
    """Choose the columns as the source says. Raises `DataError`."""
    table = csv_table.outline(path_of(source))
    asked = EMBEDDED[source.dataset][1] if source.dataset in EMBEDDED else source.target_columns
    targets = tuple(table.find(name) for name in names_in(asked)) or (len(table.columns) - 1,)
    wanted = () if source.dataset in EMBEDDED else names_in(source.input_columns)
    inputs = tuple(table.find(name) for name in wanted) or _fitting(table, targets)
    _check(table, inputs, targets)
    return TablePlan(table, inputs, targets, _is_classification(source, table, targets))


def names_in(text: str) -> tuple[str, ...]:
    """Column names out of a list with commas."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def describe(source: DataSource) -> DataInfo:
    return _info(source, plan(source))


def load(source: DataSource, seed: int) -> DataSet:
    chosen = plan(source)
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
        targets: NDArray[np.generic] = by_place[chosen.targets[0]].astype(np.int64)
    else:
        targets = np.stack([by_place[i] for i in chosen.targets], axis=1).astype(np.float32)
    inside, outside = split.shuffled(len(inputs), source.validation, seed, source.samples)
    choice = "standardise" if source.scaling == "auto" else source.scaling
    scaling = _except(split.scaling(inputs[inside], choice), chosen.is_word)
    target_scaling = None if chosen.is_classification else split.scaling(targets[inside], choice)
    train, held = (
        DataSplit(
            ArrayRows(inputs[part]),
            ArrayRows(targets[part]),
            scaling,
            target_scaling,
            None if skipped else part,
        )
        for part in (inside, outside)
    )
    info = replace(_info(source, chosen), samples=len(inside) + len(outside))
    return DataSet(info, train, held, skipped)


def _info(source: DataSource, chosen: TablePlan) -> DataInfo:
    entry = CATALOGUE[source.dataset]
    classes = chosen.classes
    target = (
        TensorSpec((N,), "int64", classes=len(classes)) if classes else TensorSpec((N, len(chosen.targets)))
    )
    return DataInfo(
        name=source.dataset,
        title=entry["title"] if source.dataset in EMBEDDED else chosen.outline.path.name,
        kind="table",
        samples=min(chosen.outline.rows, source.samples or chosen.outline.rows),
        input=TensorSpec((N, len(chosen.names))),
        target=target,
        classes=classes,
        columns=chosen.names,
        licence=entry["licence"],
        description=entry["description"],
        stored=chosen.outline.rows,
    )


def _fitting(table: CsvOutline, targets: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(
        i
        for i, column in enumerate(table.columns)
        if i not in targets and (column.is_number or 0 < len(column.levels) <= WORDY)
    )


def _check(table: CsvOutline, inputs: tuple[int, ...], targets: tuple[int, ...]) -> None:
    both = set(inputs) & set(targets)
    if both:
        name = table.columns[both.pop()].name
        raise DataError(
            f"{table.path}: Expected the target to stay out of the input. Received {name!r} as both."
        )
    if not inputs:
        raise DataError(
            f"{table.path}: Expected a column besides the target. Received none that could go in."
        )
    for i in inputs:
        column = table.columns[i]
        if not column.is_number and not column.levels:
            raise DataError(
                f"{table.path}: Expected numbers or at most {csv_table.MOST_LEVELS:,} different words in "
                f"column {column.name!r}. Received more."
            )


def _is_classification(source: DataSource, table: CsvOutline, targets: tuple[int, ...]) -> bool:
    columns = [table.columns[i] for i in targets]
    words = [column for column in columns if not column.is_number]
    few = len(columns) == 1 and columns[0].is_whole and 1 < len(columns[0].levels) <= FEW
    task = source.task if source.dataset not in EMBEDDED else "auto"
    wanted = task == "classification" or (task == "auto" and (bool(words) or few))
    if not wanted and words:
        raise DataError(
            f"{table.path}: Expected numbers in column {words[0].name!r} to predict. Received words."
        )
    if wanted and len(columns) > 1:
        raise DataError(f"{table.path}: Expected one target column for classes. Received {len(columns)}.")
    if wanted and len(columns[0].levels) < 2:
        found = len(columns[0].levels) or f"more than {csv_table.MOST_LEVELS:,}"
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


def _except(scaling: Scaling, kept: NDArray[np.bool_]) -> Scaling:
    """The same scaling, but the columns marked in `kept` stay as they are."""
    if not kept.any() or len(scaling.mean) != len(kept):
        return scaling
    mean = tuple(0.0 if keep else value for keep, value in zip(kept, scaling.mean, strict=True))
    deviation = tuple(1.0 if keep else value for keep, value in zip(kept, scaling.deviation, strict=True))
    return Scaling(scaling.divisor, mean, deviation)
