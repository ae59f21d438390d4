"""Truth tables of two inputs: four samples of zeros and ones, and what a gate says of each.

All four are used for training and for validation: there are no others. Nothing is scaled.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.data import split
from engine.data.dataset import ArrayRows, DataInfo, DataSet, DataSplit
from nodes.data.source import CATALOGUE, DataSource
from nodes.spec import N, TensorSpec

INPUTS = np.array([(0, 0), (0, 1), (1, 0), (1, 1)], np.float32)
GATES: dict[str, Callable[[bool, bool], bool]] = {
    "and-table": lambda a, b: a and b,
    "or-table": lambda a, b: a or b,
    "xor-table": lambda a, b: a != b,
}


def describe(source: DataSource) -> DataInfo:
    entry = CATALOGUE[source.dataset]
    return DataInfo(
        name=source.dataset,
        title=entry["title"],
        kind="table",
        samples=len(INPUTS),
        input=TensorSpec((N, 2)),
        target=TensorSpec((N, 1)),
        columns=("x1", "x2"),
        licence=entry["licence"],
        description=entry["description"],
        division="all",
    )


def load(source: DataSource, _seed: int) -> DataSet:
    gate = GATES[source.dataset]
    targets = np.array([[gate(bool(a), bool(b))] for a, b in INPUTS], np.float32)
    choice = "none" if source.scaling == "auto" else source.scaling
    scaling = split.scaling(INPUTS, choice)
    rows = DataSplit(ArrayRows(INPUTS), ArrayRows(targets), scaling, places=np.arange(len(INPUTS)))
    return DataSet(describe(source), rows, rows)
