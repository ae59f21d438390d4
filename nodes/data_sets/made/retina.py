"""Squares on a retina, left or right: what the perceptron learned to tell apart in 1958 (F. Rosenblatt)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodes.data_sets.declaration import DataSetDeclaration, split_param
from nodes.data_sets.points import PlanePoints, TwoClasses
from nodes.spec import N, TensorSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nodes.reading.dataset import DataInfo, DataSet

SIDE, SIDES = 20, (3, 8)
"""The sides of the retina; those of squares from the first to below the second."""
USUAL_COUNT = 400
CLASSES = ("left", "right")


class Retina(DataSetDeclaration):
    """Retina."""

    name = "retina"
    title = "Retina"
    kind = "images"
    licence = "generated"
    description = (
        "A filled square on the left or on the right half of 20×20 cells that are 0 or 1, as the perceptron "
        "saw them in 1958."
    )
    place = 31

    noise = PlanePoints.params["noise"]
    labels = TwoClasses.params["labels"]
    split = split_param()

    def describe(self) -> DataInfo:
        is_class = self.labels == "class"
        return self.info(
            samples=max(2, self.samples or USUAL_COUNT),
            input=TensorSpec((N, 1, SIDE, SIDE)),
            target=TensorSpec((N,), "int64", classes=2) if is_class else TensorSpec((N, 1)),
            classes=CLASSES,
        )

    def load(self, seed: int) -> DataSet:
        import numpy as np

        from nodes.reading import split
        from nodes.reading.dataset import ArrayRows, DataSet, DataSplit

        info, rng = self.describe(), np.random.default_rng(seed)
        is_right = rng.permutation(info.samples) % 2 == 1
        cells = self._cells(rng, is_right)
        pixels = (cells * np.uint8(255))[:, None]
        targets = self._targets(is_right)
        parts = self.divided(len(pixels), seed)
        scaling = split.scaling(pixels[parts.train], self.scaling_or("0-1"), axis=1)
        train, held = (
            DataSplit(ArrayRows(pixels[part]), ArrayRows(targets[part]), scaling, places=part)
            for part in (parts.train, parts.validation)
        )
        return DataSet(info, train, held, division=parts.sentence)

    def _cells(self, rng: np.random.Generator, is_right: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The cells (n, 20, 20); noise is the share of them that is drawn anew."""
        import numpy as np

        count = len(is_right)
        side = rng.integers(*SIDES, count)
        top = rng.integers(0, SIDE - side + 1)
        left = rng.integers(0, SIDE // 2 - side + 1) + is_right * (SIDE // 2)
        rows, columns = np.arange(SIDE)[None, :, None], np.arange(SIDE)[None, None, :]
        top, left, side = (each[:, None, None] for each in (top, left, side))
        inside = (rows >= top) & (rows < top + side) & (columns >= left) & (columns < left + side)
        drawn = rng.random(inside.shape) < self.noise
        return np.where(drawn, rng.random(inside.shape) < 0.5, inside)

    def _targets(self, is_right: NDArray[np.bool_]) -> NDArray[np.generic]:
        import numpy as np

        if self.labels == "class":
            return is_right.astype(np.int64)
        values = is_right[:, None].astype(np.float32)
        return values * 2 - 1 if self.labels == "-1 or 1" else values

    def card_label(self) -> str:
        return f"{self.samples or USUAL_COUNT:,} · {SIDE}×{SIDE}"
