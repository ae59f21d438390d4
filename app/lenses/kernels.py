"""The picture of what a layer has learned: its weights as tiles in signed colours on one scale.

A convolution shows one tile per kernel and input channel, a matrix is one tile.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.lenses.colour_maps import signed_scale
from app.lenses.feature_maps import MapTiles

LARGEST_SIDE = 512
"""Longest side of a matrix that is shown with every value."""


def kernel_tiles(weight: NDArray[np.generic], limit: int = 96) -> MapTiles:
    """Weights as tiles. `(out, in, kH, kW)` and other kernels: a tile per (out, in) pair, up to `limit`.

    `(out, in)` matrices and `(out,)` vectors: one tile. Sides longer than 512 are thinned.
    """
    values = np.asarray(weight, dtype=np.float32)
    if values.ndim <= 2:
        matrix = np.atleast_2d(values)
        steps = [max(1, -(-side // LARGEST_SIDE)) for side in matrix.shape]
        return MapTiles(matrix[None, :: steps[0], :: steps[1]], signed_scale(values), 1)
    if values.ndim == 3:
        return MapTiles(values[:limit], signed_scale(values), len(values))
    if values.ndim == 5:
        values = values.mean(axis=2)
    kernels = values.reshape(-1, *values.shape[-2:])
    return MapTiles(kernels[:limit], signed_scale(values), len(kernels))
