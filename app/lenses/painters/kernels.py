"""Paints weights: a tile per kernel in signed colours on one scale, a matrix as one tile."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from app.lenses.colour_maps import signed_pixels, tile
from app.lenses.feature_maps import grid_columns
from app.lenses.kernels import kernel_tiles
from app.lenses.painter import Arrays, Context, Painter, Subject, picture
from app.lenses.painters.typed_grid import TypedGrid
from app.lenses.room import Room
from app.style.theme import Theme

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
        view.show_weights(context.target, name, arrays)
        view.show_tiles(kernel_tiles(arrays[name]))
        return True

    def note(self, view: TypedGrid, moment: str, context: Context) -> str:
        name, tiles = view.parameter, view.tiles
        parts = [] if name in ("", "weight") else [name]
        if tiles is not None and tiles.count < tiles.total:
            parts.append(f"{tiles.count} of {tiles.total:,}")
        return " · ".join([*parts, moment])


def _telling(arrays: Arrays) -> str:
    """The name of the array that shows best what was learned: `weight`, else the largest matrix, else any."""
    if "weight" in arrays and arrays["weight"].size:
        return "weight"
    ranked = sorted((value.ndim >= 2, value.size, name) for name, value in arrays.items() if value.size)
    return str(ranked[-1][2]) if ranked else ""
