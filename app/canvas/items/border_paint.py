"""What the two cards of a definition's border show: a row for each port; and the mark of what comes back."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.canvas.items import measures as m
from app.canvas.items.card import Card


def paint_rows(painter: QPainter, card: Card, ink: QColor | QPen) -> None:
    """The names of a border's ports, each beside its ring."""
    painter.setFont(m.font("mono"))
    room = card.width - 2 * m.PAD
    for index, port in enumerate((card.outputs or card.inputs)[:-1]):
        shown = m.elided("mono", port.name, room)
        left = card.width - m.PAD - m.text_width("mono", shown) if card.outputs else m.PAD
        painter.setPen(ink)
        painter.drawStaticText(QPointF(left, card.port_y(index) - 7.5), m.static_text("mono", shown))
        if port.name in card.states:
            beside = left - 11.0 if card.outputs else left + m.text_width("mono", shown) + 11.0
            paint_loop(painter, QPointF(beside, card.port_y(index)), ink)


def paint_loop(painter: QPainter, centre: QPointF, ink: QColor | QPen) -> None:
    """An arrow that goes round: over time, or a value that comes back at the next step."""
    pen = QPen(ink)
    pen.setWidthF(1.4)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawArc(QRectF(centre.x() - 4.5, centre.y() - 4.5, 9.0, 9.0), 60 * 16, 285 * 16)
    tip = QPointF(centre.x() + 4.6, centre.y() - 2.6)
    painter.drawLine(tip, QPointF(tip.x() - 3.6, tip.y() - 0.2))
    painter.drawLine(tip, QPointF(tip.x() + 0.2, tip.y() - 3.6))
