"""Paints weights: a tile per kernel in signed colours on one scale, a matrix as one tile."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from app.lenses.colour_maps import signed_pixels, tile
from app.lenses.feature_maps import MapTiles, grid_columns
from app.lenses.kernels import kernel_tiles
from app.lenses.painter import Arrays, Context, Painter, Subject, picture
from app.lenses.painters.typed_grid import TypedGrid
from app.lenses.room import Room
from app.style.theme import Theme

_SHAPE = ".shape"
_ROOM = Room(1, 1, 120.0, 60.0, crisp=True)
_IN_NODE = 32
"""Kernels that a node shows at most."""


class KernelsPainter(Painter[TypedGrid]):
    """The weight where there is one, else the largest matrix among the parameters."""

    kind = "kernels"
    empty = "Press Play to see the weights change."

    def room(self, subject: Subject) -> Room | None:
        return _ROOM

    def thumbnail(self, arrays: Arrays, room: Room, context: Context, theme: Theme) -> QImage | None:
        name = _telling(arrays)
        if not name:
            return None
        tiles = kernel_tiles(arrays[name], _IN_NODE)
        high, wide = tiles.values.shape[1:]
        columns = grid_columns(tiles.count, int(room.width), int(room.height), wide / high)
        pixels = signed_pixels(tiles.values, tiles.scale, theme)
        sheet = tile(pixels, columns, gap=1, ground=theme.raised, magnify=max(1, 48 // max(high, wide)))

        def draw(painter: QPainter, area: QRectF, _theme: Theme) -> None:
            scale = min(area.width() / sheet.width(), area.height() / sheet.height())
            box = QRectF(0, 0, sheet.width() * scale, sheet.height() * scale)
            box.moveCenter(area.center())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < 1)
            painter.drawImage(box, sheet, QRectF(sheet.rect()), Qt.ImageConversionFlag.AutoColor)

        return picture(room, theme, draw)

    def view(self) -> TypedGrid:
        return TypedGrid("kernel", 130)

    def show(self, view: TypedGrid, arrays: Arrays, context: Context) -> bool:
        name = _telling(arrays)
        if not name:
            return False
        tiles = kernel_tiles(arrays[name])
        view.show_weights(context.target, name, {k: v for k, v in arrays.items() if not k.endswith(_SHAPE)})
        view.setProperty("left_out", _left_out(tiles, _sizes(arrays, name)))
        view.show_tiles(tiles)
        return True

    def note(self, view: TypedGrid, moment: str, context: Context) -> str:
        name, left_out = view.parameter, view.property("left_out")
        parts = [] if name in ("", "weight") else [name]
        parts += [left_out] if left_out else []
        return " · ".join([*parts, moment])


def _telling(arrays: Arrays) -> str:
    """The name of the array that shows best what was learned: `weight`, else the largest matrix, else any."""
    if "weight" in arrays and arrays["weight"].size:
        return "weight"
    own = {name: value for name, value in arrays.items() if not name.endswith(_SHAPE) and value.size}
    ranked = sorted((value.ndim >= 2, value.size, name) for name, value in own.items())
    return str(ranked[-1][2]) if ranked else ""


def _sizes(arrays: Arrays, name: str) -> tuple[int, ...]:
    """The sizes of the whole parameter."""
    given = arrays.get(name + _SHAPE)
    return np.shape(arrays[name]) if given is None else tuple(int(size) for size in np.asarray(given))


def _left_out(tiles: MapTiles, sizes: tuple[int, ...]) -> str:
    """How much is shown of how much; empty where it is all."""
    if len(sizes) < 2:
        shown, total = tiles.values.size, math.prod(sizes)
        return f"{shown:,} of {total:,} values" if shown < total else ""
    if len(sizes) == 2:
        high, wide = tiles.values.shape[1:]
        return "" if (high, wide) == sizes else f"{high:,} × {wide:,} of {sizes[0]:,} × {sizes[1]:,} values"
    total = sizes[0] if len(sizes) == 3 else math.prod(sizes[:2])
    return f"{tiles.count:,} of {total:,} kernels" if tiles.count < total else ""
