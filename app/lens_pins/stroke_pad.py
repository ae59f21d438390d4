"""A square on which a picture is drawn by hand, in greys, with as many pixels as those of the data."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.style import theme

SIDE = 168
_FINE = 8
"""Fine pixels per pixel of the picture: strokes are smoothed."""
_BRUSH = 0.075
"""Width of a stroke, as a share of the side."""
_STEP = 0.04
_KEYS = {
    Qt.Key.Key_Left: (-_STEP, 0.0),
    Qt.Key.Key_Right: (_STEP, 0.0),
    Qt.Key.Key_Up: (0.0, -_STEP),
    Qt.Key.Key_Down: (0.0, _STEP),
}


class StrokePad(QWidget):
    """Light strokes on black. The left button draws, the right one erases; keys do the same."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._size = (28, 28)
        self._fine = _black(self._size)
        self._last: QPointF | None = None
        self.cursor_at = QPointF(0.5, 0.5)
        self.setFixedSize(SIDE, SIDE)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName("Picture drawn by hand")
        self.setToolTip(
            "Draw with the mouse, erase with the right button. Keys: arrows move, Space draws, Del clears."
        )
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(SIDE, SIDE)

    def set_size(self, height: int, width: int) -> None:
        """Draw pictures of this size from now on."""
        if (height, width) != self._size:
            self._size = height, width
            self._fine = _black(self._size)
            scale = SIDE / max(height, width)
            self.setFixedSize(round(width * scale), round(height * scale))
            self.update()

    def picture(self) -> NDArray[np.uint8]:
        """What is drawn, grey values (height, width)."""
        height, width = self._size
        fine = np.frombuffer(self._fine.constBits(), np.uint8).reshape(self._fine.height(), -1)
        blocks = fine[:, : width * _FINE].reshape(height, _FINE, width, _FINE).astype(np.float64)
        found: NDArray[np.uint8] = np.rint(blocks.mean(axis=(1, 3))).astype(np.uint8)
        return found

    def clear(self) -> None:
        self._fine = _black(self._size)
        self._tell()

    def _stroke(self, begin: QPointF, end: QPointF, *, erase: bool) -> None:
        painter = QPainter(self._fine)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        wide = _BRUSH * max(self._fine.width(), self._fine.height()) * (2.0 if erase else 1.0)
        colour = QColor("#000000" if erase else "#ffffff")
        painter.setPen(QPen(colour, wide, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        scale = self._fine.width(), self._fine.height()
        points = [QPointF(one.x() * scale[0], one.y() * scale[1]) for one in (begin, end)]
        painter.drawLine(points[0], points[1] + QPointF(0.01, 0.0))
        painter.end()
        self.cursor_at = end
        self._tell()

    def _tell(self) -> None:
        self.update()
        self.changed.emit()

    def _share(self, at: QPointF) -> QPointF:
        return QPointF(min(max(at.x() / self.width(), 0.0), 1.0), min(max(at.y() / self.height(), 0.0), 1.0))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._last = self._share(event.position())
        self._stroke(self._last, self._last, erase=event.button() == Qt.MouseButton.RightButton)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._last is not None and event.buttons():
            to = self._share(event.position())
            self._stroke(self._last, to, erase=bool(event.buttons() & Qt.MouseButton.RightButton))
            self._last = to

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._last = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        way = _KEYS.get(Qt.Key(event.key()))
        if way is not None:
            self.cursor_at = QPointF(
                min(max(self.cursor_at.x() + way[0], 0.0), 1.0),
                min(max(self.cursor_at.y() + way[1], 0.0), 1.0),
            )
            self.update()
        elif event.key() == Qt.Key.Key_Space:
            self._stroke(self.cursor_at, self.cursor_at, erase=False)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.clear()
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, tokens = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(self.rect()), self._fine)
        painter.setPen(QPen(QColor(tokens.accent if self.hasFocus() else tokens.hairline), 1))
        painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        if self.hasFocus():
            painter.setPen(QPen(QColor(tokens.accent), 1.5))
            at = QPointF(self.cursor_at.x() * self.width(), self.cursor_at.y() * self.height())
            painter.drawEllipse(at, _BRUSH * self.width() / 2, _BRUSH * self.width() / 2)
        painter.end()


def _black(size: tuple[int, int]) -> QImage:
    image = QImage(size[1] * _FINE, size[0] * _FINE, QImage.Format.Format_Grayscale8)
    image.fill(0)
    return image
