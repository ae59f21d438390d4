"""A sentence beside the mouse while a gesture lasts: why something does not fit. Painted, not a window."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from app.canvas.items import measures as m
from app.style import theme


def extent(text: str, at: QPointF, zoom: float) -> QRectF:
    """What `paint` covers, on the scene."""
    width, height = m.text_width("body", text) + 22.0, 28.0
    return QRectF(at.x() + 14.0 / zoom, at.y() + 14.0 / zoom, width / zoom, height / zoom)


def paint(painter: QPainter, text: str, at: QPointF, zoom: float) -> None:
    """The sentence at the lower right of a point of the scene, at the same size at every zoom."""
    now = theme.current()
    painter.save()
    painter.translate(extent(text, at, zoom).topLeft())
    painter.scale(1.0 / zoom, 1.0 / zoom)
    box = QRectF(0.5, 0.5, m.text_width("body", text) + 20.0, 26.0)
    painter.setPen(QPen(theme.colour(now.hairline), 1.0))
    painter.setBrush(theme.colour(now.raised))
    painter.drawRoundedRect(box, 6.0, 6.0)
    painter.setPen(theme.colour(now.text))
    painter.setFont(m.font("body"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()
