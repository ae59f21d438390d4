"""Time series: a window of past values goes in, the next ones are predicted. The end of the series validates.

Rows of a CSV file in the order of time. Of several columns all go in and the first is predicted.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import resources
from engine.data import split
from engine.data.dataset import DataError, DataInfo, DataSet, DataSplit, Scaling, WindowRows
from engine.data.readers import csv_table
from engine.data.readers.csv_table import CsvOutline
from engine.data.sets.table import names_in
from nodes.data.source import CATALOGUE, DataSource
from nodes.spec import N, TensorSpec


def path_of(source: DataSource) -> Path:
    """The file behind a series. Raises `DataError` where none is chosen."""
    if source.dataset == "sunspots":
        return resources.DATA / "sunspots" / "sunspots.csv"
    if not source.path:
        raise DataError("path: Expected a CSV file. Received nothing; choose a file.")
    return Path(source.path)


def describe(source: DataSource) -> DataInfo:
    table = csv_table.outline(path_of(source))
    return _info(source, table, _columns(source, table))


def load(source: DataSource, seed: int) -> DataSet:
    """The end of a series validates, whatever the seed."""
    del seed
    table = csv_table.outline(path_of(source))
    places = _columns(source, table)
    info = _info(source, table, places)
    columns, skipped = csv_table.read(table, list(places), frozenset())
    if skipped:
        raise DataError(f"{table.path}: Expected a value at every time. Received {skipped[0]}; fill the gap.")
    sequence = np.stack(columns, axis=1).astype(np.float32)
    starts = np.arange(info.samples, dtype=np.int64)
    held = split.held_back(len(starts), source.validation)
    border = len(starts) - held
    # A training window must not show, even as a target, a value that validation predicts.
    inside = starts[: max(1, border - source.horizon + 1)] if held else starts
    choice = "standardise" if source.scaling == "auto" else source.scaling
    scaling = split.scaling(sequence[: border + source.window], choice)
    target_scaling = Scaling(scaling.divisor, scaling.mean[:1], scaling.deviation[:1])
    train = _part(source, sequence, inside, scaling, target_scaling)
    return DataSet(info, train, _part(source, sequence, starts[border:], scaling, target_scaling))


def _part(
    source: DataSource,
    sequence: NDArray[np.float32],
    starts: NDArray[np.int64],
    scaling: Scaling,
    target_scaling: Scaling,
) -> DataSplit:
    past = WindowRows(sequence, starts, source.window)
    coming = WindowRows(sequence[:, 0], starts, source.horizon, offset=source.window)
    return DataSplit(past, coming, scaling, target_scaling, starts)


def _columns(source: DataSource, table: CsvOutline) -> tuple[int, ...]:
    wanted = () if source.dataset == "sunspots" else names_in(source.input_columns)
    places = tuple(table.find(name) for name in wanted)
    places = places or tuple(i for i, column in enumerate(table.columns) if column.is_number)[-1:]
    words = [table.columns[i].name for i in places if not table.columns[i].is_number]
    if words or not places:
        received = f"words in column {words[0]!r}" if words else "no column of numbers"
        raise DataError(f"{table.path}: Expected columns of numbers. Received {received}.")
    return places


def _info(source: DataSource, table: CsvOutline, places: tuple[int, ...]) -> DataInfo:
    entry, needed = CATALOGUE[source.dataset], source.window + source.horizon
    samples = table.rows - needed + 1
    if samples < 2:
        raise DataError(
            f"{table.path}: Expected at least {needed + 1:,} rows for a window of {source.window:,} and a "
            f"horizon of {source.horizon:,}. Received {table.rows:,}; choose a shorter window."
        )
    return DataInfo(
        name=source.dataset,
        title=entry["title"] if source.dataset == "sunspots" else table.path.name,
        kind="series",
        samples=min(samples, source.samples or samples),
        input=TensorSpec((N, source.window, len(places))),
        target=TensorSpec((N, source.horizon)),
        columns=tuple(table.columns[i].name for i in places),
        licence=entry["licence"],
        description=entry["description"],
        division="end",
    )
