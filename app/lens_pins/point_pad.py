"""A plane on which a point is moved, with the samples of the data behind it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.style import theme
from app.widgets.numbers import number

SIDE = 168
_MARGIN = 0.06
_KEYS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}
Points = NDArray[np.float64]


class PointPad(QWidget):
    """`point` is in the unit of the data. The mouse drags it; arrows move it by 2 %, with Shift by 10 %."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._data: Points = np.zeros((0, 2))
        self._low, self._high = np.full(2, -1.0), np.full(2, 1.0)
        self.point: Points = np.zeros(2)
        self.setFixedSize(SIDE, SIDE)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName("Point placed by hand")
        self.setToolTip("Drag the point. Keys: arrows move it, with Shift further.")
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(SIDE, SIDE)

    def show_data(self, points: Points) -> None:
        """The samples that lie behind the point, (n, 2): they say how far the plane reaches."""
        self._data = points
        if len(points):
            low, high = points.min(axis=0), points.max(axis=0)
            room = np.maximum(high - low, 1e-6) * _MARGIN
            self._low, self._high = low - room, high + room
            self.point = np.clip(self.point, self._low, self._high)
        self.update()

    def words(self) -> str:
        """Where the point is."""
        return f"{number(float(self.point[0]))}, {number(float(self.point[1]))}"

    def pixel_of(self, points: Points) -> Points:
        """Where points of the plane are, (n, 2)."""
        share = (points - self._low) / (self._high - self._low)
        return np.stack([share[:, 0] * self.width(), (1.0 - share[:, 1]) * self.height()], axis=1)

    def _move_to(self, point: Points) -> None:
        self.point = np.clip(point, self._low, self._high)
        self.setAccessibleDescription(self.words())
        self.update()
        self.changed.emit()

    def _at(self, place: QPointF) -> Points:
        share = np.array((place.x() / self.width(), 1.0 - place.y() / self.height()))
        found: Points = self._low + share * (self._high - self._low)
        return found

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._move_to(self._at(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons():
            self._move_to(self._at(event.position()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        way = _KEYS.get(Qt.Key(event.key()))
        if way is None:
            event.ignore()
            return
        step = 0.1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 0.02
        self._move_to(self.point + np.array(way) * step * (self._high - self._low))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, tokens = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(tokens.accent if self.hasFocus() else tokens.hairline), 1))
        painter.setBrush(QColor(tokens.raised))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setPen(
            QPen(theme.colour(tokens.muted, 0.6), 2.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        )
        if len(self._data):
            painter.drawPoints(QPolygonF([QPointF(*one) for one in self.pixel_of(self._data)]))
        (x, y), *_ = self.pixel_of(self.point[None])
        painter.setPen(QPen(QColor(tokens.hairline), 1))
        painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))
        painter.drawLine(QPointF(0, y), QPointF(self.width(), y))
        painter.setPen(QPen(QColor(tokens.panel), 2))
        painter.setBrush(QColor(tokens.accent))
        painter.drawEllipse(QPointF(x, y), 6, 6)
        painter.end()
