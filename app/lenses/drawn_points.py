"""Points of the unit square that a person draws: as text and back, dabs of a brush, and shapes to start from.

Pure functions on arrays (n, 2) in [0, 1]².
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nodes.data_sets import clouds

Points = NDArray[np.float64]
MOST = 2000
"""Points that a drawing may have."""
_STARTING = 300
_SPACING = 0.012
_EACH = 3
NOTHING: Points = np.empty((0, 2))


def parse(text: str) -> Points:
    """Points of `x y; x y; …`; pairs that are none are left out."""
    found = []
    for pair in text.split(";"):
        cells = pair.replace(",", " ").split()
        try:
            x, y = (float(cell) for cell in cells)
        except ValueError:
            continue
        if np.isfinite(x) and np.isfinite(y):
            found.append((x, y))
    return np.clip(np.array(found[:MOST], np.float64), 0.0, 1.0) if found else NOTHING


def written(points: Points) -> str:
    """The text of points, to a thousandth of the square."""
    return "; ".join(f"{x:.3g} {y:.3g}" for x, y in np.round(points, 3).tolist())


def dab(rng: np.random.Generator, start: Points, end: Points, radius: float) -> Points:
    """What a brush of this radius leaves on its way from one place (2,) to another."""
    length = float(np.linalg.norm(end - start))
    stops = max(1, round(length / _SPACING))
    along = start + (end - start) * (np.arange(1, stops + 1) / stops)[:, None]
    centres = along.repeat(_EACH, axis=0)
    spread = rng.normal(0.0, radius / 2, centres.shape)
    return np.clip(np.round(centres + spread, 3), 0.0, 1.0)


def erased(points: Points, place: Points, radius: float) -> Points:
    """Points without those within the radius of a place."""
    kept: Points = points[np.linalg.norm(points - place, axis=1) > radius]
    return kept


_SHAPES = {"Line": clouds.LineCloud, "Clouds": clouds.TwoClouds, "Ring": clouds.Ring, "Blobs": clouds.Blobs}
SHAPES = tuple(_SHAPES)


def shape(name: str) -> Points:
    """A shape to start from, points of a set that comes with the program; the same every time."""
    return np.round(_SHAPES[name]({"samples": _STARTING}).make(0), 3)
