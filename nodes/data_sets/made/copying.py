"""Symbols to be remembered: the task on which gradients through time are looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodes.data_sets.declaration import DataSetDeclaration, split_param
from nodes.param import Int
from nodes.spec import N, TensorSpec

if TYPE_CHECKING:
    from nodes.reading.dataset import DataInfo, DataSet

USUAL_COUNT = 1000


class CopyTask(DataSetDeclaration):
    """Copy task."""

    name = "copy-task"
    title = "Copy task"
    kind = "series"
    licence = "generated"
    description = (
        "A symbol at the first step, then steps of noise: which symbol was it? The longer the wait, the "
        "harder it is to learn. After Hochreiter and Schmidhuber (1997)."
    )
    place = 32

    symbols = Int(4, min=2, max=64, help="How many symbols there are.")
    wait = Int(40, min=1, max=10_000, help="Steps of noise after the symbol.")
    split = split_param()

    def describe(self) -> DataInfo:
        return self.info(
            samples=max(2, self.samples or USUAL_COUNT),
            input=TensorSpec((N, self.wait + 1, self.symbols)),
            target=TensorSpec((N,), "int64", classes=self.symbols),
            classes=tuple(f"symbol {place + 1}" for place in range(self.symbols)),
        )

    def load(self, seed: int) -> DataSet:
        import numpy as np

        from nodes.reading import split
        from nodes.reading.dataset import ArrayRows, DataSet, DataSplit

        info, rng = self.describe(), np.random.default_rng(seed)
        symbols = rng.integers(0, self.symbols, info.samples)
        values = 0.1 * rng.standard_normal((info.samples, self.wait + 1, self.symbols))
        values[:, 0] = np.eye(self.symbols)[symbols]
        values = values.astype(np.float32)
        parts = self.divided(len(values), seed)
        scaling = split.scaling(values[parts.train], self.scaling_or("none"), axis=2)
        train, held = (
            DataSplit(ArrayRows(values[part]), ArrayRows(symbols[part]), scaling, places=part)
            for part in (parts.train, parts.validation)
        )
        return DataSet(info, train, held, division=parts.sentence)

    def card_label(self) -> str:
        return f"{self.samples or USUAL_COUNT:,} · {self.wait} steps"
