"""Truth tables of two inputs: four samples of zeros and ones, and what a gate says of each.

All four are used for training and for validation: there are no others. Nothing is scaled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from nodes.data_sets.declaration import DataSetDeclaration
from nodes.spec import N, TensorSpec

if TYPE_CHECKING:
    from nodes.reading.dataset import DataInfo, DataSet

INPUTS = ((0, 0), (0, 1), (1, 0), (1, 1))


class TruthTable(DataSetDeclaration):
    """What the truth tables share."""

    kind = "table"
    licence = "generated"
    place = 30
    without = ("samples", "validation")
    answers: ClassVar[tuple[int, int, int, int]]
    """What the gate says of each of `INPUTS`."""
    says: ClassVar[str]
    """The gate in a few signs, for the card."""

    def card_label(self) -> str:
        return f"{len(INPUTS)} · {self.says}"

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

        inputs = np.array(INPUTS, np.float32)
        targets = np.array(self.answers, np.float32)[:, None]
        scaling = split.scaling(inputs, self.scaling_or("none"))
        rows = DataSplit(ArrayRows(inputs), ArrayRows(targets), scaling, places=np.arange(len(inputs)))
        return DataSet(self.describe(), rows, rows)


class AndTable(TruthTable):
    """AND table."""

    name = "and-table"
    title = "AND table"
    description = "The four rows of a truth table: 1 where both inputs are 1."
    says = "x₁ and x₂"
    answers = (0, 0, 0, 1)


class OrTable(TruthTable):
    """OR table."""

    name = "or-table"
    title = "OR table"
    description = "The four rows of a truth table: 1 where at least one input is 1."
    says = "x₁ or x₂"
    answers = (0, 1, 1, 1)


class XorTable(TruthTable):
    """XOR table."""

    name = "xor-table"
    title = "XOR table"
    description = "The four rows of a truth table: 1 where exactly one input is 1. No line parts the answers."
    says = "x₁ ≠ x₂"
    answers = (0, 1, 1, 0)
