"""Points of the unit square that a person draws: as text and back, dabs of a brush, and shapes to start from.

Pure functions on arrays (n, 2) in [0, 1]². Knows no widget.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

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


def _line(rng: np.random.Generator) -> Points:
    along = rng.random(_STARTING)
    return np.stack([0.8 - 0.75 * along, 0.6 + 0.3 * along], axis=1) + rng.normal(0, 0.01, (_STARTING, 2))


def _gaussians(rng: np.random.Generator) -> Points:
    half = _STARTING // 2
    return np.concatenate(
        [rng.normal((0.3, 0.7), 0.07, (half, 2)), rng.normal((0.7, 0.4), (0.04, 0.12), (half, 2))]
    )


def _ring(rng: np.random.Generator) -> Points:
    turn = rng.random(_STARTING) * 2 * np.pi
    circle = np.stack([0.5 + 0.3 * np.cos(turn), 0.45 + 0.25 * np.sin(turn)], axis=1)
    return circle + rng.normal(0, 0.025, (_STARTING, 2))


def _blobs(rng: np.random.Generator) -> Points:
    centres = np.array([(0.35, 0.75), (0.75, 0.6), (0.45, 0.35)])
    return centres[np.arange(_STARTING) % 3] + rng.normal(0, 0.025, (_STARTING, 2))


_SHAPES: dict[str, Callable[[np.random.Generator], Points]] = {
    "Line": _line,
    "Gaussians": _gaussians,
    "Ring": _ring,
    "Blobs": _blobs,
}
SHAPES = tuple(_SHAPES)


def shape(name: str) -> Points:
    """A shape to start from; the same every time."""
    return np.clip(np.round(_SHAPES[name](np.random.default_rng(0)), 3), 0.0, 1.0)
