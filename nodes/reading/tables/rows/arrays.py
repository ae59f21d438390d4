"""The columns of a plan as rows of numbers: in memory where they fit, else in files of the cache.

Both are the same rows to the last bit, and are divided, scaled and filled by the same functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from nodes.reading.dataset import Array, ArrayRows, PartRows, Rows, Scaling
from nodes.reading.error import DataError
from nodes.reading.labels.table_labels import LabelRows
from nodes.reading.scaling import blocks_of
from nodes.reading.tables.column import TableColumn
from nodes.reading.tables.dates import cyclic
from nodes.reading.tables.plan import TablePlan, left_out, rounds_of
from nodes.reading.tables.rows import spilled_columns
from nodes.reading.tables.rows.asked import AskedColumns, asked_of
from nodes.reading.tables.values import OTHER_CELLS, SkippedRows
from nodes.reading.tables.values import read as read_columns
from nodes.shown_text import shown

COMPARED = 5_000
"""Rows of which it is looked whether single precision can tell their values apart."""


@dataclass(frozen=True, eq=False)
class InputRows:
    """Inputs `(rows, columns)` float64, made of stored columns `(rows, stored)` where they are fetched.

    `fills` are what stands in for gaps, `(columns)`.
    """

    chosen: TablePlan
    stored: Array
    fills: NDArray[np.float64] | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self.stored), len(self.chosen.names))

    @property
    def dtype(self) -> np.dtype[np.generic]:
        return np.dtype(np.float64)

    def __len__(self) -> int:
        return len(self.stored)

    def fetch(self, indices: NDArray[np.int64]) -> Array:
        found = ArrayRows(self.stored).fetch(indices).astype(np.float64, copy=False)
        columns = {place: found[:, at] for at, place in enumerate(self.chosen.inputs)}
        inputs = inputs_of(self.chosen, columns)
        return inputs if self.fills is None else np.where(np.isnan(inputs), self.fills, inputs)


@dataclass(frozen=True, eq=False)
class TableArrays:
    """A table as its rows: inputs `(rows, columns)` float64, targets `(rows)` int64, `(rows, targets)`
    float64 or labels `(rows, labels)` float32, and the columns of roles. A gap that is to be filled is NaN.
    `kept` are the places of the rows in the table; `notes` say where they lie."""

    inputs: Rows
    targets: Rows
    roles: dict[str, Array]
    left_out: SkippedRows
    kept: NDArray[np.int64]
    notes: tuple[str, ...] = field(default=())

    def weights(self) -> ArrayRows:
        """How much each row counts, `(rows)` float32; 1 where no column says it."""
        given = self.roles.get("weight")
        if given is None:
            return ArrayRows(np.broadcast_to(np.ones(1, np.float32), (len(self.inputs),)))
        return ArrayRows(given.astype(np.float32))

    def filled(self, inside: NDArray[np.int64]) -> TableArrays:
        """The same, with the means of the training part where inputs have a gap."""
        inputs = self.inputs
        if isinstance(inputs, ArrayRows):
            gaps = np.isnan(inputs.array)
            if not gaps.any():
                return self
            return replace(self, inputs=ArrayRows(np.where(gaps, _means(inputs, inside), inputs.array)))
        assert isinstance(inputs, InputRows)
        has_gaps = inputs.chosen.choice.gaps == "fill"
        return replace(self, inputs=replace(inputs, fills=_means(inputs, inside))) if has_gaps else self


def part_of(rows: Rows, part: NDArray[np.int64]) -> Rows:
    """The rows at these places: a copy of those in memory; a view of those on disk, or all alike."""
    if not isinstance(rows, ArrayRows) or isinstance(rows.array, np.memmap) or not rows.array.strides[0]:
        return PartRows(rows, part)
    return ArrayRows(rows.array[part])


def read(chosen: TablePlan) -> TableArrays:
    """The rows of a table, those left out that have a gap. Raises `DataError`."""
    asked = asked_of(chosen)
    return _in_memory(chosen, asked) if chosen.fits else _on_disk(chosen, asked)


def _in_memory(chosen: TablePlan, asked: AskedColumns) -> TableArrays:
    found = read_columns(chosen.outline, asked.places, asked.coded, with_gaps=asked.gaps)
    _require_rows(chosen, len(found.values[0]), found.left_out)
    by_place = dict(zip(asked.places, found.values, strict=True))
    inputs = inputs_of(chosen, by_place)
    if chosen.is_classification:
        targets: Array = by_place[chosen.targets[0]].astype(np.int64)
    else:
        targets = np.stack([by_place[i] for i in chosen.targets], axis=1)
        targets = targets if chosen.labels is None else chosen.labels.marks(targets)
    roles = _roles(chosen, asked, {role: by_place[place] for role, place in chosen.roles})
    return TableArrays(ArrayRows(inputs), ArrayRows(targets), roles, found.left_out, found.kept)


def _on_disk(chosen: TablePlan, asked: AskedColumns) -> TableArrays:
    found = spilled_columns.spilled_columns(chosen, asked)
    arrays = found.arrays
    _require_rows(chosen, len(arrays["kept"]), found.left_out)
    roles = _roles(chosen, asked, {role: arrays[f"role-{role}"] for role, _ in chosen.roles})
    inputs = InputRows(chosen, arrays["inputs"])
    kept = cast("NDArray[np.int64]", arrays["kept"])
    stored = arrays["targets"]
    targets = ArrayRows(stored) if chosen.labels is None else LabelRows(chosen.labels, stored)
    return TableArrays(inputs, targets, roles, found.left_out, kept, found.notes)


def inputs_of(chosen: TablePlan, columns: Mapping[int, NDArray[np.float64]]) -> NDArray[np.float64]:
    """The inputs `(rows, columns)` of columns `(rows)` by their places."""
    inputs, at = np.empty((len(columns[chosen.inputs[0]]), len(chosen.names))), 0
    for i in chosen.inputs:
        part = _spread(chosen, i, columns[i])
        inputs[:, at : at + part.shape[1]] = part
        at += part.shape[1]
    return inputs


def _spread(chosen: TablePlan, place: int, found: NDArray[np.float64]) -> NDArray[np.float64]:
    """A column as `(n, 1)`, words as zeros and ones `(n, levels)`, dates also as places on circles."""
    column = chosen.outline.columns[place]
    if column.is_number:
        rounds = rounds_of(column, chosen.choice.dates)
        if not rounds:
            return found[:, None]
        circles = cyclic(found, is_time=column.form == "time of day")
        return np.stack([found, *(circles[name] for name in rounds)], axis=1)
    spread = np.zeros((len(found), len(column.levels)))
    rows = np.flatnonzero(~np.isnan(found))  # a gap that stays is no word at all
    spread[rows, found[rows].astype(np.int64)] = 1
    return spread


def _roles(chosen: TablePlan, asked: AskedColumns, found: Mapping[str, Array]) -> dict[str, Array]:
    """The columns by which rows are divided or weighted: words as they are, or numbers."""
    columns, places = chosen.outline.columns, dict(chosen.roles)
    marked = {
        role: _mark(columns[places[role]], values, places[role] in asked.coded)
        for role, values in found.items()
    }
    _check_weights(chosen, marked.get("weight"))
    return marked


def _mark(column: TableColumn, found: Array, is_coded: bool) -> Array:
    return np.array(column.levels)[found.astype(np.int64)] if is_coded and column.levels else found


def _check_weights(chosen: TablePlan, given: Array | None) -> None:
    """Raise `DataError` where a row counts less than nothing, or none counts."""
    if given is None:
        return
    name, received = chosen.outline.columns[dict(chosen.roles)["weight"]].name, "words"
    if given.dtype.kind == "f":
        weights = given.astype(np.float64)
        if (weights >= 0).all() and weights.any():
            return
        received = f"{weights.min():g}" if weights.any() else "0 alone"
    raise DataError(
        f"{chosen.outline.path}: Expected numbers from 0 on, not all 0, in column {name!r}, which says how "
        f"much each row counts. Received {received}."
    )


def _require_rows(chosen: TablePlan, count: int, skipped: SkippedRows) -> None:
    if count < 2:
        sentence = skipped.sentence(chosen.outline.rows + chosen.outline.misfits)
        cells = len(chosen.outline.columns)
        if set(skipped.reasons) == {OTHER_CELLS}:
            raise DataError(
                f"{chosen.outline.path}: Choose what separates the cells, or give each row as many. Expected "
                f"at least 2 rows of {cells:,} cells. Received {count}: {sentence}."
            )
        advice = "ignore columns without values, or fill their gaps"
        advice += f", and give each row {cells:,} cells" if skipped.reasons[OTHER_CELLS] else ""
        why = f": {sentence}; {advice}" if sentence else ""
        raise DataError(
            f"{chosen.outline.path}: Expected at least 2 rows without a missing value. Received {count}{why}."
        )


def _means(inputs: Rows, inside: NDArray[np.int64]) -> NDArray[np.float64]:
    """The means of the columns of these rows `(columns)`, of the values that are there; 0 where none is."""
    total, count = np.zeros(inputs.shape[1]), np.zeros(inputs.shape[1], np.int64)
    for block in blocks_of(inputs, inside):
        gaps = np.isnan(cast("NDArray[np.float64]", block))
        total = total + np.where(gaps, 0.0, block).sum(axis=0)
        count += (~gaps).sum(axis=0)
    return np.asarray(total / np.maximum(count, 1), np.float64)


def merged(names: Sequence[str], rows: Rows, scaling: Scaling | None) -> tuple[str, ...]:
    """A sentence for each column of which single precision cannot tell the values apart after scaling."""
    part = rows.fetch(np.arange(min(COMPARED, len(rows)))).astype(np.float64)
    found = (
        part
        if scaling is None
        else (part / scaling.divisor - np.array(scaling.mean)) / np.array(scaling.deviation)
    )
    single = found.astype(np.float32)
    told = []
    for i, name in enumerate(names):
        if not (single[:, i].astype(np.float64) != found[:, i]).any():
            continue
        largest = np.nanmax(np.abs(part[:, i])) or 1.0
        told_apart = np.round(part[:, i] / largest, 13)  # what double precision blurs is no value of its own
        exact, kept = len(np.unique(told_apart)), len(np.unique(single[:, i]))
        if kept < 0.95 * exact:
            told.append(
                f"Column {shown(name)}: single precision cannot tell its values apart: {exact:,} different "
                f"ones become {kept:,}; let it be scaled (standardise)"
            )
    return tuple(told)


def notes_of(
    chosen: TablePlan, found: TableArrays, scaling: Scaling, target_scaling: Scaling | None
) -> tuple[str, ...]:
    """What of a table is not used, or lost, in sentences with true counts, and where its values lie."""
    table = chosen.outline
    sentence = found.left_out.sentence(table.rows + table.misfits)
    notes = [sentence] if sentence else []
    notes += [] if chosen.choice.inputs else left_out(chosen)
    notes += table.notes
    notes += merged(chosen.names, found.inputs, scaling)
    if not chosen.is_coded:
        names = tuple(table.columns[i].name for i in chosen.targets)
        notes += merged(names, found.targets, target_scaling)
    return (*notes, *found.notes)
