"""A grid of maps as large as its width allows: one look for feature maps, kernels and samples.

Draws each map with nearest neighbour at the screen's own density. Pointing at a map reads its value; a click
enlarges it, another one or Esc goes back. A legend below says what the colours mean.
"""

from __future__ import annotations

import math
from typing import cast

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.lenses.colour_maps import tile, to_image
from app.lenses.feature_maps import MapTiles, grid_columns, tile_pixels
from app.style import theme
from app.widgets.numbers import number

_LONGEST_SINGLE = 200
LINE, _AIR = 15, 6
"""Pixels of a line of a caption, and below the last one."""
_LEGEND, _BAR = 22, 72
"""Height of the legend, and the length of its bar."""


def in_lines(words: str, told: QFontMetrics, room: int, most: int) -> list[str]:
    """Words in at most so many lines of this width; what finds no room is cut at the end of the last one."""
    lines: list[str] = []
    left = words.split(" ")
    while left and len(lines) < most:
        count = 1
        while count < len(left) and told.horizontalAdvance(" ".join(left[: count + 1])) <= room:
            count += 1
        line, left = left[:count], left[count:]
        if len(lines) == most - 1:
            line, left = line + left, []
        lines.append(told.elidedText(" ".join(line), Qt.TextElideMode.ElideRight, room))
    return lines


class TileGrid(QWidget):
    """Maps in rows. `pointed` tells what is under the mouse, in words; empty when it leaves."""

    pointed = Signal(str)
    hovered_changed = Signal(int)  # index of the map under the mouse, −1 for none

    def __init__(
        self,
        noun: str,
        gap: int = 6,
        height_limit: int = 0,
        parent: QWidget | None = None,
        *,
        tile_width: int = 0,
        legend: bool = False,
    ) -> None:
        super().__init__(parent)
        self._legend = legend
        self.noun, self._gap, self._height_limit, self._tile_width = noun, gap, height_limit, tile_width
        self.tiles: MapTiles | None = None
        self.pictures: tuple[QImage, ...] = ()
        self.captions: tuple[str, ...] = ()
        """A few words below each picture; none: nothing stands there."""
        self._lines = 0
        self._is_wordy = False
        """Whether captions are sentences, which need wider tiles."""
        self._sheet = QImage()
        self._mask, self._mask_key = QImage(), cast(tuple[object, ...], ())
        self.enlarged: int | None = None
        self.hovered: int | None = None
        self._mouse: QPointF | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._recolour)

    def show_tiles(self, tiles: MapTiles) -> None:
        """Show signed maps; a map that is enlarged stays so while there are as many."""
        before = self.tiles
        self.tiles, self.pictures, self.captions = tiles, (), ()
        if before is None or before.values.shape != tiles.values.shape:
            self.enlarged = None
            self._fit()
        self._recolour()
        if self._mouse is not None:
            self.pointed.emit(self.text_at(self._mouse))

    def show_pictures(self, pictures: tuple[QImage, ...], captions: tuple[str, ...] = ()) -> None:
        """Show ready pictures of one size, such as samples of a data set, each with its caption."""
        self.tiles, self.pictures, self.enlarged = None, pictures, None
        self.captions = captions if any(captions) and len(captions) == len(pictures) else ()
        told = QFontMetrics(theme.sans(11))
        self._is_wordy = any(told.horizontalAdvance(one) > 2 * self._tile_width for one in self.captions)
        self._fit()
        self.update()

    @property
    def count(self) -> int:
        return self.tiles.count if self.tiles is not None else len(self.pictures)

    def _map_size(self) -> tuple[int, int]:
        """Width and height of one map, in its own pixels."""
        if self.tiles is not None:
            return self.tiles.values.shape[2], self.tiles.values.shape[1]
        return (self.pictures[0].width(), self.pictures[0].height()) if self.pictures else (1, 1)

    def columns(self) -> int:
        if self.enlarged is not None or self.count <= 1:
            return 1
        if self._tile_width:
            room = (self.width() + self._gap) // (self._wished_width() + self._gap)
            return max(1, min(self.count, room))
        if self._height_limit:
            width, height = self._map_size()
            return max(min(self.count, 6), grid_columns(self.count, 268, self._height_limit, width / height))
        return min(self.count, max(2, min(8, math.ceil(math.sqrt(self.count)))))

    def _wished_width(self) -> int:
        """About the width of a tile; twice as much for wide pictures, as those with a mask beside them."""
        width, height = self._map_size()
        return self._tile_width * (2 if width > 1.6 * height or self._is_wordy else 1)

    def tile_size(self) -> tuple[float, float]:
        """Width and height of a tile on screen."""
        columns, (width, height) = self.columns(), self._map_size()
        across = (self.width() - self._gap * (columns - 1)) / columns
        if self._tile_width:
            across = min(across, 1.5 * self._wished_width())
        if self._height_limit and self.count < 6:
            across = min(across, (268 - self._gap * 5) / 6 * max(1.0, width / height))
        down = across * height / width
        if columns == 1 and (self.tiles is None or width != height):
            down = min(max(down, 16.0), float(_LONGEST_SINGLE))
        return across, down

    def _row_height(self) -> float:
        """From one row to the next."""
        lines = self._lines
        return self.tile_size()[1] + (lines * LINE + _AIR if lines else 0) + self._gap

    def _caption_lines(self) -> int:
        """Lines of a caption: two where one of them is longer than its picture is wide."""
        if not self.captions:
            return 0
        room, told = self.tile_size()[0], QFontMetrics(theme.sans(11))
        return 2 if any(told.horizontalAdvance(one) > room - _AIR for one in self.captions) else 1

    def heightForWidth(self, _width: int) -> int:
        rows = 1 if self.enlarged is not None else -(-self.count // self.columns())
        legend = _LEGEND if self._has_legend else 0
        return math.ceil(rows * self._row_height() - self._gap) + legend if self.count else 0

    @property
    def _has_legend(self) -> bool:
        return self._legend and self.tiles is not None

    def sizeHint(self) -> QSize:
        return QSize(268, self.heightForWidth(268))

    def _fit(self) -> None:
        self._lines = self._caption_lines()
        self.setFixedHeight(max(1, self.heightForWidth(self.width())))

    def resizeEvent(self, _event: QEvent) -> None:
        self._fit()

    def _recolour(self) -> None:
        if self.tiles is not None:
            self._sheet = tile(tile_pixels(self.tiles, theme.current()), 1, gap=0)
        self.update()

    def tile_rect(self, index: int) -> QRectF:
        """Where a map stands on screen."""
        across, down = self.tile_size()
        place = 0 if self.enlarged is not None else index
        row, column = divmod(place, self.columns())
        return QRectF(column * (across + self._gap), row * self._row_height(), across, down)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        tokens = theme.current()
        shown = self._shown()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._gap > 2:
            painter.drawImage(0, 0, self._rounded(shown))
        else:
            self._draw_maps(painter, shown)
        if self.captions:
            self._write_captions(painter, shown)
        if self._has_legend:
            self._paint_legend(painter)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.hovered is not None and self.hovered in shown:
            painter.setPen(QPen(theme.colour(tokens.accent), 1.5))
            painter.drawRoundedRect(self.tile_rect(self.hovered).adjusted(0.75, 0.75, -0.75, -0.75), 2, 2)
        painter.end()

    def _shown(self) -> tuple[int, ...]:
        return tuple(range(self.count)) if self.enlarged is None else (self.enlarged,)

    def _draw_maps(self, painter: QPainter, shown: tuple[int, ...]) -> None:
        width, height = self._map_size()
        for index in shown:
            target = self.tile_rect(index)
            if self.tiles is not None:
                painter.drawImage(target, self._sheet, QRectF(0, index * height, width, height))
            else:
                painter.drawImage(target, self.pictures[index])

    def _write_captions(self, painter: QPainter, shown: tuple[int, ...]) -> None:
        painter.setFont(theme.sans(11))
        painter.setPen(theme.colour(theme.current().muted))
        most = self._lines
        for index in shown:
            below = self.tile_rect(index)
            below.setRect(below.left(), below.bottom() + 2, below.width(), LINE)
            room = int(below.width()) - _AIR
            for line in in_lines(self.captions[index], painter.fontMetrics(), room, most):
                painter.drawText(below, int(Qt.AlignmentFlag.AlignVCenter), line)
                below.translate(0, LINE)

    def _paint_legend(self, painter: QPainter) -> None:
        """The bar of colours with the values of its ends, or that each map has its own."""
        tiles, tokens = self.tiles, theme.current()
        assert tiles is not None
        own = tiles.scales is not None and self.enlarged is None
        low, high = tiles.ends(self.enlarged)
        line = QRectF(0, self.height() - _LEGEND + 6, self.width(), _LEGEND - 6)
        painter.setFont(theme.mono(10))
        painter.setPen(theme.colour(tokens.muted))
        told, middle = painter.fontMetrics(), int(Qt.AlignmentFlag.AlignVCenter)
        words = ("low" if own else number(low), f"high of each {self.noun}" if own else number(high))
        painter.drawText(line, middle, words[0])
        left = told.horizontalAdvance(words[0]) + 6
        steps = np.linspace(-1.0 if tiles.signed else 0.0, 1.0, _BAR, dtype=np.float32)[None, None]
        bar = to_image(tile_pixels(MapTiles(steps, 1.0, 1, signed=tiles.signed), tokens)[0])
        painter.drawImage(QRectF(left, line.center().y() - 4, _BAR, 8), bar)
        painter.drawText(line.adjusted(left + _BAR + 6, 0, 0, 0), middle, words[1])

    def _rounded(self, shown: tuple[int, ...]) -> QImage:
        """The maps with round corners, cut out by a kept mask: clipping anew costs four times as much."""
        ratio = self.devicePixelRatioF()
        key = (self.size(), ratio, shown, self._map_size())
        if key != self._mask_key:
            self._mask_key, self._mask = key, self._transparent(ratio)
            painter = QPainter(self._mask)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(Qt.GlobalColor.black)
            for index in shown:
                painter.drawRoundedRect(self.tile_rect(index), 2.0, 2.0)
            painter.end()
        picture = self._transparent(ratio)
        painter = QPainter(picture)
        self._draw_maps(painter, shown)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
        painter.drawImage(0, 0, self._mask)
        painter.end()
        return picture

    def _transparent(self, ratio: float) -> QImage:
        image = QImage(self.size() * ratio, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(ratio)
        image.fill(Qt.GlobalColor.transparent)
        return image

    def index_at(self, place: QPointF) -> int | None:
        shown = range(self.count) if self.enlarged is None else (self.enlarged,)
        return next((index for index in shown if self.tile_rect(index).contains(place)), None)

    def text_at(self, place: QPointF) -> str:
        """What is under a point, as in `channel 3 · row 4, column 12 · 0.413`."""
        index = self.index_at(place)
        if index is None or self.tiles is None:
            return ""
        box, (width, height) = self.tile_rect(index), self._map_size()
        column = min(width - 1, int((place.x() - box.x()) / box.width() * width))
        row = min(height - 1, int((place.y() - box.y()) / box.height() * height))
        value = float(self.tiles.values[index, row, column])
        shown = "–" if not np.isfinite(value) else f"{value:.3g}"
        if self.tiles.words is not None:
            words = self.tiles.words(index, row, column)
            return f"{words} · {shown}" if words else ""
        name = f"{self.noun} {index} · " if self.count > 1 else ""
        return f"{name}{row}, {column} · {shown}"

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._mouse = event.position()
        index = self.index_at(self._mouse)
        self.setCursor(Qt.CursorShape.PointingHandCursor if index is not None else Qt.CursorShape.ArrowCursor)
        if index != self.hovered:
            self.hovered = index
            self.hovered_changed.emit(-1 if index is None else index)
            self.update()
        self.pointed.emit(self.text_at(self._mouse))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._mouse = self.hovered = None
        self.pointed.emit("")
        self.hovered_changed.emit(-1)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.index_at(event.position())
        if index is not None and event.button() == Qt.MouseButton.LeftButton:
            self.enlarge(index if self.enlarged is None and self.count > 1 else None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.enlarged is not None:
            self.enlarge(None)
        else:
            super().keyPressEvent(event)

    def enlarge(self, index: int | None) -> None:
        """Show one map alone; None: all."""
        self.enlarged = index
        self._fit()
        self.update()
