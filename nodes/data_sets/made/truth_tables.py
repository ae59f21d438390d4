"""Truth tables of two inputs: four samples of zeros and ones, and what a gate says of each.

All four are used for training and for validation: there are no others. Nothing is scaled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from nodes.data_sets.declaration import DataSetDeclaration
from nodes.spec import N, TensorSpec

if TYPE_CHECKING:
    from nodes.reading.dataset import DataInfo, DataSet

INPUTS = ((0, 0), (0, 1), (1, 0), (1, 1))
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
        import numpy as np

        from nodes.reading import split
        from nodes.reading.dataset import ArrayRows, DataSet, DataSplit

        gate, inputs = GATES[self.name], np.array(INPUTS, np.float32)
        targets = np.array([[gate(bool(a), bool(b))] for a, b in INPUTS], np.float32)
        scaling = split.scaling(inputs, self.scaling_or("none"))
        rows = DataSplit(ArrayRows(inputs), ArrayRows(targets), scaling, places=np.arange(len(inputs)))
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
