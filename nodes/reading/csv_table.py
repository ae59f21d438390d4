"""Tables in text files: their outline, and the columns that are wanted.

A file is gone through twice and never held as text: once to learn what each column is, which is kept as long
as the file stays as it is, and once to fill arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from pathlib import Path

from nodes.reading.kept import KeptAnswers
from nodes.reading.tables.blocks import TableSource
from nodes.reading.tables.csv_source import CsvSource
from nodes.reading.tables.dialect import TextChoice
from nodes.reading.tables.outline import RowChoice, TableOutline, learn
from nodes.reading.tables.values import LARGEST as LARGEST
from nodes.uncollected import uncollected

_TEXT, _ROWS = TextChoice(), RowChoice()
_outlines: KeptAnswers[TableOutline] = KeptAnswers(8)


def outline_of(
    path: Path, make: Callable[[], TableSource], rows: RowChoice, *asked: Hashable
) -> TableOutline:
    """What the columns of a table of any format are; each version of it is gone through once.

    `make` opens its source, as `asked` says it. Raises `DataError`.
    """
    return _outlines.of_file(path, lambda: _learn(make(), rows), rows, *asked)


def outline(
    path: Path, text: TextChoice = _TEXT, rows: RowChoice = _ROWS, *, as_written: bool = False
) -> TableOutline:
    """What the columns of a text file are; each version of it is gone through once. Raises `DataError`.

    `as_written`: numbers are like 1.234,5 and 9,5, whether or not one of them tells it.
    """
    return _outlines.of_file(path, lambda: _outline(path, text, rows, as_written), text, rows, as_written)


def _outline(path: Path, text: TextChoice, rows: RowChoice, as_written: bool) -> TableOutline:
    found = _learn(CsvSource(path, text, as_written=as_written), rows)
    if not as_written and text.decimal != "point" and any(column.is_grouped for column in found.columns):
        return _learn(CsvSource(path, text, as_written=True), rows)
    return found


def _learn(source: TableSource, rows: RowChoice) -> TableOutline:
    with uncollected():
        return learn(source, rows)
