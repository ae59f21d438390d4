"""Points in the plane: the two-class and regression sets of the TensorFlow Playground, and two moons.

Domain [−6, 6]². Made from the seed, so that the same project always sees the same points. Knows which
features can be derived from a point; `features_of` is also what draws a decision field over a grid.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from nodes.data_sets.declaration import DataSetDeclaration
from nodes.param import Choice, Float, Text
from nodes.reading.error import DataError
from nodes.spec import N, TensorSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nodes.reading.dataset import DataInfo, DataSet
    from nodes.reading.preview import SetPreview
    from nodes.reading.unseen.rows import ExpectedData, UnseenRows

    Floats = NDArray[np.float64]
    Made = tuple[Floats, Floats]
    """Points (n, 2) and their values (n): −1 or 1 for classes."""

REACH = 5.0
EDGE = 6.0
COLOURS = ("orange", "blue")
"""Class 0 (−1) and class 1 (+1), named as they are painted."""

FEATURES = ("x1", "x2", "x1^2", "x2^2", "x1*x2", "sin(x1)", "sin(x2)")
"""What can be derived from a point."""


def features_of(points: Floats, names: tuple[str, ...]) -> NDArray[np.float32]:
    """The features (n, len(names)) of points (n, 2)."""
    import numpy as np

    x1, x2 = points[:, 0], points[:, 1]
    values = (x1, x2, x1**2, x2**2, x1 * x2, np.sin(x1), np.sin(x2))
    known = dict(zip(FEATURES, values, strict=True))
    return np.stack([known[name] for name in names], axis=1).astype(np.float32)


def _polar(radius: Floats, turn: Floats) -> Floats:
    import numpy as np

    return np.stack([radius * np.sin(turn), radius * np.cos(turn)], axis=1)


class PlanePoints(DataSetDeclaration):
    """What the sets in the plane share: features, noise, how many points. A set says how points are made."""

    kind = "points"
    licence = "generated"
    place = 10
    has_classes: ClassVar[bool] = False
    usual_count: ClassVar[int] = 1200

    features = Text(
        "x1, x2", help="What goes in, separated by commas: x1, x2, x1^2, x2^2, x1*x2, sin(x1), sin(x2)."
    )
    noise = Float(0.0, min=0.0, max=0.5, help="How far points stray, 0–0.5.")

    def points(self, rng: np.random.Generator, count: int) -> Made:
        """So many points (n, 2) and their values (n), in any order."""
        raise NotImplementedError(f"{self.title} does not make points")

    def make(self, seed: int) -> Made:
        """The points and their values, in random order."""
        import numpy as np

        rng = np.random.default_rng(seed)
        points, values = self.points(rng, self.count)
        order = rng.permutation(len(points))
        return points[order], values[order]

    @property
    def count(self) -> int:
        return max(2, self.samples or self.usual_count)

    def feature_names(self) -> tuple[str, ...]:
        """The features that go in. Raises `DataError` where one is unknown."""
        names = tuple(name.strip().replace(" ", "") for name in self.features.split(",") if name.strip())
        unknown = [name for name in names if name not in FEATURES]
        if unknown or not names:
            received = repr(unknown[0]) if unknown else "none"
            raise DataError(f"features: Expected some of {', '.join(FEATURES)}. Received {received}.")
        return names

    def target(self) -> TensorSpec:
        return TensorSpec((N, 1))

    def targets(self, values: Floats) -> NDArray[np.generic]:
        """The values of points (n) as targets, as `target` says."""
        return values[:, None].astype("float32")

    def describe(self) -> DataInfo:
        names = self.feature_names()
        return self.info(
            samples=self.count,
            input=TensorSpec((N, len(names))),
            target=self.target(),
            classes=COLOURS if self.has_classes else (),
            columns=names,
        )

    def load(self, seed: int) -> DataSet:
        from nodes.reading import split
        from nodes.reading.dataset import ArrayRows, DataSet, DataSplit

        info = self.describe()
        points, values = self.make(seed)
        inputs, targets = features_of(points, info.columns), self.targets(values)
        parts = self.divided(len(points), seed, limit=0)
        scaling = split.scaling(inputs[parts.train], self.scaling_or("none"))
        train, held = (
            DataSplit(ArrayRows(inputs[part]), ArrayRows(targets[part]), scaling, places=part)
            for part in (parts.train, parts.validation)
        )
        return DataSet(info, train, held)

    def unseen(self, path: Path, expected: ExpectedData) -> UnseenRows:
        """A table with the columns x1 and x2, from which the features are derived."""
        from nodes.reading.unseen.derived_rows import DerivedRows
        from nodes.reading.unseen.opening import unseen_rows
        from nodes.reading.unseen.rows import ExpectedData
        from nodes.reading.unseen.table_rows import number_columns

        names = expected.info.columns
        plane = replace(expected.info, input=TensorSpec((N, 2)))
        points = unseen_rows(path, ExpectedData(plane, number_columns(FEATURES[:2])))
        return DerivedRows(points, lambda given: features_of(given, names))

    def preview(self, seed: int) -> SetPreview:
        """The points themselves, whatever features go in."""
        import numpy as np

        from nodes.reading.preview import MOST_POINTS, SetPreview

        points, values = self.make(seed)
        return SetPreview(
            self.describe(), points=points[:MOST_POINTS], values=np.clip(values[:MOST_POINTS], -1, 1)
        )

    def card_label(self) -> str:
        return f"{self.samples or self.usual_count:,} · noise {self.noise:g}"


class TwoClasses(PlanePoints):
    """What the sets of two classes share."""

    has_classes = True
    usual_count = 500

    features = PlanePoints.params["features"]
    noise = PlanePoints.params["noise"]
    labels = Choice(
        "class",
        choices=("class", "0 or 1", "-1 or 1"),
        advanced=True,
        help="Targets as class numbers (for cross-entropy) or as one value each.",
    )

    def target(self) -> TensorSpec:
        return TensorSpec((N,), "int64", classes=2) if self.labels == "class" else TensorSpec((N, 1))

    def targets(self, values: Floats) -> NDArray[np.generic]:
        if self.labels == "class":
            return (values > 0).astype("int64")
        if self.labels == "0 or 1":
            return (values[:, None] > 0).astype("float32")
        return super().targets(values)


class Circle(TwoClasses):
    """Circle."""

    name = "circle"
    title = "Circle"
    description = "Two classes in the plane: a disc and the ring around it."

    def points(self, rng: np.random.Generator, count: int) -> Made:
        import numpy as np

        inner = count // 2
        radius = np.concatenate([rng.uniform(0, 2.5, inner), rng.uniform(3.5, 5, count - inner)])
        points = _polar(radius, rng.uniform(0, 2 * np.pi, count))
        strayed = points + rng.uniform(-REACH, REACH, points.shape) * self.noise
        return points, np.where(np.hypot(*strayed.T) < 2.5, 1.0, -1.0)


class Xor(TwoClasses):
    """Xor."""

    name = "xor"
    title = "Xor"
    description = "Two classes in the plane: opposite quadrants belong together."

    def points(self, rng: np.random.Generator, count: int) -> Made:
        import numpy as np

        points = rng.uniform(-REACH, REACH, (count, 2))
        points += np.where(points > 0, 0.3, -0.3)
        strayed = points + rng.uniform(-REACH, REACH, points.shape) * self.noise
        return points, np.where(strayed.prod(axis=1) >= 0, 1.0, -1.0)


class TwoGaussians(TwoClasses):
    """Two Gaussians."""

    name = "gauss"
    title = "Two Gaussians"
    description = "Two classes in the plane: a cloud around (2, 2) and one around (−2, −2)."

    def points(self, rng: np.random.Generator, count: int) -> Made:
        import numpy as np

        values = np.where(np.arange(count) < count // 2, 1.0, -1.0)
        deviation = np.sqrt(0.5 + 7.0 * self.noise)
        return 2.0 * values[:, None] + rng.normal(0, deviation, (count, 2)), values


class Spiral(TwoClasses):
    """Spiral."""

    name = "spiral"
    title = "Spiral"
    description = "Two classes in the plane: two arms that wind around each other."

    def points(self, rng: np.random.Generator, count: int) -> Made:
        import numpy as np

        arm = count // 2
        along = np.concatenate([np.arange(arm) / arm, np.arange(count - arm) / (count - arm)])
        values = np.where(np.arange(count) < arm, 1.0, -1.0)
        turn = 3.5 * np.pi * along + np.where(values > 0, 0.0, np.pi)
        points = REACH * along[:, None] * np.stack([np.sin(turn), np.cos(turn)], axis=1)
        return points + rng.uniform(-1, 1, points.shape) * self.noise, values


class Moons(TwoClasses):
    """Moons."""

    name = "moons"
    title = "Moons"
    description = "Two classes in the plane: two half circles that reach into each other."

    def points(self, rng: np.random.Generator, count: int) -> Made:
        import numpy as np

        values = np.where(np.arange(count) < count // 2, 1.0, -1.0)
        turn = rng.uniform(0, np.pi, count)
        upper = np.stack([np.cos(turn), np.sin(turn)], axis=1)
        lower = np.stack([1 - np.cos(turn), 0.5 - np.sin(turn)], axis=1)
        points = 3.0 * (np.where(values[:, None] > 0, upper, lower) - np.array([0.5, 0.25]))
        return points + rng.normal(0, 1, points.shape) * 3.0 * self.noise, values


class RegressionPlane(PlanePoints):
    """Plane."""

    name = "plane"
    title = "Plane"
    description = "A value to predict at each point of the plane: (x₁ + x₂) / 10."

    def points(self, rng: np.random.Generator, count: int) -> Made:

        points = rng.uniform(-EDGE, EDGE, (count, 2))
        strayed = points + rng.uniform(-EDGE, EDGE, points.shape) * self.noise
        return points, strayed.sum(axis=1) / 10


class Bumps(PlanePoints):
    """Bumps."""

    name = "bumps"
    title = "Bumps"
    description = "A value to predict at each point of the plane: six bumps of alternating sign."

    def points(self, rng: np.random.Generator, count: int) -> Made:
        import numpy as np

        points = rng.uniform(-EDGE, EDGE, (count, 2))
        strayed = points + rng.uniform(-EDGE, EDGE, points.shape) * self.noise
        centres = np.array([(x, y) for y in (2.5, -2.5) for x in (-4.0, 0.0, 4.0)])
        signs = np.array([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])
        away = np.linalg.norm(strayed[:, None] - centres, axis=2)
        heights = signs * np.clip(1 - away / 2, 0, 1)
        return points, heights[np.arange(count), np.abs(heights).argmax(axis=1)]
