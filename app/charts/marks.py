"""What is painted around the curves of a chart: hairlines, labels, the crosshair with its readings.

Plain functions over a painter.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from app.style import theme

TOP = 7
"""Pixels at the top, so that the label of the highest hairline is whole."""
GUTTER = 42
"""Pixels at the left for the labels of the hairlines."""
FOOT = 18
"""Pixels at the bottom for the labels of the steps."""
NEAR = 8.0
"""Pixels around a note within which the crosshair reads it."""
_NOTE_LETTERS = 64
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


class CurveReading(NamedTuple):
    """One line of the crosshair: a curve's colour and name, its value in words, its height in pixels."""

    colour: str
    name: str
    text: str
    y: float


def paint_lines(painter: QPainter, area: QRectF, lines: list[tuple[float, str]]) -> None:
    """Hairlines across the area at these heights, each with its label at the left."""
    tokens = theme.current()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setFont(theme.mono(10))
    for height, label in lines:
        y = round(height)
        painter.setPen(QPen(theme.colour(tokens.hairline), 1))
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        painter.setPen(theme.colour(tokens.faint))
        painter.drawText(QRectF(0, y - 7, GUTTER - 4, 14), _LEFT, label)


def paint_steps(painter: QPainter, area: QRectF, labels: list[tuple[float, str]]) -> None:
    """Labels below the area at these places, kept inside and apart."""
    painter.setFont(theme.mono(10))
    painter.setPen(theme.colour(theme.current().faint))
    taken = -math.inf
    for x, text in labels:
        width = painter.fontMetrics().horizontalAdvance(text)
        start = min(max(x - width / 2, area.left()), area.right() - width)
        if start > taken:
            painter.drawText(QPointF(start, area.bottom() + 14), text)
            taken = start + width + 12


def paint_dot(painter: QPainter, place: QPointF, colour: str) -> None:
    """One measured value."""
    if math.isfinite(place.y()):
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(colour))
        painter.drawEllipse(place, 2.75, 2.75)


def paint_notes(painter: QPainter, area: QRectF, places: list[float]) -> None:
    """A dashed line and a small flag at each step that there is something to say of."""
    tint = theme.colour(theme.current().warn)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    for x in places:
        if area.left() <= x <= area.right():
            at = round(x) + 0.5
            painter.setPen(QPen(theme.colour(theme.current().warn, 0.55), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(at, area.top()), QPointF(at, area.bottom()))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tint)
            top = area.top()
            painter.drawPolygon([QPointF(at - 4, top), QPointF(at + 4, top), QPointF(at, top + 6)])


def paint_crosshair(
    painter: QPainter,
    area: QRectF,
    x: float,
    title: str,
    readings: list[CurveReading],
    notes: Sequence[str] = (),
) -> None:
    """A line at x, a dot on every curve, and a card that reads them all, and what is to be known of x."""
    tokens = theme.current()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    x = round(x) + 0.5
    painter.setPen(QPen(theme.colour(tokens.muted, 0.7), 1))
    painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
    for reading in readings:
        if math.isfinite(reading.y):
            painter.setPen(QPen(theme.colour(tokens.panel), 1.5))
            painter.setBrush(theme.colour(reading.colour))
            painter.drawEllipse(QPointF(x, reading.y), 3.5, 3.5)
    lines = [line for note in notes for line in textwrap.wrap(note, _NOTE_LETTERS)]
    _paint_card(painter, area, x, title, readings, lines)


def _paint_card(
    painter: QPainter, area: QRectF, x: float, title: str, readings: list[CurveReading], notes: list[str]
) -> None:
    tokens = theme.current()
    painter.setFont(theme.mono(11))
    advance = painter.fontMetrics().horizontalAdvance
    names = max((advance(reading.name) for reading in readings), default=0)
    values = max((advance(reading.text) for reading in readings), default=0)
    width = max(names + values + 50, *(advance(text) + 20 for text in (title, *notes)))
    start = x + 10 if x + 12 + width <= area.right() else x - 10 - width
    box = QRectF(max(start, 0.0), area.top() + 2, width, 16 * (len(readings) + len(notes) + 1) + 8)
    painter.setPen(QPen(theme.colour(tokens.hairline), 1))
    painter.setBrush(theme.colour(tokens.raised, 0.96))
    painter.drawRoundedRect(box, 5, 5)
    line = QRectF(box.left() + 10, box.top() + 4, width - 20, 16)
    painter.setPen(theme.colour(tokens.muted))
    painter.drawText(line, _LEFT, title)
    for reading in readings:
        line.translate(0, 16)
        painter.fillRect(QRectF(line.left(), line.center().y() - 1.5, 8, 3), theme.colour(reading.colour))
        painter.setPen(theme.colour(tokens.muted))
        painter.drawText(line.adjusted(14, 0, 0, 0), _LEFT, reading.name)
        painter.setPen(theme.colour(tokens.text))
        painter.drawText(line, _RIGHT, reading.text)
    painter.setPen(theme.colour(tokens.warn))
    for note in notes:
        line.translate(0, 16)
        painter.drawText(line, _LEFT, note)
