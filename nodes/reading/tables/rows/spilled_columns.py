"""The columns of a table that does not fit into memory, in files of the cache."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from nodes.reading.dataset import Array
from nodes.reading.spilled.cache import spilled
from nodes.reading.spilled.writing import SpillWriter
from nodes.reading.tables.outline import TableOutline
from nodes.reading.tables.plan import TablePlan
from nodes.reading.tables.rows.asked import AskedColumns
from nodes.reading.tables.values import ColumnBlocks, SkippedRows

_LEARNT = ("is_number", "levels", "form", "marks", "mixed")
"""What was learnt of a column by which its cells are read."""


class _Skipped(msgspec.Struct, frozen=True):
    """Rows that were left out, as JSON."""

    rows: int
    reasons: list[tuple[str, int]]
    named: list[str]


@dataclass(frozen=True, eq=False)
class SpilledColumns:
    """Arrays: "inputs" (rows, inputs) float64, "targets", a "role-…" for each role, and "kept", the places of
    the rows in the table; and the rows that were left out."""

    arrays: Mapping[str, Array]
    left_out: SkippedRows
    notes: tuple[str, ...]


def spilled_columns(chosen: TablePlan, asked: AskedColumns) -> SpilledColumns:
    """The columns of the plan, of the cache or read now. Raises `DataError`."""
    table = chosen.outline
    roles = [role for role, _ in chosen.roles]
    needed = 8 * table.rows * (len(chosen.inputs) + len(chosen.targets) + len(roles) + 1)
    how = (
        how_read(table, asked.places),
        asked,
        chosen.inputs,
        chosen.targets,
        chosen.is_classification,
        chosen.labels is not None,
        roles,
    )
    found = spilled((table.path,), ("columns", how), needed, lambda writer: _write(chosen, asked, writer))
    return SpilledColumns(found.arrays, _decoded(found.learnt), found.notes)


def how_read(table: TableOutline, places: tuple[int, ...]) -> tuple[Any, ...]:
    """All that the numbers of these columns follow from, besides the file."""
    source = {name: value for name, value in vars(table.source).items() if name != "_rows"}
    columns = [[getattr(table.columns[place], name) for name in _LEARNT] for place in places]
    return (
        type(table.source).__name__,
        sorted(source.items()),
        table.skips_first,
        table.choice.missing_words,
        places,
        columns,
    )


def spilled_table(table: TableOutline, asked: AskedColumns) -> SpilledColumns:
    """The columns "columns" (rows, asked) float64 as they stand in the table. Raises `DataError`."""

    def write(writer: SpillWriter) -> bytes:
        array = writer.array("columns", np.float64, (len(asked.places),))
        blocks = ColumnBlocks(table, asked.places, asked.coded, asked.gaps)
        for columns, _ in blocks:
            array.add(np.stack(columns, axis=1))
        return _encoded(blocks.left_out)

    how = ("table", how_read(table, asked.places), asked)
    found = spilled((table.path,), how, 8 * table.rows * len(asked.places), write)
    return SpilledColumns(found.arrays, _decoded(found.learnt), found.notes)


def _encoded(left: SkippedRows) -> bytes:
    return msgspec.json.encode(_Skipped(left.rows, [*left.reasons.items()], left.named))


def _decoded(learnt: bytes) -> SkippedRows:
    told = msgspec.json.decode(learnt, type=_Skipped)
    return SkippedRows(told.rows, Counter(dict(told.reasons)), told.named)


def _write(chosen: TablePlan, asked: AskedColumns, writer: SpillWriter) -> bytes:
    at = {place: i for i, place in enumerate(asked.places)}
    inputs = writer.array("inputs", np.float64, (len(chosen.inputs),))
    is_class = chosen.is_classification
    targets = writer.array("targets", np.int64) if is_class else _floats(writer, len(chosen.targets))
    roles = [(writer.array(f"role-{role}", np.float64), at[place]) for role, place in chosen.roles]
    kept = writer.array("kept", np.int64)
    blocks = ColumnBlocks(chosen.outline, asked.places, asked.coded, asked.gaps)
    for columns, rows in blocks:
        inputs.add(_stacked(columns, [at[place] for place in chosen.inputs]))
        wanted = [at[place] for place in chosen.targets]
        targets.add(columns[wanted[0]].astype(np.int64) if is_class else _stacked(columns, wanted))
        for array, column in roles:
            array.add(columns[column])
        kept.add(rows)
    return _encoded(blocks.left_out)


def _floats(writer: SpillWriter, width: int) -> Any:
    return writer.array("targets", np.float64, (width,))


def _stacked(columns: list[NDArray[np.float64]], places: list[int]) -> NDArray[np.float64]:
    return np.stack([columns[place] for place in places], axis=1)
