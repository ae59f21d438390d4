"""Paints histograms: a row of bars for activations, weights and gradients, each on an axis of its own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen

from app.lenses.painter import Arrays, Context, PaintedView, Painter, Subject, picture
from app.lenses.room import Room
from app.style import theme as style
from app.style.theme import NEGATIVE, POSITIVE, Theme
from app.widgets.numbers import grouped, number, percent, scaled

_NAMES = ("activations", "weights", "gradients")
_ROOM = Room(1, 1, 184.0, 132.0)
_ROW = 92
"""Height of a row in the inspector, in pixels."""
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_MIDDLE = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, eq=False)
class HistogramRow:
    """One histogram: counts of the values that are not 0 between `low` and `high`."""

    name: str
    counts: NDArray[np.int64]
    low: float
    high: float
    total: int
    zeros: float
    """Share of the values that are exactly 0."""
    lost: float
    """Share of the values that are not finite."""

    def words(self, *, short: bool) -> str:
        """How many values there are, and how many of them are 0 or no numbers."""
        parts = [scaled(self.total) if short and self.total >= 10_000 else grouped(self.total)]
        if self.zeros:
            parts.append(f"{percent(self.zeros)} zero")
        if self.lost:
            parts.append(f"{percent(self.lost)} not finite")
        return " · ".join(parts) if short else " · ".join([f"{parts[0]} values", *parts[1:]])

    def place(self, value: float, area: QRectF) -> float:
        """Where a value stands on the axis."""
        return area.left() + (value - self.low) / ((self.high - self.low) or 1.0) * area.width()


class HistogramPainter(Painter[PaintedView]):
    """The same rows in the node and, higher, in the inspector."""

    kind = "histogram"
    empty = "Press Play to see how activations, weights and gradients are distributed."

    def room(self, subject: Subject) -> Room | None:
        return _ROOM

    def thumbnail(self, arrays: Arrays, room: Room, context: Context, theme: Theme) -> QImage | None:
        rows = _rows(arrays)
        return picture(room, theme, partial(_paint, rows, small=True)) if rows else None

    def view(self) -> PaintedView:
        return PaintedView(_ROW)

    def show(self, view: PaintedView, arrays: Arrays, context: Context) -> bool:
        rows = _rows(arrays)
        view.show_drawn(rows, partial(_paint, rows, small=False), _ROW * len(rows), partial(_text_at, rows))
        return bool(rows)


def _rows(arrays: Arrays) -> list[HistogramRow]:
    found = []
    for name in _NAMES:
        if name in arrays:
            low, high = (float(end) for end in arrays[f"{name}_range"])
            total, zeros, lost, seen = (int(count) for count in arrays[f"{name}_total"])
            counts = np.asarray(arrays[name], np.int64)
            found.append(
                HistogramRow(name, counts, low, high, total, zeros / max(1, seen), lost / max(1, seen))
            )
    return found


def _boxes(area: QRectF, count: int, *, small: bool) -> list[tuple[QRectF, QRectF, QRectF]]:
    """Of every row the line of words, the plot and the axis below it."""
    side, head, foot = (6.0, 13.0, 12.0) if small else (0.0, 18.0, 15.0)
    high = area.height() / max(1, count)
    found = []
    for index in range(count):
        box = QRectF(area.left() + side, area.top() + index * high, area.width() - 2 * side, high)
        words = QRectF(box.left(), box.top() + 1, box.width(), head)
        bottom = box.bottom() - foot - (1 if small else 7)
        plot = QRectF(box.left(), words.bottom() + 1, box.width(), bottom - words.bottom() - 1)
        found.append((words, plot, QRectF(box.left(), bottom, box.width(), foot)))
    return found


def _paint(rows: list[HistogramRow], painter: QPainter, area: QRectF, theme: Theme, *, small: bool) -> None:
    for row, (words, plot, axis) in zip(rows, _boxes(area, len(rows), small=small), strict=True):
        painter.setFont(style.sans(9 if small else 12))
        painter.setPen(style.colour(theme.text if small else theme.muted))
        painter.drawText(words, _LEFT, row.name)
        painter.setFont(style.mono(8 if small else 10))
        painter.setPen(style.colour(theme.muted if small else theme.faint))
        painter.drawText(words, _RIGHT, row.words(short=small))
        _paint_bars(painter, plot, row, theme)
        _paint_axis(painter, axis, row, theme)
        if not small and row.counts.any():
            painter.drawText(
                plot.adjusted(2, 0, 0, 0), Qt.AlignmentFlag.AlignLeft, grouped(int(row.counts.max()))
            )


def _paint_bars(painter: QPainter, plot: QRectF, row: HistogramRow, theme: Theme) -> None:
    """Bars that are negative and positive in the colours of signed data, and the zero line over them."""
    width = plot.width() / len(row.counts)
    most = int(row.counts.max(initial=0)) or 1
    edges = np.linspace(row.low, row.high, len(row.counts) + 1)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for index, count in enumerate(row.counts.tolist()):
        if count:
            high = max(1.0, count / most * plot.height())
            middle = (edges[index] + edges[index + 1]) / 2
            bar = QRectF(plot.left() + index * width, plot.bottom() - high, max(1.0, width - 0.5), high)
            painter.fillRect(bar, style.colour(NEGATIVE if middle < 0 else POSITIVE))
    painter.setPen(QPen(style.colour(theme.hairline), 1))
    painter.drawLine(plot.bottomLeft(), plot.bottomRight())
    x = row.place(0.0, plot)
    painter.setPen(QPen(style.colour(theme.text), 1, Qt.PenStyle.DotLine))
    painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)


def _paint_axis(painter: QPainter, axis: QRectF, row: HistogramRow, theme: Theme) -> None:
    """Both ends with their values, and 0 where there is room between them."""
    low, high = number(row.low), number(row.high)
    painter.setPen(style.colour(theme.muted))
    painter.drawText(axis, _LEFT, low)
    painter.drawText(axis, _RIGHT, high)
    at, told = row.place(0.0, axis), painter.fontMetrics()
    left = axis.left() + told.horizontalAdvance(low) + 8
    right = axis.right() - told.horizontalAdvance(high) - 8
    if left < at < right:
        painter.drawText(QRectF(at - 10, axis.top(), 20, axis.height()), _MIDDLE, "0")


def _text_at(rows: list[HistogramRow], place: QPointF, area: QRectF) -> str:
    """The bin under the mouse, as in `0.12 to 0.18 · 34 values`."""
    for row, (_, plot, _) in zip(rows, _boxes(area, len(rows), small=False), strict=True):
        if plot.contains(place):
            edges = np.linspace(row.low, row.high, len(row.counts) + 1)
            index = min(len(row.counts) - 1, int((place.x() - plot.left()) / plot.width() * len(row.counts)))
            low, high = float(edges[index]), float(edges[index + 1])
            return f"{number(low)} to {number(high)} · {grouped(int(row.counts[index]))} values"
    return ""
