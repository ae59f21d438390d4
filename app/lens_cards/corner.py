"""The corner of a card by which it is made larger or smaller."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.style import theme

_SIDE, _GRID = 16, 4


class CornerGrip(QWidget):
    """Tells the wished size of its card while it is dragged, and the last one when it is let go."""

    dragged = Signal(QSize)
    dropped = Signal(QSize)

    def __init__(self, card: QWidget) -> None:
        super().__init__(card)
        self._card = card
        self._start: tuple[QPointF, QSize] | None = None
        self.setFixedSize(_SIDE, _SIDE)
        self.setCursor(Qt.CursorShape.SizeFDiagCursor)
        self.setToolTip("Drag to resize")
        theme.changed.connect(self.update)

    def place(self) -> None:
        """Into the lower right corner of its card."""
        self.move(self._card.width() - _SIDE - 1, self._card.height() - _SIDE - 1)
        self.raise_()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour(theme.current().faint), 1.2))
        for reach in (5.0, 9.0):
            painter.drawLine(QPointF(_SIDE - 3 - reach, _SIDE - 4), QPointF(_SIDE - 4, _SIDE - 3 - reach))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._start = event.globalPosition(), self._card.size()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._start is not None:
            self.dragged.emit(self._size_at(event.globalPosition()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._start is not None:
            size = self._size_at(event.globalPosition())
            self._start = None
            self.dropped.emit(size)

    def _size_at(self, place: QPointF) -> QSize:
        assert self._start is not None
        start, size = self._start
        way = place - start
        return QSize(_on_grid(size.width() + way.x()), _on_grid(size.height() + way.y()))


def _on_grid(length: float) -> int:
    return round(length / _GRID) * _GRID
