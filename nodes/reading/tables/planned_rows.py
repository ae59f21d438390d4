"""Rows of another table for a trained network, read by the plan of the training table: the same columns by
their names, words coded, dates and marks of numbers understood as there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from nodes.reading.error import DataError
from nodes.reading.tables.blocks import TableBlock, TableSource
from nodes.reading.tables.plan import TablePlan, spread
from nodes.reading.tables.values import ColumnReader
from nodes.reading.unseen.rows import UnseenBlock
from nodes.shown_text import listed, quoted


class PlannedRows:
    """The rows of a table as the input of a run, `(rows, columns)` float64."""

    def __init__(self, source: TableSource, chosen: TablePlan) -> None:
        """Reads the names of the columns. Raises `DataError` where one is not there."""
        self._source, self.place = source, source.unit
        columns = [chosen.outline.columns[i] for i in chosen.inputs]
        names, self._skips_first = self._names(chosen)
        wanted = [column.name for column in columns]
        missing = [name for name in wanted if name not in names]
        if missing:
            raise DataError(
                f"{source.path}: Expected the columns that the run was trained on, {listed(wanted)}. "
                f"Received a table without {listed(missing)}; it has {listed(names)}."
            )
        self._at = [names.index(name) for name in wanted]
        table = chosen.outline.with_columns(columns)
        self._plan = replace(chosen, outline=table, inputs=tuple(range(len(columns))), targets=(), roles=())
        self._readers = [
            ColumnReader(table, place, not column.is_number, is_strict=False)
            for place, column in enumerate(columns)
        ]
        known = {*wanted, *(chosen.outline.columns[i].name for i in chosen.targets)}
        others = [name for name in names if name not in known]
        count = "1 column is" if len(others) == 1 else f"{len(others):,} columns are"
        self.notes = (f"{count} not used, as the run has none so: {listed(others)}",) if others else ()

    def _names(self, chosen: TablePlan) -> tuple[Sequence[str], bool]:
        """The names of the columns, and whether the first row has them."""
        if self._source.names is not None:
            return self._source.names, False
        with self._source.blocks() as found:
            first = next(found, None)
        if first is None or not len(first):
            raise DataError(f"{self._source.path}: Expected a table with rows. Received an empty file.")
        if chosen.outline.has_names:
            return [str(column[0].as_py()).strip() for column in first.columns], True
        return [f"column {i}" for i in range(1, len(first.columns) + 1)], chosen.outline.skips_first

    def blocks(self, size: int) -> Iterator[UnseenBlock]:
        with self._source.blocks() as found:
            if self._skips_first:
                next(found, None)
            for block in found:
                for start in range(0, max(len(block), 1), size):
                    columns = tuple(block.columns[at].slice(start, size) for at in self._at)
                    misfits = block.misfits if not start else ()
                    yield self._read(TableBlock(block.lines[start : start + size], columns, misfits))

    def _read(self, block: TableBlock) -> UnseenBlock:
        values = [reader.values(block) for reader in self._readers]
        rows = np.concatenate(
            [spread(self._plan, place, column) for place, column in enumerate(values)], axis=1
        )
        gaps = np.isnan(np.stack(values, axis=1))
        skipped = [(line, f"received {cells} cells") for line, cells in block.misfits]
        for row in np.flatnonzero(gaps.any(axis=1)):
            place = int(gaps[row].argmax())
            name = quoted(self._plan.outline.columns[place].name)
            cell = quoted(block.columns[place][int(row)].as_py())
            skipped.append(
                (block.lines[int(row)], f"column {name}: no value as in training, received {cell}")
            )
        kept = np.flatnonzero(~gaps.any(axis=1))
        places = tuple(str(block.lines[int(row)]) for row in kept)
        told = tuple(f"{self.place} {line}: {why}" for line, why in sorted(skipped))
        return UnseenBlock(places, rows[kept], told)
