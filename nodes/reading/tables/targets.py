"""Which column of a table is predicted where nobody says it, and whether it has classes or numbers.

Where that is asked for, it is the column whose name says so, else the last that can be.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from nodes.reading.csv_columns import FEW
from nodes.reading.labels.table_labels import has_labels
from nodes.reading.tables.column import TableColumn

LEAST_NAMES = 10
"""Rows from which on a column with another word in each names them, which tells nothing of new rows."""
OF_CLASSES = ("label", "labels", "class", "classes", "species", "category")
"""Names of columns that have classes, whatever these look like, in small letters."""
PREDICTED = ("target", "targets", *OF_CLASSES[:-1], "outcome", "response", "diagnosis")
"""Names of columns that are to be predicted, the surest first, in small letters."""
MOST_CLASSES, FEWEST_EACH = 256, 5
"""Different whole numbers that may still be classes, and how often each is there then on average."""


def predicted(
    columns: Sequence[TableColumn], aside: Collection[int], *, by_name: bool, joins: bool = False
) -> int:
    """The place of the column to predict, the last or `by_name`; those `aside` are for something else.

    `joins`: cells that surely have several labels can be predicted, whether or not each row has others.
    """
    fit = _fitting(columns, aside, joins=joins)
    if not by_name:
        return fit[-1]
    places = {columns[i].name.strip().lower(): i for i in reversed(fit)}
    named = [places[name] for name in PREDICTED if name in places]
    if not named and fit[0] == 0 and columns[0].name.strip().lower() == "y":
        named = [0]
    return fit[-1] if not named or fit[-1] in named else named[0]


def _fitting(columns: Sequence[TableColumn], aside: Collection[int], *, joins: bool) -> list[int]:
    """The columns that can be predicted: lines of exported tables often end with a separator."""
    filled = [i for i, column in enumerate(columns) if not column.is_empty and i not in aside]
    fit = [
        i
        for i in filled
        if columns[i].is_number
        or (columns[i].levels and (not is_naming(columns[i]) or (joins and has_labels(columns[i]))))
    ]
    various = [i for i in fit if not _is_same(columns[i])]
    if len(various) > 1:
        fit = various  # what is the same everywhere is nothing to predict
    return fit or filled or [len(columns) - 1]


def _is_same(column: TableColumn) -> bool:
    if not column.is_number:
        return len(column.levels) < 2
    return column.low is not None and column.low == column.high


def says_so(column: TableColumn) -> bool:
    """Whether its name says that a column is to be predicted."""
    return column.name.strip().lower() in (*PREDICTED, "y")


def is_naming(column: TableColumn) -> bool:
    """Whether a column of words has another one in each row, so that it names rows."""
    filled = column.rows - column.missing
    return not column.is_number and filled >= LEAST_NAMES and len(column.levels) == filled


def are_classes(columns: Sequence[TableColumn], *, by_name: bool) -> bool:
    """Whether one column of whole numbers is taken for classes: it has few, each about twice or more.

    With `by_name` also where its name says so.
    """
    if len(columns) != 1 or not columns[0].is_whole:
        return False
    different, there = len(columns[0].levels), columns[0].rows - columns[0].missing
    if different == 2 or (1 < different <= FEW and 2 * different <= there):
        return True
    return by_name and columns[0].name.strip().lower() in OF_CLASSES and may_be_classes(columns)


def may_be_classes(columns: Sequence[TableColumn]) -> bool:
    """Whether one column of whole numbers could be classes, each of which is there several times."""
    if len(columns) != 1 or not columns[0].is_whole:
        return False
    different, there = len(columns[0].levels), columns[0].rows - columns[0].missing
    return 1 < different <= MOST_CLASSES and FEWEST_EACH * different <= there
