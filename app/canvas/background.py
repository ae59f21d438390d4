"""The ground of the canvas: dots every 20 px, kept as one picture and only shifted while panning."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap, QPolygonF

from app import theme
from app.canvas.measures import DOT_STEP


class DotGround:
    """A picture of dots that is one step larger than the viewport."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._pixmap = QPixmap()
        self._step = float(DOT_STEP)

    def paint(
        self, painter: QPainter, area: QRect, size: QSize, zoom: float, origin: QPointF, ratio: float
    ) -> None:
        """Fill `area` of the viewport; `origin` is where the scene's (0, 0) is on it."""
        self._prepare(size, zoom, ratio)
        x = origin.x() % self._step - self._step
        y = origin.y() % self._step - self._step
        place = QPointF(round(x * ratio) / ratio, round(y * ratio) / ratio)
        painter.save()
        painter.setClipRect(area, Qt.ClipOperation.IntersectClip)
        painter.drawPixmap(place, self._pixmap)
        painter.restore()

    def _prepare(self, size: QSize, zoom: float, ratio: float) -> None:
        now = theme.current()
        key = (size.width(), size.height(), zoom, ratio, now.canvas, now.dots)
        if key == self._key:
            return
        self._key = key
        step = DOT_STEP * zoom
        while step < 14.0:
            step *= 2
        self._step = step
        pixmap = QPixmap(
            round((size.width() + 2 * step + 2) * ratio), round((size.height() + 2 * step + 2) * ratio)
        )
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(QColor(now.canvas))
        columns, rows = int(size.width() / step) + 3, int(size.height() / step) + 3
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = max(1.5, 2.0 * min(1.0, zoom))
        painter.setPen(QPen(QColor(now.dots), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawPoints(
            QPolygonF([QPointF(c * step, r * step) for r in range(rows) for c in range(columns)])
        )
        painter.end()
        self._pixmap = pixmap
