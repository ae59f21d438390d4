"""Histograms of one value over the steps of a run: a ridge for each, the newest in front, all on one axis."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QLinearGradient, QPainter, QPainterPath, QPen

from app.lenses.fitted_view import KeptLook
from app.lenses.histogram_rows import HistogramRow
from app.style import theme as style
from app.style.theme import NEGATIVE, POSITIVE, Theme
from app.widgets.numbers import grouped, number

BINS = 48
_SPREAD = 0.55
"""Share of the height over which the baselines are spread."""


@dataclass(frozen=True, eq=False)
class Ridges:
    """What was kept of one row, oldest first."""

    kept: tuple[KeptLook[HistogramRow], ...]

    @property
    def newest(self) -> HistogramRow:
        return self.kept[-1].value

    @property
    def name(self) -> str:
        return self.newest.name

    @cached_property
    def ends(self) -> tuple[float, float]:
        """Of the axis that all share."""
        return min(each.value.low for each in self.kept), max(each.value.high for each in self.kept)

    @cached_property
    def heights(self) -> NDArray[np.float64]:
        """Of every ridge in every bin, as a share of the highest, (ridges, bins).

        What is spread wide is drawn higher than its counts, so that its form can be seen beside a sharp peak.
        """
        low, high = self.ends
        if not high > low:
            low, high = low - 1.0, high + 1.0
        counts = np.stack([each.value.moved(low, high, BINS) for each in self.kept])
        peaks = np.maximum(counts.max(axis=1, keepdims=True), 1e-9)
        heights: NDArray[np.float64] = counts / peaks * (peaks / peaks.max()) ** 0.4
        return heights

    def baseline(self, place: int, plot: QRectF) -> float:
        """Where a ridge stands, the newest at the bottom."""
        behind = len(self.kept) - 1 - place
        return plot.bottom() - behind / max(1, len(self.kept) - 1) * plot.height() * _SPREAD

    def tallest(self, plot: QRectF) -> float:
        """Height of the highest ridge in pixels."""
        return plot.height() * (1.0 - _SPREAD) - 4.0

    def words(self) -> str:
        """From which step to which."""
        return f"steps {grouped(self.kept[0].step)} to {grouped(self.kept[-1].step)}"

    def text_at(self, place: QPointF, plot: QRectF) -> str:
        """The bin of the foremost ridge under the mouse, as in `step 120 · 0.12 to 0.18 · 34 values`."""
        column = min(BINS - 1, max(0, int((place.x() - plot.left()) / plot.width() * BINS)))
        found, nearest = len(self.kept) - 1, float("inf")
        for index in reversed(range(len(self.kept))):
            base = self.baseline(index, plot)
            if base - self.heights[index, column] * self.tallest(plot) <= place.y() <= base:
                found = index
                break
            if abs(base - place.y()) < nearest:
                found, nearest = index, abs(base - place.y())
        low, high = self.ends
        edges = np.linspace(low, high, BINS + 1)
        one = self.kept[found]
        count = one.value.moved(low, high, BINS)[column] if high > low else float(one.value.counts.sum())
        span = f"{number(float(edges[column]))} to {number(float(edges[column + 1]))}"
        return f"step {grouped(one.step)} · {span} · {grouped(round(count))} values"


def paint_ridges(painter: QPainter, plot: QRectF, ridges: Ridges, theme: Theme) -> None:
    """The ridges from the oldest on, each hiding what is behind it; older ones are fainter."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    low, high = ridges.ends
    zero = min(1.0, max(0.0, -low / (high - low))) if high > low else 0.0
    count = len(ridges.kept)
    x = np.linspace(plot.left(), plot.right(), BINS)
    for index in range(count):
        base = ridges.baseline(index, plot)
        tops = base - ridges.heights[index] * ridges.tallest(plot)
        line = QPainterPath(QPointF(plot.left(), base))
        for at, top in zip(x.tolist(), tops.tolist(), strict=True):
            line.lineTo(at, top)
        line.lineTo(plot.right(), base)
        strength = 0.25 + 0.75 * ((index + 1) / count) ** 1.5
        painter.setPen(Qt.PenStyle.NoPen)
        painter.fillPath(line, style.colour(theme.panel))
        painter.fillPath(line, _signs(plot, zero, 0.55 * strength))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(style.colour(theme.text, 0.8 if index == count - 1 else 0.35 * strength), 1.0))
        painter.drawPath(line)
    if low < 0.0 < high:
        at = plot.left() + zero * plot.width()
        painter.setPen(QPen(style.colour(theme.text, 0.7), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(at, plot.top()), QPointF(at, plot.bottom()))


def _signs(plot: QRectF, zero: float, alpha: float) -> QLinearGradient:
    """The colours of signed data, which change at 0."""
    ink = QLinearGradient(plot.topLeft(), plot.topRight())
    if zero > 0.0:
        ink.setColorAt(0.0, style.colour(NEGATIVE, alpha))
        ink.setColorAt(max(0.0, zero - 1e-4), style.colour(NEGATIVE, alpha))
    if zero < 1.0:
        ink.setColorAt(zero, style.colour(POSITIVE, alpha))
        ink.setColorAt(1.0, style.colour(POSITIVE, alpha))
    return ink
