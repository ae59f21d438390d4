"""Paths in the plane: of values with many numbers the two directions in which they differ most, by PCA."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def in_plane(rows: NDArray[np.floating]) -> tuple[Floats, Floats]:
    """Rows (n, D) as points (n, 2) on their first two principal components, and the shares of the variance.

    The sign of a component is such that its largest weight is positive.
    """
    centred = rows.astype(np.float64) - rows.mean(0, dtype=np.float64)
    left, sizes, right = np.linalg.svd(centred, full_matrices=False)
    total = float((sizes**2).sum()) or 1.0
    points, shares = np.zeros((len(rows), 2)), np.zeros(2)
    for place in range(min(2, len(sizes))):
        sign = np.sign(right[place, np.abs(right[place]).argmax()]) or 1.0
        points[:, place] = sign * left[:, place] * sizes[place]
        shares[place] = sizes[place] ** 2 / total
    return points, shares
