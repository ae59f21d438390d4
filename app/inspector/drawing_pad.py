"""A square on which data are drawn by hand: the brush leaves points, the right button takes them away.

Emits the drawing as text after every stroke and edits nothing itself. Everything can be done with the keys.
"""

from __future__ import annotations

import itertools
from functools import partial

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from app.lenses import drawn_points
from app.style import theme
from app.style.theme import POSITIVE
from app.widgets.buttons import Chip
from app.widgets.section import Heading, Section

PARAM = "points"
"""The parameter that holds what is drawn."""
BRUSHES = {"small": 0.025, "medium": 0.05, "large": 0.1}
_INSIDE = 8
"""Room around the unit square, in pixels."""
_KEYS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class DrawingPad(QWidget):
    """The square. `stroke_done` tells the text of the drawing and a key for the stroke that made it."""

    stroke_done = Signal(str, str)
    count_changed = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.points = drawn_points.NOTHING
        self.radius = BRUSHES["medium"]
        self.cursor_at = np.array((0.5, 0.5))
        self._stroke: tuple[Qt.MouseButton, drawn_points.Points] | None = None
        self._mouse: QPointF | None = None
        self._rng = np.random.default_rng(0)
        self._strokes = itertools.count(1)
        self._typing = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Drawing of points")
        self.setToolTip(
            "Paint with the mouse, erase with the right button. Keys: arrows move, Space paints, Del erases."
        )
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(268, 268)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setFixedHeight(min(self.width(), 360))

    # The drawing ----------------------------------------------------------------------------

    def show_text(self, text: str) -> None:
        """Show this drawing; a stroke that is being made goes on."""
        if self._stroke is None and text != drawn_points.written(self.points):
            self._become(drawn_points.parse(text))

    def _become(self, points: drawn_points.Points) -> None:
        self.points = points[: drawn_points.MOST]
        self.count_changed.emit(len(self.points))
        self.update()

    def replace(self, points: drawn_points.Points) -> None:
        """Another drawing, as one stroke."""
        self._become(points)
        self._tell(f"stroke {next(self._strokes)}")

    def _tell(self, key: str) -> None:
        self.stroke_done.emit(drawn_points.written(self.points), key)

    def _paint_to(self, place: drawn_points.Points, start: drawn_points.Points) -> None:
        room = drawn_points.MOST - len(self.points)
        left = drawn_points.dab(self._rng, start, place, self.radius)[: max(0, room)]
        self._become(np.concatenate([self.points, left]))

    # Places ----------------------------------------------------------------------------

    def square(self) -> QRectF:
        """Where the unit square is."""
        side = min(self.width(), self.height()) - 2 * _INSIDE
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    def place_at(self, at: QPointF) -> drawn_points.Points:
        """The point of the plane under a pixel."""
        box = self.square()
        place = ((at.x() - box.left()) / box.width(), (box.bottom() - at.y()) / box.height())
        found: drawn_points.Points = np.clip(np.array(place), 0.0, 1.0)
        return found

    def pixel_of(self, place: drawn_points.Points) -> QPointF:
        """Where a point of the plane is on screen."""
        box = self.square()
        return QPointF(box.left() + place[0] * box.width(), box.bottom() - place[1] * box.height())

    # Mouse ----------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            event.ignore()
            return
        place = self.place_at(event.position())
        self._stroke = (event.button(), place)
        self._go_on(place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._mouse = event.position()
        if self._stroke is not None:
            self._go_on(self.place_at(event.position()))
        self.update()

    def _go_on(self, place: drawn_points.Points) -> None:
        assert self._stroke is not None
        button, before = self._stroke
        if button == Qt.MouseButton.LeftButton:
            self._paint_to(place, before)
        else:
            self._become(drawn_points.erased(self.points, place, self.radius))
        self._stroke = (button, place)
        self.cursor_at = place

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._stroke is not None and event.button() == self._stroke[0]:
            self._stroke = None
            self._tell(f"stroke {next(self._strokes)}")

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._mouse = None
        self.update()

    # Keys ----------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        way = _KEYS.get(key)
        if way is not None:
            step = 0.1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 0.02
            self.cursor_at = np.clip(self.cursor_at + np.array(way) * step, 0.0, 1.0)
            self.update()
        elif key == Qt.Key.Key_Space:
            self._paint_to(self.cursor_at, self.cursor_at)
            self._type("paint")
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._become(drawn_points.erased(self.points, self.cursor_at, self.radius))
            self._type("erase")
        else:
            event.ignore()

    def _type(self, what: str) -> None:
        """Keys that follow each other with the same purpose are one stroke."""
        if not self._typing.startswith(what):
            self._typing = f"{what} {next(self._strokes)}"
        self._tell(self._typing)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._typing = ""
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    # Painting ----------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, tokens, box = QPainter(self), theme.current(), self.square()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(tokens.accent if self.hasFocus() else tokens.hairline), 1))
        painter.setBrush(QColor(tokens.raised))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setPen(QPen(QColor(tokens.hairline), 1))
        for share in (0.25, 0.5, 0.75):
            x, y = (
                round(box.left() + share * box.width()) + 0.5,
                round(box.top() + share * box.height()) + 0.5,
            )
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
        painter.setPen(
            QPen(theme.colour(POSITIVE, 0.85), 4.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        )
        painter.drawPoints(QPolygonF([self.pixel_of(place) for place in self.points]))
        if not len(self.points):
            painter.setFont(theme.sans(12))
            painter.setPen(QColor(tokens.muted))
            above = QRectF(self.rect()).adjusted(0, 0, 0, -self.height() / 2)
            painter.drawText(above, Qt.AlignmentFlag.AlignCenter, "Paint here, or start from a shape.")
        self._paint_brush(painter)
        painter.end()

    def _paint_brush(self, painter: QPainter) -> None:
        """A ring as large as the brush, under the mouse or where the keys are."""
        if self._mouse is None and not self.hasFocus():
            return
        at = self._mouse if self._mouse is not None else self.pixel_of(self.cursor_at)
        reach = self.radius * self.square().width()
        erases = self._stroke is not None and self._stroke[0] == Qt.MouseButton.RightButton
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.current().bad if erases else theme.current().text), 1))
        painter.drawEllipse(at, reach, reach)


class PadPart(Section):
    """The pad with its brushes, the shapes to start from, and how many points there are."""

    edited = Signal(str, object, str)  # parameter, text, key of the stroke

    def __init__(self) -> None:
        super().__init__()
        self.heading = Heading("Drawing")
        self.pad = DrawingPad()
        self.brush = Chip("")
        self.brush.setToolTip("Take the next brush")
        self.clear = Chip("Clear")
        self.shapes = {name: Chip(name) for name in drawn_points.SHAPES}
        for widget in (self.heading, self.pad):
            self.add(widget)
        for chips in (tuple(self.shapes.values()), (self.brush, self.clear)):
            row = QHBoxLayout()
            row.setSpacing(6)
            for chip in chips:
                row.addWidget(chip)
            row.addStretch(1)
            self.column.addLayout(row)
        self.brush.clicked.connect(self._next_brush)
        self.clear.clicked.connect(lambda: self.pad.replace(drawn_points.NOTHING))
        for name, chip in self.shapes.items():
            chip.setToolTip("Start from this shape")
            chip.clicked.connect(partial(self._start_from, name))
        self.pad.stroke_done.connect(lambda text, key: self.edited.emit(PARAM, text, key))
        self.pad.count_changed.connect(self._write)
        self._brush = "medium"
        self._write(0)

    def show_text(self, text: str) -> None:
        """The drawing as it is in the project."""
        self.pad.show_text(text)

    def _start_from(self, name: str) -> None:
        self.pad.replace(drawn_points.shape(name))

    def _next_brush(self) -> None:
        names = list(BRUSHES)
        self._brush = names[(names.index(self._brush) + 1) % len(names)]
        self.pad.radius = BRUSHES[self._brush]
        self._write(len(self.pad.points))

    def _write(self, count: int) -> None:
        full = " · full" if count >= drawn_points.MOST else ""
        self.heading.note.setText(f"{count:,} {'point' if count == 1 else 'points'}{full}")
        self.brush.setText(f"Brush: {self._brush}")
        self.clear.setEnabled(count > 0)
