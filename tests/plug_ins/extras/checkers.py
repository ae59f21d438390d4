"""A data set of an installed package: points on a chess board, declared in this one file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodes.data_sets.declaration import DataSetDeclaration
from nodes.param import Int
from nodes.spec import N, TensorSpec

if TYPE_CHECKING:
    from nodes.reading.dataset import DataInfo, DataSet


class Checkers(DataSetDeclaration):
    """Points of a chess board and the colour of their field."""

    name = "checkers"
    title = "Checkers"
    kind = "table"
    licence = "generated"
    description = "Two classes in the unit square: the fields of a chess board."

    fields = Int(4, min=2, max=16, help="Fields along each side.")

    def describe(self) -> DataInfo:
        return self.info(
            samples=self.samples or 256,
            input=TensorSpec((N, 2)),
            target=TensorSpec((N,), "int64", classes=2),
            classes=("white", "black"),
            columns=("x", "y"),
        )

    def load(self, seed: int) -> DataSet:
        import numpy as np

        from nodes.reading import split
        from nodes.reading.dataset import ArrayRows, DataSet, DataSplit

        points = np.random.default_rng(seed).random((self.samples or 256, 2)).astype(np.float32)
        labels = (points * self.fields).astype(np.int64).sum(axis=1) % 2
        train, held = (
            DataSplit(ArrayRows(points[part]), ArrayRows(labels[part]), split.scaling(points, "none"))
            for part in split.shuffled(len(points), self.validation, seed)
        )
        return DataSet(self.describe(), train, held)

    def card_label(self) -> str:
        return f"{self.fields}×{self.fields} fields"
