"""Paints feature maps: a tile per map, signed where values are negative; a short row as a strip."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from app.lenses.colour_maps import signed_scale, tiles_in, to_image
from app.lenses.feature_maps import MapTiles, map_tiles, tile_pixels
from app.lenses.painter import Arrays, Context, Painter, Subject
from app.lenses.room import Room
from app.lenses.tile_grid import TileGrid
from app.style.theme import Theme
from app.widgets.numbers import grouped
from engine.lens.kinds.feature_maps import SCALES
from nodes.spec import Role

_STRIP = 64
"""Features side by side in a strip; of more, neighbours are averaged."""
_MOST = 64
_MOST_LAYERS = 4096


class FeatureMapsPainter(Painter[TileGrid]):
    """The tiles small in the node, large in the inspector."""

    kind = "feature_maps"
    empty = "Press Play to see what this layer makes of a sample."

    def __init__(self) -> None:
        self._seen: dict[str, tuple[int, float]] = {}
        """Of each layer the last step and the scale of its values then."""

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
        tiles = self._tiles(arrays, room.count, context)
        return tiles_in(room, tile_pixels(tiles, theme), theme.raised)

    def view(self) -> TileGrid:
        return TileGrid("channel", legend=True)

    def show(self, view: TileGrid, arrays: Arrays, context: Context) -> bool:
        output = arrays.get("output")
        if output is None or not output.size:
            return False
        view.setProperty("scale", _scale_of(arrays))
        view.setProperty("left_out", _left_out(arrays))
        view.show_tiles(self._tiles(arrays, _MOST, context))
        return True

    def note(self, view: TileGrid, moment: str, context: Context) -> str:
        tiles = view.tiles
        if tiles is None:
            return moment
        if tiles.count < tiles.total:
            moment = f"{tiles.count} of {grouped(tiles.total)} channels · {moment}"
        if left_out := view.property("left_out"):
            moment = f"{left_out} · {moment}"
        if left_out or tiles.count < tiles.total:
            return moment
        scale = view.property("scale")
        if scale == "network":
            count = len(self._seen)
            return f"{moment} · scale of {count} layers" if count > 1 else f"{moment} · no other layer seen"
        if tiles.total == 1:
            return moment
        return f"{moment} · own scales" if scale == "tile" else f"{moment} · shared scale"

    def _tiles(self, arrays: Arrays, limit: int, context: Context) -> MapTiles:
        shape, scale = [int(size) for size in arrays.get("shape", ())], _scale_of(arrays)
        tiles = map_tiles(arrays["output"], limit, shape, own_scales=scale == "tile")
        largest = self._largest(tiles.scale, context)
        return replace(tiles, scale=largest) if scale == "network" else tiles

    def _largest(self, scale: float, context: Context) -> float:
        """The largest scale of all layers of this run that were seen, this one included."""
        if context.step < self._seen.get(context.target, (0, 0.0))[0] or len(self._seen) > _MOST_LAYERS:
            self._seen.clear()  # another run
        self._seen[context.target] = context.step, scale
        return max(each for _, each in self._seen.values())


def _scale_of(arrays: Arrays) -> str:
    return SCALES[int(np.asarray(arrays.get("scale", 0)))]


def _left_out(arrays: Arrays) -> str:
    """How much of a row, of a sequence or of a volume is shown; empty where it is all."""
    shown, sizes = np.shape(arrays["output"]), [int(size) for size in arrays.get("shape", ())]
    if len(sizes) > 3:
        return f"slice {sizes[1] // 2 + 1:,} of {sizes[1]:,}"
    if len(sizes) != len(shown) or len(sizes) > 2 or list(shown) == sizes:
        return ""
    words = (" × ".join(grouped(size) for size in each) for each in (shown, sizes))
    return f"{' of '.join(words)} {'units' if len(sizes) == 1 else 'values'}"


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
    tiles = MapTiles(values[None, None], scale, 1, signed=bool((values < 0).any()))
    return to_image(tile_pixels(tiles, theme)[0])
