"""Numbers of one node over the steps of a run: a small curve for each, below each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QPolygonF

from app.style import theme as style
from app.style.theme import POSITIVE, Theme
from app.widgets.numbers import grouped, number, percent

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LOWEST, HIGHEST = 70, 150
"""Height of a curve in the inspector and in a wide panel, in pixels."""
_HEAD, _FOOT, _AXIS = 18.0, 10.0, 52.0


@dataclass(frozen=True)
class StepCurve:
    """Values by step, oldest first. `is_log`: an axis of powers of ten; `mark` is drawn as a dotted line."""

    name: str
    points: tuple[tuple[int, float], ...]
    is_log: bool = False
    is_share: bool = False
    mark: float = 0.0

    def words(self, value: float) -> str:
        return percent(value) if self.is_share else number(value)

    def ends(self) -> tuple[float, float]:
        """Of the axis; of powers of ten, their exponents."""
        values = [value for _, value in self.points if math.isfinite(value)]
        if not self.is_log:
            low, high = min([0.0, *values]), max([0.0, *values])
            return (low, high) if high > low else (low, low + 1.0)
        logs = [math.log10(value) for value in (*values, self.mark) if value > 0]
        low, high = math.floor(min(logs, default=0.0)), math.ceil(max(logs, default=1.0))
        return float(low), float(max(high, low + 1))

    def place(self, point: tuple[int, float], plot: QRectF) -> QPointF:
        """Where a point stands; what is below an axis of powers of ten stands on its floor."""
        first, last = self.points[0][0], self.points[-1][0]
        x = plot.left() + (point[0] - first) / max(1, last - first) * plot.width()
        return QPointF(x, self.height_of(point[1], plot))

    def height_of(self, value: float, plot: QRectF) -> float:
        low, high = self.ends()
        at = value if not self.is_log else math.log10(value) if value > 0 else low
        return plot.bottom() - min(1.0, max(0.0, (at - low) / (high - low))) * plot.height()


def height_for(count: int, width: int) -> int:
    """Height of a view with so many curves."""
    return max(1, count) * min(HIGHEST, max(LOWEST, round(width * 0.26)))


def plots(area: QRectF, count: int) -> list[tuple[QRectF, QRectF]]:
    """Of every curve the line of words and the plot."""
    high = area.height() / max(1, count)
    found = []
    for index in range(count):
        top = area.top() + index * high
        words = QRectF(area.left(), top, area.width(), _HEAD)
        plot = QRectF(
            area.left() + _AXIS, words.bottom() + 5, area.width() - _AXIS - 4, high - _HEAD - 5 - _FOOT
        )
        found.append((words, plot))
    return found


def paint_curves(curves: Sequence[StepCurve], painter: QPainter, area: QRectF, theme: Theme) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for curve, (words, plot) in zip(curves, plots(area, len(curves)), strict=True):
        painter.setFont(style.sans(12))
        painter.setPen(style.colour(theme.muted))
        painter.drawText(words, _LEFT, curve.name)
        if not curve.points:
            continue
        painter.setFont(style.mono(11))
        painter.setPen(style.colour(theme.text))
        painter.drawText(words, _RIGHT, curve.words(curve.points[-1][1]))
        _paint_axis(painter, words.left(), plot, curve, theme)
        _paint_line(painter, plot, curve)


def paint_numbers(curves: Sequence[StepCurve], painter: QPainter, area: QRectF, theme: Theme) -> None:
    """The last value of each alone, where there is little room."""
    line = QRectF(area.left() + 8, area.top() + 5, area.width() - 16, 15)
    for curve in curves:
        painter.setFont(style.sans(10))
        painter.setPen(style.colour(theme.muted))
        painter.drawText(line, _LEFT, curve.name)
        painter.setFont(style.mono(10))
        painter.setPen(style.colour(theme.text))
        painter.drawText(line, _RIGHT, curve.words(curve.points[-1][1]) if curve.points else "–")
        line.translate(0, 16)


def _paint_axis(painter: QPainter, left: float, plot: QRectF, curve: StepCurve, theme: Theme) -> None:
    low, high = curve.ends()
    painter.setFont(style.mono(10))
    for end, y in ((high, plot.top()), (low, plot.bottom())):
        painter.setPen(QPen(style.colour(theme.hairline), 1))
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        painter.setPen(style.colour(theme.faint))
        words = f"10{_raised(int(end))}" if curve.is_log else curve.words(end)
        painter.drawText(QRectF(left, y - 8, _AXIS - 8, 16), _RIGHT, words)
    if curve.mark:
        y = curve.height_of(curve.mark, plot)
        painter.setPen(QPen(style.colour(theme.good), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        told = QFontMetricsF(painter.font())
        words = f"{number(curve.mark)} healthy"
        room = QRectF(plot.right() - told.horizontalAdvance(words) - 2, y - 15, 200, 14)
        painter.drawText(room, _LEFT, words)


def _raised(power: int) -> str:
    return str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _paint_line(painter: QPainter, plot: QRectF, curve: StepCurve) -> None:
    places = [curve.place(point, plot) for point in curve.points if math.isfinite(point[1])]
    painter.setPen(QPen(style.colour(POSITIVE), 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF(places))
    if places:
        painter.setBrush(style.colour(POSITIVE))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawEllipse(places[-1], 2.5, 2.5)


def text_at(curves: Sequence[StepCurve], place: QPointF, area: QRectF) -> str:
    """The point nearest to the mouse, as in `deviation after step 120 · 0.42`."""
    for curve, (words, plot) in zip(curves, plots(area, len(curves)), strict=True):
        if curve.points and words.top() <= place.y() <= plot.bottom() + _FOOT:
            step, value = min(curve.points, key=lambda point: abs(curve.place(point, plot).x() - place.x()))
            return f"{curve.name} after step {grouped(step)} · {curve.words(value)}"
    return ""
