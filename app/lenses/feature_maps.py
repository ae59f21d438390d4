"""The picture of what a layer computes for the pinned sample: a tile per map, signed or sequential.

Knows the shapes in which the lens delivers: `(C, H, W)` maps, `(T, F)` sequences and `(F,)` features. Values
only; the canvas draws the same tiles small, the inspector large.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from app.lenses.colour_maps import FloatArray, RgbArray, sequential_pixels, signed_pixels, signed_scale
from app.style.theme import Theme

PlaceWords = Callable[[int, int, int], str]
"""Which tile, row and column -> what stands there, in words; empty: nothing does."""


@dataclass(frozen=True, eq=False)
class MapTiles:
    """Maps of one node `(n, H, W)` and the scale that all share; `total` counts those left out too."""

    values: FloatArray
    scale: float
    total: int
    scales: FloatArray | None = None
    """Where each map has a scale of its own, (n)."""
    signed: bool = True
    """Whether colours run from −scale to scale; else from 0 to scale."""
    words: PlaceWords | None = None

    @property
    def count(self) -> int:
        return len(self.values)

    def ends(self, index: int | None = None) -> tuple[float, float]:
        """The values of the two ends of the colours, of this map or of all."""
        scale = self.scale if self.scales is None or index is None else float(self.scales[index])
        return (-scale if self.signed else 0.0), scale


def map_tiles(
    output: NDArray[np.generic], limit: int = 64, shape: Sequence[int] = (), *, scale: float = 0.0,
    own_scales: bool = False,
) -> MapTiles:  # fmt: skip
    """The output of one sample as tiles: a tile per channel; a sequence or a row of features is one tile.

    `shape` is that of the whole output, where some was left out or pooled. `scale` is that of all maps, by
    default from the values that are here; `own_scales` gives each its own.
    """
    whole = np.asarray(output, dtype=np.float32)
    values, words = _tiles(whole, tuple(shape) or whole.shape)
    signed = bool((whole < 0).any())
    shown = values[:limit]
    scales = np.array([signed_scale(each) for each in shown], np.float32) if own_scales else None
    total = int(shape[0]) if len(shape) == whole.ndim == 3 else len(values)
    return MapTiles(shown, scale or signed_scale(values), total, scales, signed, words)


def _tiles(values: FloatArray, shape: tuple[int, ...]) -> tuple[FloatArray, PlaceWords]:
    if values.ndim <= 1:
        folded = _fold(values.reshape(-1))
        return folded[None], partial(_unit_words, folded.shape[1], values.size)
    if values.ndim == 2:
        return values.T[None], lambda _tile, row, column: f"feature {row} · step {column}"
    maps = values.reshape(-1, *values.shape[-2:])
    step = max(-(-wide // small) for wide, small in zip(shape[-2:], maps.shape[-2:], strict=True))
    return maps, partial(_map_words, step)


def _unit_words(columns: int, count: int, _tile: int, row: int, column: int) -> str:
    unit = row * columns + column
    return f"unit {unit}" if unit < count else ""


def _map_words(step: int, tile: int, row: int, column: int) -> str:
    place = f"channel {tile} · row {row * step}, column {column * step}"
    return place if step == 1 else f"{place}, mean of {step}×{step}"


def tile_pixels(tiles: MapTiles, theme: Theme) -> RgbArray:
    """The maps in colours, (n, H, W, 4): signed ones over the ground of the panel, others in viridis."""
    scale = tiles.scale if tiles.scales is None else tiles.scales[:, None, None]
    shares = tiles.values / scale
    if tiles.signed:
        return signed_pixels(shares, 1.0, theme)
    pixels, ground = sequential_pixels(shares, 0.0, 1.0), QColor(theme.panel)
    pixels[np.isnan(shares)] = (ground.blue(), ground.green(), ground.red(), 255)
    return pixels


def _fold(row: FloatArray) -> FloatArray:
    """A long row of features in several lines, a little wider than high, so that each value can be seen."""
    if row.size <= 16:
        return row[None]
    columns = math.ceil(math.sqrt(row.size * 2))
    lines = -(-row.size // columns)
    padded = np.full(lines * columns, np.nan, np.float32)
    padded[: row.size] = row
    return padded.reshape(lines, columns)


@lru_cache(1024)
def grid_columns(count: int, width: int, height: int, aspect: float = 1.0) -> int:
    """How many columns fill a box best with `count` tiles; `aspect` is width / height of one tile."""
    best, best_size = 1, 0.0
    for columns in range(1, count + 1):
        rows = -(-count // columns)
        size = min(width / columns, height / rows * aspect)
        if size > best_size:
            best, best_size = columns, size
    return best
