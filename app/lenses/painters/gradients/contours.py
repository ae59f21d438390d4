"""Contours of a grid by marching squares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_CASES: tuple[tuple[tuple[int, int], ...], ...] = (
    (), ((3, 0),), ((0, 1),), ((3, 1),), ((1, 2),), ((3, 2), (0, 1)), ((0, 2),), ((3, 2),),
    ((2, 3),), ((2, 0),), ((0, 3), (1, 2)), ((2, 1),), ((1, 3),), ((1, 0),), ((0, 3),), (),
)  # fmt: skip
"""By which of the corners (1 lower left, 2 lower right, 4 upper right, 8 upper left) are above: the edges
that a line joins, 0 below, 1 right, 2 above, 3 left."""


def segments(values: NDArray[np.generic], level: float) -> NDArray[np.float64]:
    """Straight pieces of the contour, (n, 2, 2): two ends (column, row), between points of the grid.

    Values (rows, columns); cells with a corner that is not finite have none.
    """
    grid = np.asarray(values, np.float64)
    found = []
    above = grid > level
    for row, column in np.argwhere(_crossed(above)):
        corners = grid[[row, row, row + 1, row + 1], [column, column + 1, column + 1, column]]
        if np.isfinite(corners).all():
            case = sum(1 << place for place, value in enumerate(corners) if value > level)
            for start, end in _CASES[case]:
                ends = (_crossing(corners, start, level), _crossing(corners, end, level))
                found.append([(column + x, row + y) for x, y in ends])
    return np.array(found, np.float64).reshape(-1, 2, 2)


def _crossed(above: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The cells whose corners differ."""
    counts = above[:-1, :-1].astype(int) + above[:-1, 1:] + above[1:, :-1] + above[1:, 1:]
    result: NDArray[np.bool_] = (counts > 0) & (counts < 4)
    return result


def _crossing(corners: NDArray[np.float64], edge: int, level: float) -> tuple[float, float]:
    """Where the level lies on an edge of a cell, linearly."""
    first, second = corners[edge], corners[(edge + 1) % 4]
    part = float((level - first) / (second - first)) if second != first else 0.5
    return ((part, 0.0), (1.0, part), (1.0 - part, 1.0), (0.0, 1.0 - part))[edge]
