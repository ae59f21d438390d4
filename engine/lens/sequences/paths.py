"""Paths in the plane: of values with many numbers the two directions in which they differ most, by PCA."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def in_plane(
    rows: NDArray[np.floating], directions_of: NDArray[np.floating] | None = None
) -> tuple[Floats, Floats]:
    """Rows (n, D) as points (n, 2) on two principal components, and the shares (2) of the rows' variance.

    The components are those of `directions_of` (m, D), where given: a part of many rows finds them sooner.
    The sign of a component is such that its largest weight is positive.
    """
    some = rows if directions_of is None else directions_of
    centre = some.mean(0, dtype=np.float64)
    right = np.linalg.svd(some.astype(np.float64) - centre, full_matrices=False)[2][:2]
    right *= np.sign([one[np.abs(one).argmax()] or 1.0 for one in right])[:, None]
    centred = rows - rows.mean(0, dtype=np.float64)
    points, shares = np.zeros((len(rows), 2)), np.zeros(2)
    points[:, : len(right)] = (rows - centre) @ right.T
    shares[: len(right)] = ((centred @ right.T) ** 2).sum(0) / (float((centred**2).sum()) or 1.0)
    return points, shares
