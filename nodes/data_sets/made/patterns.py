"""Pictures of any size and number of classes, made by rule: what stands in for pictures of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodes.data_sets.pictures import PictureSet
from nodes.param import Int

if TYPE_CHECKING:
    from nodes.reading.dataset import DataInfo, DataSet

SIDE, CHANNELS, USUAL_COUNT = 224, 3, 256
LOOKED_AT, EACH = 32, 8
"""Pictures by which the scaling is fitted; the fewest of a class, so that what validates was seen before."""


class MadePictures(PictureSet):
    """Made pictures."""

    name = "made-pictures"
    title = "Made pictures"
    licence = "generated"
    description = (
        "A coloured pattern for each class, of any size, drawn by rule: stands in for pictures of yours in "
        "networks of full size. Choose Image folder to train on your own."
    )
    place = 13
    without = ("fit",)

    made_classes = Int(1000, min=2, max=1000, label="Classes", help="How many patterns there are.")

    @property
    def count(self) -> int:
        return max(2, self.samples or USUAL_COUNT)

    def describe(self) -> DataInfo:
        from nodes.spec import N, TensorSpec

        return self.info(
            samples=self.count,
            input=self.picture_spec(CHANNELS, SIDE, SIDE),
            target=TensorSpec((N,), "int64", classes=self.made_classes),
            classes=tuple(f"pattern {label + 1}" for label in range(self.made_classes)),
        )

    def load(self, seed: int) -> DataSet:
        import numpy as np

        from nodes.reading import split
        from nodes.reading.dataset import ArrayRows, DataSet, DataSplit, PartRows
        from nodes.reading.picture.patterns import PatternRows

        info = self.describe()
        present = max(2, min(self.made_classes, self.count // EACH))
        labels = np.random.default_rng(seed).permutation(np.arange(self.count) % present)
        rows = PatternRows(labels, self.sample_shape(CHANNELS, SIDE, SIDE), seed)
        parts = self.divided(len(rows), seed)
        shown = rows.fetch(parts.train[:LOOKED_AT])
        scaling = split.scaling(shown, self.scaling_or("standardise"), axis=1)
        train, held = (
            DataSplit(PartRows(rows, part), ArrayRows(labels[part]), scaling, places=part)
            for part in (parts.train, parts.validation)
        )
        return DataSet(info, train, held, division=parts.sentence)

    def card_label(self) -> str:
        _, height, width = self.sample_shape(CHANNELS, SIDE, SIDE)
        return f"{self.count:,} · {height}×{width}"
