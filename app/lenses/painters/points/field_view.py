"""The large picture of a field: one unit with the data on it, and all units small beside it or below.

Pointing at a small one enlarges it, a click keeps it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPen

from app.lenses.colour_maps import signed_pixels, tile
from app.lenses.painters.points.curves import paint_curves, words_at_curve
from app.lenses.painters.points.plane_paint import (
    BOTTOM,
    LEFT,
    MADE,
    NOISE,
    RIGHT,
    TOP,
    colours_of,
    dots_named,
    frame_in,
    paint_axes,
    paint_heat,
    paint_legend,
    paint_points,
    paint_scale,
)
from app.lenses.painters.points.plane_view import PlaneView
from app.lenses.painters.points.shown_field import ShownField
from app.style import theme as style
from app.style.theme import Theme

_TILE, _GAP, _FOOT = 28.0, 4.0, 18.0
"""Side of a small map, room between two, and height of the line of words, in pixels."""
_LARGEST = 300
"""Of the large map where the view may choose."""
_CURVE = 190


@dataclass(frozen=True)
class _Places:
    """Where the large map, the line of words and the small maps stand."""

    map: QRectF
    foot: QRectF
    tiles: QRectF
    columns: int
    side: float

    def tile(self, index: int) -> QRectF:
        row, column = divmod(index, self.columns)
        step = self.side + _GAP
        return QRectF(self.tiles.left() + column * step, self.tiles.top() + row * step, self.side, self.side)


class FieldView(PlaneView):
    """`shown` is what it paints; `unit` is on the large map."""

    def __init__(self) -> None:
        self.shown: ShownField | None = None
        self.pinned = 0
        self.hovered: int | None = None
        self._sheet = QImage()
        self._sheet_of: tuple[ShownField, Theme] | None = None
        super().__init__()

    @property
    def unit(self) -> int:
        count = self.shown.count if self.shown is not None else 1
        return min(self.pinned if self.hovered is None else self.hovered, count - 1)

    def show_field(self, shown: ShownField) -> None:
        before, self.shown = self.shown, shown
        if before is None or before.values.shape != shown.values.shape:
            self.pinned = 0
            self.fit()
        self.update()
        self.tell()

    # Places ----------------------------------------------------------------------------------------

    def wished_height(self, width: int) -> int:
        shown = self.shown
        if shown is None:
            return 1
        if shown.is_line:
            return _CURVE
        map_high = min(width - LEFT - RIGHT, _LARGEST) + TOP + BOTTOM + _FOOT
        if shown.count < 2 or width >= 480:
            return math.ceil(map_high)
        columns = self._columns(width)
        rows = -(-shown.count // columns)
        side = (width - _GAP * (columns - 1)) / columns
        return math.ceil(map_high + 6 + rows * (min(side, 56.0) + _GAP))

    def _columns(self, width: float) -> int:
        count = self.shown.count if self.shown is not None else 1
        return max(1, min(count, int((width + _GAP) // (_TILE + _GAP))))

    def places(self, area: QRectF) -> _Places:
        """Where everything stands in this area."""
        count = self.shown.count if self.shown is not None else 1
        if count < 2:
            whole = area.adjusted(0, 0, 0, -_FOOT)
            return _Places(whole, _below(area), QRectF(), 1, _TILE)
        if area.width() >= 480:
            side = min(area.height() - _FOOT, area.width() * 0.62)
            left = QRectF(area.left(), area.top(), side, side)
            rest = QRectF(
                left.right() + 12, area.top() + 4, area.right() - left.right() - 16, area.height() - 8
            )
            columns, tile_side = _fitting(count, rest)
            foot = QRectF(left.left(), left.bottom(), side, _FOOT)
            return _Places(left, foot, rest, columns, tile_side)
        columns = self._columns(area.width())
        rows = -(-count // columns)
        tile_side = min((area.width() - 4 - _GAP * (columns - 1)) / columns, 56.0)
        below = rows * (tile_side + _GAP)
        above = QRectF(area.left(), area.top(), area.width(), area.height() - below - 6 - _FOOT)
        foot = QRectF(area.left(), above.bottom(), area.width(), _FOOT)
        rest = QRectF(area.left() + 2, foot.bottom() + 6, area.width() - 4, below)
        return _Places(above, foot, rest, columns, tile_side)

    # Painting --------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, area: QRectF, tokens: Theme) -> None:
        shown = self.shown
        if shown is None:
            return
        if shown.is_line:
            paint_curves(painter, shown, area, tokens)
            return
        places = self.places(area)
        frame = frame_in(places.map, shown.domain)
        paint_heat(painter, frame.area, shown.values[self.unit], shown.scale, tokens)
        paint_axes(painter, frame, tokens, shown.axes, grid=False)
        radius = max(2.2, min(4.0, frame.area.width() / 90.0))
        if shown.points is not None:
            colours = colours_of(shown.labels, len(shown.points))
            paint_points(painter, frame, shown.points, colours, radius, tokens.panel)
        if shown.made is not None:
            tint = QColor(NOISE if shown.is_noise else MADE)
            colours = [tint] * len(shown.made)
            paint_points(painter, frame, shown.made, colours, radius, tokens.panel)
        self._paint_foot(painter, places.foot, shown, tokens)
        if shown.count > 1:
            self._paint_tiles(painter, places, shown, tokens)

    def _paint_foot(self, painter: QPainter, foot: QRectF, shown: ShownField, tokens: Theme) -> None:
        left = foot.adjusted(30, 0, 0, 0)
        end = paint_scale(painter, left, shown.scale, tokens, shown.ends())
        is_made = shown.made is not None and not shown.is_noise
        named = dots_named(shown.labels, shown.names, made=is_made, data=shown.points is not None)
        named += [(NOISE, "noise")] if shown.is_noise else []
        if not any(shown.ends()):
            paint_legend(
                painter, QRectF(end, foot.top(), foot.right() - end - 4, foot.height()), named, tokens
            )

    def _paint_tiles(self, painter: QPainter, places: _Places, shown: ShownField, tokens: Theme) -> None:
        if self._sheet_of != (shown, tokens):
            self._sheet_of = (shown, tokens)
            self._sheet = tile(signed_pixels(shown.values, shown.scale, tokens), 1, gap=0)
        side = shown.values.shape[1]
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
        for index in range(shown.count):
            painter.drawImage(places.tile(index), self._sheet, QRectF(0, index * side, side, side))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(style.colour(tokens.accent), 1.5))
        painter.drawRoundedRect(places.tile(self.unit).adjusted(-1.5, -1.5, 1.5, 1.5), 2, 2)

    # The mouse -------------------------------------------------------------------------------------

    def tile_at(self, place: QPointF, area: QRectF) -> int | None:
        """The small map at a place."""
        if self.shown is None or self.shown.count < 2 or self.shown.is_line:
            return None
        places = self.places(area)
        return next((index for index in range(self.shown.count) if places.tile(index).contains(place)), None)

    def hover(self, place: QPointF | None, area: QRectF) -> None:
        found = self.tile_at(place, area) if place is not None else None
        if found != self.hovered:
            self.hovered = found
            self.update()
        self.setCursor(Qt.CursorShape.PointingHandCursor if found is not None else Qt.CursorShape.ArrowCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self.tile_at(event.position(), QRectF(self.rect()))
        if found is not None and event.button() == Qt.MouseButton.LeftButton:
            self.pinned = found
            self.update()

    def words_at(self, place: QPointF, area: QRectF) -> str:
        shown = self.shown
        if shown is None:
            return ""
        if shown.is_line:
            return words_at_curve(shown, place, area)
        index = self.tile_at(place, area)
        if index is not None:
            return f"{shown.name(index)} of {shown.total:,}" if not shown.classes else shown.name(index)
        frame = frame_in(self.places(area).map, shown.domain)
        return shown.at(self.unit, frame.point(place)) if frame.area.contains(place) else ""


def _below(area: QRectF) -> QRectF:
    return QRectF(area.left(), area.bottom() - _FOOT, area.width(), _FOOT)


def _fitting(count: int, area: QRectF) -> tuple[int, float]:
    """Columns and side of the largest squares, so many of which find room in an area."""
    best = (1, 1.0)
    for columns in range(1, count + 1):
        rows = -(-count // columns)
        across = (area.width() - _GAP * (columns - 1)) / columns
        side = min(across, (area.height() - _GAP * (rows - 1)) / rows, 96.0)
        if side > best[1]:
            best = columns, side
    return best
