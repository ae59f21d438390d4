"""The picture of what a layer computes for the pinned sample: a tile per map, one signed scale per node.

Knows the shapes in which the lens delivers: `(C, H, W)` maps, `(T, F)` sequences and `(F,)` features. Values
only; the canvas draws the same tiles small, the inspector large.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.lenses.colour_maps import FloatArray, signed_scale


@dataclass(frozen=True, eq=False)
class MapTiles:
    """Maps of one node `(n, H, W)` and the scale that all share; `total` counts those left out too."""

    values: FloatArray
    scale: float
    total: int

    @property
    def count(self) -> int:
        return len(self.values)


def map_tiles(output: NDArray[np.generic], limit: int = 64) -> MapTiles:
    """The output of one sample as tiles: a tile per channel; a sequence or a row of features is one tile."""
    values = np.asarray(output, dtype=np.float32)
    if values.ndim == 0:
        values = values.reshape(1, 1, 1)
    elif values.ndim == 1:
        values = _fold(values)[None]
    elif values.ndim == 2:
        values = values.T[None]
    elif values.ndim > 3:
        values = values.reshape(-1, *values.shape[-2:])
    return MapTiles(values[:limit], signed_scale(values), len(values))


def _fold(row: FloatArray) -> FloatArray:
    """A long row of features in several lines, a little wider than high, so that each value can be seen."""
    if row.size <= 16:
        return row[None]
    columns = math.ceil(math.sqrt(row.size * 2))
    lines = -(-row.size // columns)
    padded = np.full(lines * columns, np.nan, np.float32)
    padded[: row.size] = row
    return padded.reshape(lines, columns)


def grid_columns(count: int, width: int, height: int, aspect: float = 1.0) -> int:
    """How many columns fill a box best with `count` tiles; `aspect` is width / height of one tile."""
    best, best_size = 1, 0.0
    for columns in range(1, count + 1):
        rows = -(-count // columns)
        size = min(width / columns, height / rows * aspect)
        if size > best_size:
            best, best_size = columns, size
    return best
