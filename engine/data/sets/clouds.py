"""Clouds of points in the unit square for networks that generate: the sets of GAN Lab, and drawn ones.

Made from the seed; without targets, without scaling, and with nothing held back, because what is made of
them is compared with the whole cloud. What falls outside of the square is drawn again.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.data import split
from engine.data.dataset import ArrayRows, DataError, DataInfo, DataSet, DataSplit
from nodes.data.source import CATALOGUE, CLOUD_SAMPLES, DataSource
from nodes.spec import N, TensorSpec

Points = NDArray[np.float64]
Maker = Callable[[np.random.Generator, int], Points]
JITTER = 0.02
"""Deviation by which samples stray from points that were drawn by hand."""


def describe(source: DataSource) -> DataInfo:
    """Raises `DataError` where points are drawn by hand and there are none."""
    entry = CATALOGUE[source.dataset]
    if source.dataset == "drawn-points":
        drawn_by_hand(source)
    return DataInfo(
        name=source.dataset,
        title=entry["title"],
        kind="points",
        samples=_count(source),
        input=TensorSpec((N, 2)),
        target=None,
        columns=("x1", "x2"),
        licence=entry["licence"],
        description=entry["description"],
        division="none",
    )


def load(source: DataSource, seed: int) -> DataSet:
    info, points = describe(source), make(source, seed).astype(np.float32)
    choice = "none" if source.scaling == "auto" else source.scaling
    scaling = split.scaling(points, choice)
    train, held = (
        DataSplit(ArrayRows(points[part]), None, scaling, places=part)
        for part in (np.arange(len(points)), np.arange(0))
    )
    return DataSet(info, train, held)


def make(source: DataSource, seed: int) -> Points:
    """The points `(n, 2)` of this source."""
    rng, count = np.random.default_rng(seed), _count(source)
    if source.dataset == "drawn-points":
        drawn = drawn_by_hand(source)
        return _inside(
            lambda rng, n: _strayed(rng, drawn[rng.integers(len(drawn), size=n)], JITTER), rng, count
        )
    return _inside(_MAKERS[source.dataset], rng, count)


def drawn_by_hand(source: DataSource) -> Points:
    """The points `(n, 2)` of the text `x y; x y; …`. Raises `DataError` where it is none."""
    found = []
    for pair in source.points.split(";"):
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


def _count(source: DataSource) -> int:
    return max(2, source.samples or CLOUD_SAMPLES)


def _inside(maker: Maker, rng: np.random.Generator, count: int) -> Points:
    """So many points within the unit square."""
    points = maker(rng, count)
    while (outside := ((points < 0.0) | (points > 1.0)).any(axis=1)).any():
        points[outside] = maker(rng, int(outside.sum()))
    return points


def _strayed(rng: np.random.Generator, points: Points, deviation: float) -> Points:
    return points + rng.normal(0.0, deviation, points.shape)


def _line(rng: np.random.Generator, count: int) -> Points:
    along = rng.random(count)
    return _strayed(rng, np.stack([0.8 - 0.75 * along, 0.6 + 0.3 * along], axis=1), 0.01)


def _two_gaussians(rng: np.random.Generator, count: int) -> Points:
    first = rng.random(count) < 0.5
    middle = np.where(first[:, None], (0.3, 0.7), (0.7, 0.4))
    deviation = np.where(first[:, None], (0.1, 0.1), (0.05, 0.2))
    return middle + rng.normal(size=(count, 2)) * deviation


def _ring(rng: np.random.Generator, count: int) -> Points:
    turn = rng.random(count) * 2 * np.pi
    return _strayed(rng, np.stack([0.5 + 0.3 * np.cos(turn), 0.45 + 0.25 * np.sin(turn)], axis=1), 0.025)


def _blobs(rng: np.random.Generator, count: int) -> Points:
    centres = np.array([(0.35, 0.75), (0.75, 0.6), (0.45, 0.35)])
    return _strayed(rng, centres[rng.integers(3, size=count)], 0.025)


_MAKERS: dict[str, Maker] = {
    "line": _line,
    "two-gaussians": _two_gaussians,
    "ring": _ring,
    "blobs": _blobs,
}
