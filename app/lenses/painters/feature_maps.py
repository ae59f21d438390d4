"""Paints feature maps: a tile per map in signed colours on one scale; a short row as a strip."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from app.lenses.colour_maps import signed_pixels, signed_scale, tiles_in, to_image
from app.lenses.feature_maps import map_tiles
from app.lenses.painter import Arrays, Context, Painter, Subject
from app.lenses.room import Room
from app.lenses.tile_grid import TileGrid
from app.style.theme import Theme
from nodes.spec import Role

_STRIP = 64
"""Features side by side in a strip; of more, neighbours are averaged."""


class FeatureMapsPainter(Painter[TileGrid]):
    """The tiles small in the node, large in the inspector."""

    kind = "feature_maps"
    empty = "Press Play to see what this layer makes of a sample."

    def is_default(self, subject: Subject) -> bool:
        return subject.layer is not None and subject.layer.role is Role.MODULE

    def room(self, subject: Subject) -> Room | None:
        outputs = subject.report.outputs if subject.report is not None else {}
        spec = next(iter(outputs.values()), None)
        if spec is None or not spec.is_float:
            return None
        sizes = [dim for dim in spec.features if isinstance(dim, int)]
        if len(sizes) == 3 and sizes[1] * sizes[2] > 1:
            return _maps(sizes[0], sizes[1], sizes[2])
        if len(sizes) == 2 and min(sizes) > 1:
            return Room(1, 1, 96.0, max(24.0, min(64.0, 96.0 * sizes[0] / sizes[1])), crisp=True)
        return Room(1, 1, 0.0, 8.0, strip=True) if sizes and math.prod(sizes) > 1 else None

    def thumbnail(self, arrays: Arrays, room: Room, context: Context, theme: Theme) -> QImage | None:
        output = arrays["output"]
        if room.strip:
            return _strip(np.asarray(output, dtype=np.float32).ravel(), theme)
        if np.ndim(output) < 2:
            return None
        tiles = map_tiles(output, room.count)
        return tiles_in(room, signed_pixels(tiles.values, tiles.scale, theme), theme.raised)

    def view(self) -> TileGrid:
        return TileGrid("map")

    def show(self, view: TileGrid, arrays: Arrays, context: Context) -> bool:
        output = arrays.get("output")
        if output is None or not output.size:
            return False
        view.show_tiles(map_tiles(output))
        return True

    def note(self, view: TileGrid, moment: str, context: Context) -> str:
        tiles = view.tiles
        if tiles is None or tiles.count == tiles.total == 1:
            return moment
        if tiles.count < tiles.total:
            return f"{tiles.count} of {tiles.total} · {moment}"
        return f"{moment} · shared scale"


def _maps(channels: int, height: int, width: int) -> Room:
    count = min(channels, 16)
    columns = count if count < 3 else 3 if count <= 9 else 4
    side = {1: 72.0, 2: 44.0, 3: 34.0 if width >= 20 else 26.0, 4: 26.0 if width >= 8 else 20.0}[columns]
    return Room(count, columns, side, max(8.0, min(48.0, round(side * height / width))), crisp=True)


def _strip(values: NDArray[np.float32], theme: Theme) -> QImage | None:
    if not values.size:
        return None
    scale = signed_scale(values)
    if values.size > _STRIP:
        edges = np.linspace(0, values.size, _STRIP + 1).astype(np.int64)[:-1]
        sums = np.add.reduceat(values, edges)
        values = (sums / np.diff(np.append(edges, values.size))).astype(np.float32)
    return to_image(signed_pixels(values[None], scale, theme))
