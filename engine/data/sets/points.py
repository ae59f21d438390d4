"""Points in the plane: the two-class and regression sets of the TensorFlow Playground, and two moons.

Domain [−6, 6]². Made from the seed, so that the same project always sees the same points. Knows which
features can be derived from a point; `features_of` is also what draws a decision field over a grid.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.data import split
from engine.data.dataset import ArrayRows, DataError, DataInfo, DataSet, DataSplit
from nodes.data.source import CATALOGUE, CLASSES, DataSource
from nodes.spec import N, TensorSpec

Floats = NDArray[np.float64]
Made = tuple[Floats, Floats]
"""Points (n, 2) and their values (n): −1 or 1 for classes."""

REACH = 5.0
EDGE = 6.0
COLOURS = ("orange", "blue")
"""Class 0 (−1) and class 1 (+1), named as they are painted."""

FEATURES: dict[str, Callable[[Floats], Floats]] = {
    "x1": lambda p: p[:, 0],
    "x2": lambda p: p[:, 1],
    "x1^2": lambda p: p[:, 0] ** 2,
    "x2^2": lambda p: p[:, 1] ** 2,
    "x1*x2": lambda p: p[:, 0] * p[:, 1],
    "sin(x1)": lambda p: np.sin(p[:, 0]),
    "sin(x2)": lambda p: np.sin(p[:, 1]),
}


def feature_names(source: DataSource) -> tuple[str, ...]:
    """The features that go in. Raises `DataError` where one is unknown."""
    names = tuple(name.strip().replace(" ", "") for name in source.features.split(",") if name.strip())
    unknown = [name for name in names if name not in FEATURES]
    if unknown or not names:
        received = repr(unknown[0]) if unknown else "none"
        raise DataError(f"features: Expected some of {', '.join(FEATURES)}. Received {received}.")
    return names


def features_of(points: Floats, names: tuple[str, ...]) -> NDArray[np.float32]:
    """The features (n, len(names)) of points (n, 2)."""
    columns = [FEATURES[name](points) for name in names]
    return np.stack(columns, axis=1).astype(np.float32)


def make(source: DataSource, seed: int) -> Made:
    """The points of this source and their values, in random order."""
    rng = np.random.default_rng(seed)
    points, values = _MAKERS[source.dataset](rng, _count(source), source.noise)
    order = rng.permutation(len(points))
    return points[order], values[order]


def describe(source: DataSource) -> DataInfo:
    names, entry = feature_names(source), CATALOGUE[source.dataset]
    in_classes = source.dataset in CLASSES
    as_class = in_classes and source.labels == "class"
    return DataInfo(
        name=source.dataset,
        title=entry["title"],
        kind="points",
        samples=_count(source),
        input=TensorSpec((N, len(names))),
        target=TensorSpec((N,), "int64", classes=2) if as_class else TensorSpec((N, 1)),
        classes=COLOURS if in_classes else (),
        columns=names,
        licence=entry["licence"],
        description=entry["description"],
    )


def load(source: DataSource, seed: int) -> DataSet:
    info = describe(source)
    points, values = make(source, seed)
    inputs, targets = features_of(points, info.columns), _targets(source, values)
    inside, outside = split.shuffled(len(points), source.validation, seed)
    choice = "none" if source.scaling == "auto" else source.scaling
    scaling = split.scaling(inputs[inside], choice)
    train, held = (
        DataSplit(ArrayRows(inputs[part]), ArrayRows(targets[part]), scaling, places=part)
        for part in (inside, outside)
    )
    return DataSet(info, train, held)


def _targets(source: DataSource, values: Floats) -> NDArray[np.generic]:
    if source.dataset in CLASSES and source.labels == "class":
        return (values > 0).astype(np.int64)
    if source.dataset in CLASSES and source.labels == "0 or 1":
        return (values[:, None] > 0).astype(np.float32)
    return values[:, None].astype(np.float32)


def _count(source: DataSource) -> int:
    return max(2, source.samples or (500 if source.dataset in CLASSES else 1200))


def _circle(rng: np.random.Generator, count: int, noise: float) -> Made:
    inner = count // 2
    radius = np.concatenate([rng.uniform(0, 2.5, inner), rng.uniform(3.5, 5, count - inner)])
    points = _polar(radius, rng.uniform(0, 2 * np.pi, count))
    strayed = points + rng.uniform(-REACH, REACH, points.shape) * noise
    return points, np.where(np.hypot(*strayed.T) < 2.5, 1.0, -1.0)


def _xor(rng: np.random.Generator, count: int, noise: float) -> Made:
    points = rng.uniform(-REACH, REACH, (count, 2))
    points += np.where(points > 0, 0.3, -0.3)
    strayed = points + rng.uniform(-REACH, REACH, points.shape) * noise
    return points, np.where(strayed.prod(axis=1) >= 0, 1.0, -1.0)


def _gauss(rng: np.random.Generator, count: int, noise: float) -> Made:
    values = np.where(np.arange(count) < count // 2, 1.0, -1.0)
    deviation = np.sqrt(0.5 + 7.0 * noise)
    return 2.0 * values[:, None] + rng.normal(0, deviation, (count, 2)), values


def _spiral(rng: np.random.Generator, count: int, noise: float) -> Made:
    arm = count // 2
    along = np.concatenate([np.arange(arm) / arm, np.arange(count - arm) / (count - arm)])
    values = np.where(np.arange(count) < arm, 1.0, -1.0)
    turn = 3.5 * np.pi * along + np.where(values > 0, 0.0, np.pi)
    points = REACH * along[:, None] * np.stack([np.sin(turn), np.cos(turn)], axis=1)
    return points + rng.uniform(-1, 1, points.shape) * noise, values


def _moons(rng: np.random.Generator, count: int, noise: float) -> Made:
    values = np.where(np.arange(count) < count // 2, 1.0, -1.0)
    turn = rng.uniform(0, np.pi, count)
    upper = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    lower = np.stack([1 - np.cos(turn), 0.5 - np.sin(turn)], axis=1)
    points = 3.0 * (np.where(values[:, None] > 0, upper, lower) - np.array([0.5, 0.25]))
    return points + rng.normal(0, 1, points.shape) * 3.0 * noise, values


def _plane(rng: np.random.Generator, count: int, noise: float) -> Made:
    points = rng.uniform(-EDGE, EDGE, (count, 2))
    strayed = points + rng.uniform(-EDGE, EDGE, points.shape) * noise
    return points, strayed.sum(axis=1) / 10


def _bumps(rng: np.random.Generator, count: int, noise: float) -> Made:
    points = rng.uniform(-EDGE, EDGE, (count, 2))
    strayed = points + rng.uniform(-EDGE, EDGE, points.shape) * noise
    centres = np.array([(x, y) for y in (2.5, -2.5) for x in (-4.0, 0.0, 4.0)])
    signs = np.array([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])
    away = np.linalg.norm(strayed[:, None] - centres, axis=2)
    heights = signs * np.clip(1 - away / 2, 0, 1)
    return points, heights[np.arange(count), np.abs(heights).argmax(axis=1)]


def _polar(radius: Floats, turn: Floats) -> Floats:
    return np.stack([radius * np.sin(turn), radius * np.cos(turn)], axis=1)


_MAKERS: dict[str, Callable[[np.random.Generator, int, float], Made]] = {
    "circle": _circle,
    "xor": _xor,
    "gauss": _gauss,
    "spiral": _spiral,
    "moons": _moons,
    "plane": _plane,
    "bumps": _bumps,
}
