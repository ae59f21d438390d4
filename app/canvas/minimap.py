"""The whole drawing, small, with the part in sight; press or drag to go there."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from app.canvas.items.measures import Level
from app.canvas.parts import CanvasParts
from app.style import theme

_SIZE = QSize(200, 132)
_PAD = 10.0


class Minimap(QWidget):
    """Keeps its picture until the drawing changes."""

    def __init__(self, view: CanvasParts) -> None:
        super().__init__(view.widget)
        self._view = view
        self._picture = QPixmap()
        self._key: tuple[object, ...] = ()
        self.setFixedSize(_SIZE)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Minimap")

    def refresh(self) -> None:
        if self.isVisible():
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        now = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(now.hairline), 1.0))
        painter.setBrush(theme.colour(now.panel, 0.92))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8.0, 8.0)
        content = self._view.drawing.hit_testing.content_rect()
        if not content.isEmpty():
            scale, offset = self._fit(content)
            self._prepare(scale, offset)
            painter.drawPixmap(0, 0, self._picture)
            seen = self._view.camera.visible_rect()
            box = QRectF(seen.topLeft() * scale + offset, seen.size() * scale)
            box = box.intersected(QRectF(self.rect()).adjusted(2, 2, -2, -2))
            painter.setPen(QPen(QColor(now.accent), 1.0))
            painter.setBrush(theme.colour(now.accent, 0.08))
            painter.drawRoundedRect(box, 3.0, 3.0)
        painter.end()

    def _fit(self, content: QRectF) -> tuple[float, QPointF]:
        room = QRectF(self.rect()).adjusted(_PAD, _PAD, -_PAD, -_PAD)
        scale = min(room.width() / content.width(), room.height() / content.height(), 0.24)
        return scale, room.center() - content.center() * scale

    def _prepare(self, scale: float, offset: QPointF) -> None:
        ratio = self.devicePixelRatioF()
        overview = self._view.drawing.overview
        key = (overview.revision, scale, offset.x(), offset.y(), ratio, theme.current().name)
        if key == self._key:
            return
        self._key = key
        self._picture = QPixmap(self.size() * ratio)
        self._picture.setDevicePixelRatio(ratio)
        self._picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(self._picture)
        painter.translate(offset)
        painter.scale(scale, scale)
        overview.paint(painter, self._view.drawing.hit_testing.content_rect(), scale, Level.BLOCKS)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position())

    def _go(self, at: QPointF) -> None:
        content = self._view.drawing.hit_testing.content_rect()
        if content.isEmpty():
            return
        scale, offset = self._fit(content)
        self._view.camera.centre((at - offset) / scale)
        self.update()
