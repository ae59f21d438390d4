"""Which labels a table has to predict: in columns of yes and no, or several in one cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nodes.reading.dataset import Array, ArrayRows
from nodes.reading.error import DataError
from nodes.reading.labels import joined
from nodes.reading.labels.choices import AUTO, IN_COLUMNS, NO
from nodes.reading.labels.flags import is_flag, is_yes
from nodes.reading.tables.column import TableColumn
from nodes.shown_text import listed, quoted


@dataclass(frozen=True, eq=False)
class LabelTargets:
    """The names of labels `(K)`, and for each target column what its levels are: `(levels, labels)`."""

    names: tuple[str, ...]
    of_levels: tuple[NDArray[np.float32], ...]
    how: str

    def marks(self, codes: Array) -> NDArray[np.float32]:
        """Which labels hold, `(rows, K)`, of rows of places among the levels of the columns, `(rows, C)`."""
        found = [of[codes[:, at].astype(np.int64)] for at, of in enumerate(self.of_levels)]
        return np.concatenate(found, axis=1)


@dataclass(frozen=True, eq=False)
class LabelRows:
    """Rows of labels `(N, K)` float32, made of stored places among levels `(N, C)` where they are fetched."""

    labels: LabelTargets
    codes: Array

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self.codes), len(self.labels.names))

    @property
    def dtype(self) -> np.dtype[np.generic]:
        return np.dtype(np.float32)

    def __len__(self) -> int:
        return len(self.codes)

    def fetch(self, indices: NDArray[np.int64]) -> Array:
        return self.labels.marks(ArrayRows(self.codes).fetch(indices))


def in_cells(column: TableColumn) -> joined.JoinedLabels | None:
    """What parts labels in the cells of a column of words; None where nothing speaks for it."""
    if column.is_number or column.form or column.forms or len(column.levels) < 2:
        return None
    return _joined(column.levels)


@lru_cache(8)
def _joined(levels: tuple[str, ...]) -> joined.JoinedLabels | None:
    """Asked for each time that a table is planned, of thousands of cells."""
    return joined.joined_labels(levels)


def has_labels(column: TableColumn) -> bool:
    """Whether the cells of a column surely have several labels."""
    found = in_cells(column)
    return found is not None and found.is_likely


def are_flags(columns: Sequence[TableColumn]) -> bool:
    """Whether there are several columns, each of yes and no alone."""
    return len(columns) > 1 and all(is_flag(column.levels) for column in columns)


def label_targets(columns: Sequence[TableColumn], wanted: str, path: str) -> LabelTargets | None:
    """The labels of target columns as the parameter `several_labels` says; None: they are classes or numbers.

    Raises `DataError` where they cannot be as it says.
    """
    if wanted == NO:
        return None
    if wanted == AUTO:
        found = in_cells(columns[0]) if len(columns) == 1 else None
        wanted = found.sign if found is not None and found.is_likely else IN_COLUMNS
        if wanted == IN_COLUMNS and not are_flags(columns):
            return None
    if len(columns) > 1 or wanted == IN_COLUMNS:
        return _of_columns(columns, path)
    return _of_cells(columns[0], wanted, path)


def _of_columns(columns: Sequence[TableColumn], path: str) -> LabelTargets | None:
    if not are_flags(columns):
        others = [column.name for column in columns if not is_flag(column.levels)] or [columns[0].name]
        raise DataError(
            f"{path}: several_labels: Choose other target_columns, or “no” for several_labels. Expected "
            f"several target columns of 0 and 1, or of yes and no. Received {listed(others)}."
        )
    of_levels = [np.array([[is_yes(one)] for one in column.levels], np.float32) for column in columns]
    return LabelTargets(tuple(column.name for column in columns), tuple(of_levels), IN_COLUMNS)


def _of_cells(column: TableColumn, sign: str, path: str) -> LabelTargets:
    names = joined.labels_in(column.levels, sign)
    if not 1 < len(names) <= joined.MOST_LABELS:
        raise DataError(
            f"{path}: several_labels: Choose what parts the labels, or “no”. Expected 2 to "
            f"{joined.MOST_LABELS:,} different labels in the cells of column {quoted(column.name)}. "
            f"Received {len(names):,}."
        )
    return LabelTargets(names, (joined.marks(column.levels, sign, names),), sign)
