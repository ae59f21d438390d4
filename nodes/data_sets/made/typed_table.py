"""A table that is typed in: rows by semicolons or lines, cells by commas, tabs or spaces.

A first row without numbers names the columns. The last column is predicted: a class where it has words or few
whole numbers, as in tables of files. Small tables train and validate on all of their rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nodes.data_sets.declaration import DataSetDeclaration, split_param
from nodes.data_sets.table import task_param
from nodes.param import Text
from nodes.reading.error import DataError
from nodes.shown_text import listed, shown
from nodes.spec import N, TensorSpec

if TYPE_CHECKING:
    from nodes.reading.dataset import DataInfo, DataSet

FEW_ROWS = 20
"""Tables of fewer rows hold none back."""
LONGEST, MOST_COLUMNS = 1 << 20, 1000
"""Characters of the text, and columns."""
FEW_CLASSES = 20
EXAMPLE = "a, b, both; 0, 0, no; 0, 1, no; 1, 0, no; 1, 1, yes"


@dataclass(frozen=True)
class TypedRows:
    """What was typed: names of columns, inputs by row, and targets as numbers or as places in `classes`."""

    names: tuple[str, ...]
    inputs: tuple[tuple[float, ...], ...]
    targets: tuple[float, ...]
    classes: tuple[str, ...]


class TypedTable(DataSetDeclaration):
    """Typed table."""

    name = "typed-table"
    title = "Typed table"
    kind = "table"
    licence = "yours"
    description = "A few rows typed in: cells by commas, rows by semicolons; the last column is predicted."
    place = 32

    rows = Text(
        EXAMPLE, help="Rows by semicolons, cells by commas or spaces; a first row of words names the columns."
    )
    task = task_param()
    split = split_param()

    def typed(self) -> TypedRows:
        """The rows. Raises `DataError` with the row and the column that cannot be read."""
        cells = _cells(self.rows)
        names: tuple[str, ...] = (*(f"x{i + 1}" for i in range(len(cells[0]) - 1)), "y")
        first = 1
        if all(_number(cell) is None for cell in cells[0]) and len(cells) > 1:
            names, cells, first = tuple(map(shown, cells[0])), cells[1:], 2
        if len(cells) < 2:
            raise DataError(f"rows: Expected at least 2 rows. Received {len(cells)}.")
        inputs = tuple(
            tuple(_required(cell, i + first, names[k]) for k, cell in enumerate(row[:-1]))
            for i, row in enumerate(cells)
        )
        last = [row[-1] for row in cells]
        classes = _classes(last, self.task)
        if classes:
            return TypedRows(names, inputs, tuple(float(classes.index(cell)) for cell in last), classes)
        targets = tuple(_required(cell, i + first, names[-1]) for i, cell in enumerate(last))
        return TypedRows(names, inputs, targets, ())

    def describe(self) -> DataInfo:
        found = self.typed()
        count = min(len(found.inputs), self.samples or len(found.inputs))
        return self.info(
            samples=count,
            input=TensorSpec((N, len(found.names) - 1)),
            target=TensorSpec((N,), "int64", classes=len(found.classes))
            if found.classes
            else TensorSpec((N, 1)),
            classes=found.classes,
            columns=found.names[:-1],
            division="all" if count < FEW_ROWS else "shuffled",
            stored=len(found.inputs),
        )

    def load(self, seed: int) -> DataSet:
        import numpy as np

        from nodes.reading import split
        from nodes.reading.dataset import ArrayRows, DataSet, DataSplit

        found, info = self.typed(), self.describe()
        inputs = np.array(found.inputs, np.float64)
        targets = np.array(found.targets, np.int64 if found.classes else np.float64)
        targets = targets if found.classes else targets[:, None]
        if info.division == "all":
            inside = outside = np.arange(info.samples)
            words = f"all rows train and validate, as there are fewer than {FEW_ROWS}"
        else:
            parts = self.divided(
                len(inputs), seed, split.SplitMarks(classes=targets if found.classes else None)
            )
            inside, outside, words = parts.train, parts.validation, parts.sentence
        scaling = split.scaling(inputs[inside], self.scaling_or("none"))
        train, held = (
            DataSplit(ArrayRows(inputs[part]), ArrayRows(targets[part]), scaling, places=part)
            for part in (inside, outside)
        )
        return DataSet(info, train, held, division=words)

    def card_label(self) -> str:
        return "typed in"


def _cells(text: str) -> list[list[str]]:
    """The cells by row, as many in each. Raises `DataError`."""
    if len(text) > LONGEST:
        raise DataError(f"rows: Expected at most {LONGEST:,} characters. Received {len(text):,}.")
    lines = [line.strip() for line in text.replace("\n", ";").split(";")]
    lines = [line for line in lines if line]
    if not lines:
        raise DataError("rows: Expected rows, as in 0, 0, 1; 0, 1, 0. Received none.")
    mark = "," if any("," in line for line in lines) else None
    cells = [[cell.strip() for cell in line.split(mark)] for line in lines]
    width = len(cells[0])
    if not 2 <= width <= MOST_COLUMNS:
        raise DataError(f"rows: Expected 2 to {MOST_COLUMNS:,} cells in a row. Received {width:,} in row 1.")
    for i, row in enumerate(cells):
        if len(row) != width:
            raise DataError(f"rows: Expected {width} cells in row {i + 1}, as in row 1. Received {len(row)}.")
    return cells


def _number(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) < 3e38 else None


def _required(cell: str, row: int, column: str) -> float:
    value = _number(cell)
    if value is None:
        raise DataError(
            f"rows: Expected a number in row {row}, column {column!r}. Received {shown(cell) or 'nothing'}."
        )
    return value


def _classes(cells: list[str], task: str) -> tuple[str, ...]:
    """The classes of the last column, in order; empty where it has numbers to predict."""
    numbers = [_number(cell) for cell in cells]
    are_words = any(number is None for number in numbers)
    whole = not are_words and all(number is not None and number.is_integer() for number in numbers)
    different = sorted(set(cells), key=lambda cell: (_number(cell) or 0.0, cell))
    few = whole and 2 <= len(different) <= FEW_CLASSES and len(cells) >= 2 * len(different)
    if task == "regression" or not (task == "classification" or are_words or few):
        return ()
    if len(different) < 2:
        raise DataError(
            f"rows: Expected at least 2 classes in the last column. Received {listed(different)}."
        )
    return (
        tuple(map(shown, different))
        if len(set(map(shown, different))) == len(different)
        else tuple(different)
    )
