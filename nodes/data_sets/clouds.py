"""Clouds of points in the unit square for networks that generate: the sets of GAN Lab, and drawn ones.

Made from the seed; without targets, without scaling, and with nothing held back, because what is made of
them is compared with the whole cloud. What falls outside of the square is drawn again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodes.data_sets.declaration import DataSetDeclaration
from nodes.param import Text
from nodes.reading.error import DataError
from nodes.spec import N, TensorSpec

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from nodes.reading.dataset import DataInfo, DataSet
    from nodes.reading.preview import SetPreview

    Points = NDArray[np.float64]
    Maker = Callable[[np.random.Generator, int], Points]

CLOUD_SAMPLES = 2000
"""Points of a cloud, unless another number is asked for."""
JITTER = 0.02
"""Deviation by which samples stray from points that were drawn by hand."""


def drawn_by_hand(text: str) -> Points:
    """The points `(n, 2)` of a text `x y; x y; …`. Raises `DataError` where it is none."""
    import numpy as np

    found = []
    for pair in text.split(";"):
        cells = pair.replace(",", " ").split()
        if not cells:
            continue
        try:
            x, y = (float(cell) for cell in cells)
        except ValueError:
            x = y = -1.0
        if not (0.0 <= x <= 1.0 and 0.0 <= y <= 1.0):
            raise DataError(
                "points: Expected pairs of numbers from 0 to 1, as in `0.2 0.7; 0.5 0.5`. "
                f"Received {pair.strip()!r}."
            )
        found.append((x, y))
    if not found:
        raise DataError("points: Expected at least one point. Received none; draw some on the pad.")
    return np.array(found, np.float64)


def _inside(maker: Maker, rng: np.random.Generator, count: int) -> Points:
    """So many points within the unit square."""
    points = maker(rng, count)
    while (outside := ((points < 0.0) | (points > 1.0)).any(axis=1)).any():
        points[outside] = maker(rng, int(outside.sum()))
    return points


def _strayed(rng: np.random.Generator, points: Points, deviation: float) -> Points:
    return points + rng.normal(0.0, deviation, points.shape)


class Cloud(DataSetDeclaration):
    """What clouds share: so many points, no targets, nothing held back. A cloud says where points lie."""

    kind = "points"
    licence = "generated"
    place = 20
    without = ("validation",)

    def points_in(self, rng: np.random.Generator, count: int) -> Points:
        """So many points (n, 2); those outside of the unit square are drawn again."""
        raise NotImplementedError(f"{self.title} does not make points")

    def make(self, seed: int) -> Points:
        """The points (n, 2)."""
        import numpy as np

        return _inside(self.points_in, np.random.default_rng(seed), self.count)

    @property
    def count(self) -> int:
        return max(2, self.samples or CLOUD_SAMPLES)

    def describe(self) -> DataInfo:
        return self.info(
            samples=self.count, input=TensorSpec((N, 2)), target=None, columns=("x1", "x2"), division="none"
        )

    def load(self, seed: int) -> DataSet:
        import numpy as np

        from nodes.reading import split
        from nodes.reading.dataset import ArrayRows, DataSet, DataSplit

        info, points = self.describe(), self.make(seed).astype(np.float32)
        scaling = split.scaling(points, self.scaling_or("none"))
        train, held = (
            DataSplit(ArrayRows(points[part]), None, scaling, places=part)
            for part in (np.arange(len(points)), np.arange(0))
        )
        return DataSet(info, train, held)

    def preview(self, seed: int) -> SetPreview:
        from nodes.reading.preview import MOST_POINTS, SetPreview

        return SetPreview(self.describe(), points=self.make(seed)[:MOST_POINTS])

    def card_label(self) -> str:
        return f"{self.samples or CLOUD_SAMPLES:,} points"


class LineCloud(Cloud):
    """Line."""

    name = "line"
    title = "Line"
    description = "Points along a line in the unit square, to be generated: no targets (GAN Lab)."

    def points_in(self, rng: np.random.Generator, count: int) -> Points:
        import numpy as np

        along = rng.random(count)
        return _strayed(rng, np.stack([0.8 - 0.75 * along, 0.6 + 0.3 * along], axis=1), 0.01)


class TwoClouds(Cloud):
    """Two clouds."""

    name = "two-gaussians"
    title = "Two clouds"
    description = (
        "Two normal clouds in the unit square, one round and one tall, to be generated: no targets (GAN Lab)."
    )

    def points_in(self, rng: np.random.Generator, count: int) -> Points:
        import numpy as np

        first = rng.random(count) < 0.5
        middle = np.where(first[:, None], (0.3, 0.7), (0.7, 0.4))
        deviation = np.where(first[:, None], (0.1, 0.1), (0.05, 0.2))
        return middle + rng.normal(size=(count, 2)) * deviation


class Ring(Cloud):
    """Ring."""

    name = "ring"
    title = "Ring"
    description = "Points around an ellipse in the unit square, to be generated: no targets (GAN Lab)."

    def points_in(self, rng: np.random.Generator, count: int) -> Points:
        import numpy as np

        turn = rng.random(count) * 2 * np.pi
        return _strayed(rng, np.stack([0.5 + 0.3 * np.cos(turn), 0.45 + 0.25 * np.sin(turn)], axis=1), 0.025)


class Blobs(Cloud):
    """Three blobs."""

    name = "blobs"
    title = "Three blobs"
    description = "Three small clouds far apart in the unit square, to be generated: no targets (GAN Lab)."

    def points_in(self, rng: np.random.Generator, count: int) -> Points:
        import numpy as np

        centres = np.array([(0.35, 0.75), (0.75, 0.6), (0.45, 0.35)])
        return _strayed(rng, centres[rng.integers(3, size=count)], 0.025)


class DrawnPoints(Cloud):
    """Drawn points."""

    name = "drawn-points"
    title = "Drawn points"
    licence = "yours"
    description = (
        "Points that you draw in the unit square; samples stray a little from them. "
        "To be generated: no targets."
    )

    points = Text("", help="Points in the unit square, as `x y; x y; …`; draw them on the pad.")

    def card_label(self) -> str:
        return super().card_label() if self.points.strip() else "no points yet"

    def points_in(self, rng: np.random.Generator, count: int) -> Points:
        drawn = drawn_by_hand(self.points)
        return _strayed(rng, drawn[rng.integers(len(drawn), size=count)], JITTER)

    def describe(self) -> DataInfo:
        """Raises `DataError` where there are no points."""
        drawn_by_hand(self.points)
        return super().describe()
