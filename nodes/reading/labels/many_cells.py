"""Cells of labels of which more differ than a look at a table remembers: they are gone through again."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from nodes.reading.csv_columns import ALWAYS_MISSING
from nodes.reading.kept import KeptAnswers
from nodes.reading.tables.column import TableColumn
from nodes.reading.tables.outline import TableOutline

MOST_CELLS = 20_000
"""Different cells of a column of labels; a column with more is text."""
_kept: KeptAnswers[tuple[str, ...]] = KeptAnswers(4)


def with_all_cells(table: TableOutline, place: int) -> TableOutline:
    """The table, this column with all its different cells as its levels where they were too many to remember.

    As it is where it has numbers or dates, or more than `MOST_CELLS` different cells. Raises `DataError`.
    """
    column = table.columns[place]
    if column.is_number or column.levels or column.is_empty or column.form:
        return table
    source = sorted((name, repr(value)) for name, value in vars(table.source).items() if name != "_rows")
    asked = (type(table.source).__name__, tuple(source), table.skips_first, table.choice.missing_words, place)
    levels = _kept.of_file(table.path, lambda: _different(table, place), *asked)
    columns: list[TableColumn] = list(table.columns)
    columns[place] = replace(column, levels=levels)
    return table.with_columns(columns) if levels else table


def _different(table: TableOutline, place: int) -> tuple[str, ...]:
    """The different cells of a column, in order; none where there are too many, or no words."""
    missing = {*ALWAYS_MISSING, *(word.lower() for word in table.choice.missing_words or ())}
    found: set[str] = set()
    with table.source.blocks() as blocks:
        if table.skips_first:
            next(blocks, None)
        for block in blocks:
            cells = block.columns[place]
            if not pa.types.is_string(cells.type):
                return ()
            found.update(pc.unique(pc.utf8_trim_whitespace(cells)).to_pylist())
            if len(found) > MOST_CELLS:
                return ()
    return tuple(sorted(cell for cell in found if cell.lower() not in missing))
