"""The mark of the product: a rounded square from the blue of convolution to the violet of activation."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QLinearGradient, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget


def paint_mark(painter: QPainter, rect: QRectF) -> None:
    """Draw the mark into a square."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    ground = QLinearGradient(rect.topRight(), rect.bottomLeft())
    ground.setColorAt(0, QColor("#c58af9"))
    ground.setColorAt(1, QColor("#4c9aff"))
    painter.setBrush(ground)
    radius = rect.width() * 0.25
    painter.drawRoundedRect(rect, radius, radius)
    sheen = QLinearGradient(rect.topLeft(), QPointF(rect.left(), rect.bottom()))
    sheen.setColorAt(0, QColor(255, 255, 255, 60))
    sheen.setColorAt(0.6, QColor(255, 255, 255, 0))
    painter.setBrush(sheen)
    painter.drawRoundedRect(rect, radius, radius)
    painter.restore()


def app_icon() -> QIcon:
    """The mark as the icon of the program's windows."""
    result = QIcon()
    for size in (16, 32, 64, 128, 256):
        picture = QPixmap(size, size)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        inset = size / 16
        paint_mark(painter, QRectF(inset, inset, size - 2 * inset, size - 2 * inset))
        painter.end()
        result.addPixmap(picture)
    return result


class LogoMark(QWidget):
    """The mark at a size in pixels."""

    def __init__(self, size: int = 20, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._size = size
        self.setFixedSize(size, size)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(self._size, self._size)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_mark(painter, QRectF(self.rect()))
        painter.end()
