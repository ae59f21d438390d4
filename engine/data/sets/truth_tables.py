"""Truth tables of two inputs: four samples of zeros and ones, and what a gate says of each.

All four are used for training and for validation: there are no others. Nothing is scaled.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.data import split
from engine.data.dataset import ArrayRows, DataInfo, DataSet, DataSplit
from engine.data.declaration import DataSetDeclaration
from nodes.spec import N, TensorSpec

INPUTS = np.array([(0, 0), (0, 1), (1, 0), (1, 1)], np.float32)
GATES: dict[str, Callable[[bool, bool], bool]] = {
    "and-table": lambda a, b: a and b,
    "or-table": lambda a, b: a or b,
    "xor-table": lambda a, b: a != b,
}


class TruthTable(DataSetDeclaration):
    """What the truth tables share."""

    kind = "table"
    licence = "generated"
    place = 30
    without = ("samples", "validation")

    def describe(self) -> DataInfo:
        return self.info(
            samples=len(INPUTS),
            input=TensorSpec((N, 2)),
            target=TensorSpec((N, 1)),
            columns=("x1", "x2"),
            division="all",
        )

    def load(self, _seed: int) -> DataSet:
        gate = GATES[self.name]
        targets = np.array([[gate(bool(a), bool(b))] for a, b in INPUTS], np.float32)
        scaling = split.scaling(INPUTS, self.scaling_or("none"))
        rows = DataSplit(ArrayRows(INPUTS), ArrayRows(targets), scaling, places=np.arange(len(INPUTS)))
        return DataSet(self.describe(), rows, rows)


class AndTable(TruthTable):
    """AND table."""

    name = "and-table"
    title = "AND table"
    description = "The four rows of a truth table: 1 where both inputs are 1."

    def card_label(self) -> str:
        return "4 · x₁ and x₂"


class OrTable(TruthTable):
    """OR table."""

    name = "or-table"
    title = "OR table"
    description = "The four rows of a truth table: 1 where at least one input is 1."

    def card_label(self) -> str:
        return "4 · x₁ or x₂"


class XorTable(TruthTable):
    """XOR table."""

    name = "xor-table"
    title = "XOR table"
    description = "The four rows of a truth table: 1 where exactly one input is 1. No line parts the answers."

    def card_label(self) -> str:
        return "4 · either x₁ or x₂"
