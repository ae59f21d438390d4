"""Samples on screen: a grid of crisp pictures, dots over their data, or texts, that can be zoomed and moved.

Shows one set of samples at one stage; what is under the mouse is read out.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.lenses import sample_paint as paint
from app.lenses.sampled import DOTS, IMAGES, TEXTS, AxisRange, Sampled, bounds_of
from app.style import theme
from app.widgets.numbers import number

MOST_ZOOM = 32.0
_COMPACT_TEXT, _COMPACT_WIDTH = 200, 268
_ARROWS = {
    Qt.Key.Key_Left: (40, 0),
    Qt.Key.Key_Right: (-40, 0),
    Qt.Key.Key_Up: (0, 40),
    Qt.Key.Key_Down: (0, -40),
}
GAPS = (0, 2, 6)
"""Room between pictures that can be chosen, in pixels."""


class SampleCanvas(QWidget):
    """One set of samples. A compact one is as high as its content and leaves the wheel to its panel."""

    pointed = Signal(str)  # what is under the mouse, in words; empty when it leaves
    zoom_changed = Signal(float)

    def __init__(self, *, compact: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.compact = compact
        self.sampled: Sampled | None = None
        self.bounds: AxisRange | None = None
        self.zoom = 1.0
        self.gap = 2
        self.show_density, self.show_real = False, True
        self._offset = QPointF()
        self._sheet = QImage()
        self._kept: paint.Kept = {}
        self._grab: tuple[QPointF, QPointF] | None = None
        self._mouse: QPointF | None = None
        self.setMouseTracking(True)
        self.setAccessibleName("Samples")
        if compact:
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        else:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setMinimumSize(120, 90)
        theme.changed.connect(self.update)

    # What is shown ----------------------------------------------------------------------------

    def show_samples(self, sampled: Sampled | None) -> None:
        """Show these. What was zoomed into stays in sight while the samples are of the same kind."""
        before, self.sampled = self.sampled, sampled
        if sampled is None:
            self.update()
            return
        if before is None or before.kind != sampled.kind:
            self.bounds = None
            self.reset_view()
        if sampled.kind == IMAGES:
            self._sheet = paint.image_sheet(sampled.values)
        elif sampled.kind == DOTS and (self.bounds is None or before is None or _moved(before, sampled)):
            self.bounds = bounds_of(sampled)
        self._fit()
        self.update()
        if self._mouse is not None:
            self.pointed.emit(self.text_at(self._mouse))

    def set_gap(self, gap: int) -> None:
        """Room between pictures, in pixels."""
        self.gap = gap
        self._fit()
        self.update()

    def set_density(self, on: bool) -> None:
        """Show where samples crowd, below the dots."""
        self.show_density = on
        self.update()

    def set_real(self, on: bool) -> None:
        """Show the data below the samples."""
        self.show_real = on
        self.update()

    # Sizes ----------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(_COMPACT_WIDTH, self._wanted_height(_COMPACT_WIDTH)) if self.compact else QSize(480, 420)

    def _fit(self) -> None:
        if self.compact:
            self.setFixedHeight(self._wanted_height(self.width()))

    def _wanted_height(self, width: int) -> int:
        sampled = self.sampled
        if sampled is None:
            return 1
        if sampled.kind == TEXTS:
            tall = paint.paint_texts(None, sampled, QRectF(0, 0, width - 16, 0), self._text_look(),
                                     theme.current(), self._kept)  # fmt: skip
            return math.ceil(min(_COMPACT_TEXT, tall + 16))
        if sampled.kind == DOTS:
            return width
        grid = paint.image_grid(sampled, QRectF(0, 0, width, width), self.gap, 1.0, self._ratio())
        return max(16, math.ceil(grid.height))

    def _ratio(self) -> float:
        return self.devicePixelRatioF()

    def _text_look(self) -> paint.TextLook:
        size = 11 if self.compact else round(12 * math.sqrt(self.zoom))
        return paint.TextLook(size=size, gap=size * 1.1)

    def grid(self) -> paint.Grid:
        """Where the pictures stand now."""
        assert self.sampled is not None
        area = QRectF(self.rect())
        made = paint.image_grid(self.sampled, area, self.gap, self.zoom, self._ratio())
        middle = 0.0 if self.compact else made.left
        left = self._clamped(self._offset.x(), made.width, area.width(), middle)
        top = self._clamped(self._offset.y(), made.height, area.height(), made.top)
        return paint.Grid(made.columns, made.rows, made.wide, made.high, made.gap, left, top)

    @staticmethod
    def _clamped(offset: float, extent: float, room: float, middle: float) -> float:
        """A grid that fits stands in the middle; a larger one never leaves a margin."""
        return middle if extent <= room else min(0.0, max(room - extent, (room - extent) / 2 + offset))

    def square(self) -> QRectF:
        """Where dots are drawn."""
        return paint.square_in(QRectF(self.rect()))

    def seen(self) -> AxisRange:
        """The part of the plane on show."""
        assert self.bounds is not None
        whole, side = self.bounds, self.bounds.side / self.zoom
        scale = side / max(1.0, self.square().width())
        x = whole.x + (whole.side - side) / 2 - self._offset.x() * scale
        y = whole.y + (whole.side - side) / 2 + self._offset.y() * scale
        return AxisRange(x, y, side)

    def place_of(self, index: int) -> QPointF:
        """Where the middle of a picture or a dot is on screen."""
        assert self.sampled is not None
        if self.sampled.kind == DOTS:
            x, y = paint.on_screen(self.sampled.values[index : index + 1], self.seen(), self.square())[0]
            return QPointF(float(x), float(y))
        return self.grid().place(index).center()

    # Painting ----------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        sampled, tokens = self.sampled, theme.current()
        if sampled is None:
            return
        painter = QPainter(self)
        if sampled.kind == IMAGES:
            grid = self.grid()
            paint.paint_images(painter, self._sheet, grid, sampled.count, QRectF(self.rect()))
            self._paint_pointed(painter, grid)
        elif sampled.kind == DOTS:
            radius = min(2.4, max(1.3, self.square().width() / 190)) * min(2.0, math.sqrt(self.zoom))
            look = paint.DotLook(radius, True, True, self.show_density, self.show_real)
            paint.paint_dots(painter, sampled, self.seen(), self.square(), look, tokens)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.raised))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawRoundedRect(QRectF(self.rect()), 5, 5)
            painter.setClipRect(self.rect().adjusted(0, 4, 0, -4))
            top = 10.0 - self._scrolled()
            inside = QRectF(self.rect()).adjusted(10, 0, -10, 0)
            inside.setTop(top)
            paint.paint_texts(painter, sampled, inside, self._text_look(), tokens, self._kept)
        if self.hasFocus() and not self.compact:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.accent), 1))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def _paint_pointed(self, painter: QPainter, grid: paint.Grid) -> None:
        index = self.index_at(self._mouse) if self._mouse is not None else None
        if index is not None and self.sampled is not None and self.sampled.count > 1:
            painter.setPen(QPen(QColor(theme.current().accent), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(grid.place(index).adjusted(0.75, 0.75, -0.75, -0.75))

    # Reading ----------------------------------------------------------------------------

    def index_at(self, place: QPointF) -> int | None:
        """The picture at a point of the screen, or the dot nearest to it."""
        sampled = self.sampled
        if sampled is None or sampled.kind == TEXTS:
            return None
        if sampled.kind == IMAGES:
            grid = self.grid()
            return next((i for i in range(sampled.count) if grid.place(i).contains(place)), None)
        places = paint.on_screen(sampled.values, self.seen(), self.square())
        away = ((places - (place.x(), place.y())) ** 2).sum(axis=1)
        nearest = int(away.argmin())
        return nearest if away[nearest] <= 64.0 else None

    def text_at(self, place: QPointF) -> str:
        """What is under a point, in words."""
        sampled, index = self.sampled, self.index_at(place)
        if sampled is None or sampled.kind == TEXTS:
            return ""
        if sampled.kind == IMAGES:
            label = f" · {sampled.labels[index]}" if index is not None and index < len(sampled.labels) else ""
            return f"sample {index}{label}" if index is not None and sampled.count > 1 else ""
        if index is not None:
            x, y = (float(value) for value in sampled.values[index])
            return f"sample {index} · {number(round(x, 3))}, {number(round(y, 3))}"
        if not self.square().contains(place):
            return ""
        seen, area = self.seen(), self.square()
        x = seen.x + (place.x() - area.left()) / area.width() * seen.side
        y = seen.y + (area.bottom() - place.y()) / area.height() * seen.side
        return f"{number(round(x, 2))}, {number(round(y, 2))}"

    # Moving ----------------------------------------------------------------------------

    def reset_view(self) -> None:
        """All of it again."""
        self.set_zoom(1.0)
        self._offset = QPointF()
        self.update()

    def set_zoom(self, zoom: float, about: QPointF | None = None) -> None:
        """Enlarge by `zoom` against what fits; the point `about` stays where it is."""
        zoom = min(MOST_ZOOM, max(1.0, zoom))
        if zoom == self.zoom:
            return
        about = QPointF(self.rect().center()) if about is None else about
        away = about - QPointF(self.rect().center())
        self._offset = away - (away - self._offset) * (zoom / self.zoom) if zoom > 1.0 else QPointF()
        self.zoom = zoom
        self._kept.clear()
        self.update()
        self.zoom_changed.emit(zoom)

    def _scrolled(self) -> float:
        """How far texts are scrolled down, in pixels."""
        assert self.sampled is not None
        inside = QRectF(0, 0, self.width() - 20, 0)
        tall = paint.paint_texts(None, self.sampled, inside, self._text_look(), theme.current(), self._kept)
        return min(max(0.0, -self._offset.y()), max(0.0, tall + 20 - self.height()))

    def move_by(self, x: float, y: float) -> None:
        """Move what is seen by this many pixels."""
        self._offset += QPointF(x, y)
        if self.sampled is not None and self.sampled.kind == TEXTS:
            self._offset.setY(min(0.0, self._offset.y()))
            self._offset.setY(-self._scrolled())
        elif self.sampled is not None and self.sampled.kind == IMAGES:
            reach_x = max(0.0, (self.grid().width - self.width()) / 2)
            reach_y = max(0.0, (self.grid().height - self.height()) / 2)
            self._offset.setX(min(reach_x, max(-reach_x, self._offset.x())))
            self._offset.setY(min(reach_y, max(-reach_y, self._offset.y())))
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        texts = self.sampled is not None and self.sampled.kind == TEXTS
        if self.compact and not texts:
            event.ignore()
            return
        if texts and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            before = self._scrolled()
            self.move_by(0.0, event.angleDelta().y() / 2)
            event.setAccepted(self._scrolled() != before or not self.compact)
            return
        self.set_zoom(self.zoom * 2.0 ** (event.angleDelta().y() / 360.0), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self.compact:
            self._grab = (event.position(), QPointF(self._offset))
        else:
            event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._mouse = event.position()
        if self._grab is not None:
            start, offset = self._grab
            moved = event.position() - start
            self._offset = offset
            self.move_by(moved.x(), moved.y())
        else:
            self.pointed.emit(self.text_at(self._mouse))
            self.update()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._grab = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.compact:
            event.ignore()
        elif self.zoom > 1.0:
            self.reset_view()
        else:
            self.set_zoom(3.0, event.position())

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._mouse = None
        self.pointed.emit("")
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _ARROWS.get(Qt.Key(event.key()))
        if step is not None:
            self.move_by(*step)
        elif event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.set_zoom(self.zoom * 1.5)
        elif event.key() == Qt.Key.Key_Minus:
            self.set_zoom(self.zoom / 1.5)
        elif event.key() == Qt.Key.Key_0:
            self.reset_view()
        else:
            event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


def _moved(before: Sampled, now: Sampled) -> bool:
    """Whether other data lie under the dots, so that the view must find them anew."""
    if before.real is None or now.real is None:
        return (before.real is None) != (now.real is None)
    return bounds_of(before) != bounds_of(now)
