"""Paints histograms of activations, weights and gradients: bars inside a node, and in a view ridges over the
steps that it was shown, each on an axis of its own.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QPen

from app.lenses.fitted_view import FittedView, FrameHistory, KeptLook
from app.lenses.histogram_rows import HistogramRow, rows_of
from app.lenses.painter import Arrays, Context, Painter, Subject, picture
from app.lenses.painters.ridges import Ridges, paint_ridges
from app.lenses.room import Room
from app.style import theme as style
from app.style.theme import NEGATIVE, POSITIVE, Theme
from app.widgets.numbers import grouped, number

_ROOM = Room(1, 1, 184.0, 132.0)
_LOWEST, _HIGHEST = 92, 230
"""Height of a row in the inspector and in a wide panel, in pixels."""
_KEPT = 24
"""Histograms that a view remembers of each row."""
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_MIDDLE = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter


class HistogramView(FittedView):
    """`shown` are the newest rows, `ridges` what is kept of each."""

    def __init__(self) -> None:
        super().__init__(_LOWEST)
        self.history: FrameHistory[dict[str, HistogramRow]] = FrameHistory(_KEPT)
        self.ridges: list[Ridges] = []


class HistogramPainter(Painter[HistogramView]):
    """The newest rows in the node; in the inspector those of before behind them."""

    kind = "histogram"
    empty = "Press Play to see how activations, weights and gradients are distributed."

    def room(self, subject: Subject) -> Room | None:
        return _ROOM

    def thumbnail(self, arrays: Arrays, room: Room, context: Context, theme: Theme) -> QImage | None:
        rows = rows_of(arrays)
        return picture(room, theme, partial(_paint_small, rows)) if rows else None

    def view(self) -> HistogramView:
        return HistogramView()

    def show(self, view: HistogramView, arrays: Arrays, context: Context) -> bool:
        rows = rows_of(arrays)
        if not rows:
            return False
        kept = view.history.take({row.name: row for row in rows}, context)
        view.ridges = [_ridges(kept, row.name) for row in rows]
        view.show_fitted(
            rows, partial(_paint, view.ridges), partial(_height, len(rows)), partial(_text_at, view.ridges)
        )
        return True

    def note(self, view: HistogramView, moment: str, context: Context) -> str:
        kept, seen = len(view.history.kept), view.history.seen
        if kept < 2:
            return moment
        looks = f"{kept} of {grouped(seen)} looks" if kept < seen else f"{kept} looks"
        return f"{looks} · {moment}"


def _ridges(kept: list[KeptLook[dict[str, HistogramRow]]], name: str) -> Ridges:
    """What is kept of one row."""
    return Ridges(tuple(KeptLook(k.index, k.step, k.value[name]) for k in kept if name in k.value))


def _height(count: int, width: int) -> int:
    return count * min(_HIGHEST, max(_LOWEST, round(width * 0.46)))


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


def _paint_small(rows: list[HistogramRow], painter: QPainter, area: QRectF, theme: Theme) -> None:
    for row, (words, plot, axis) in zip(rows, _boxes(area, len(rows), small=True), strict=True):
        _write_head(painter, words, row, theme, small=True)
        _paint_bars(painter, plot, row, theme)
        _paint_axis(painter, axis, row.low, row.high, theme)


def _paint(rows: list[Ridges], painter: QPainter, area: QRectF, theme: Theme) -> None:
    """Bars where one look is all that was seen, else ridges."""
    for ridges, (words, plot, axis) in zip(rows, _boxes(area, len(rows), small=False), strict=True):
        row = ridges.newest
        _write_head(painter, words, row, theme, small=False)
        if len(ridges.kept) < 2:
            _paint_bars(painter, plot, row, theme)
            if row.counts.any():
                most = grouped(int(row.counts.max()))
                painter.setPen(style.colour(theme.faint))
                painter.drawText(plot.adjusted(2, 0, 0, 0), Qt.AlignmentFlag.AlignLeft, most)
            _paint_axis(painter, axis, row.low, row.high, theme)
            continue
        paint_ridges(painter, plot, ridges, theme)
        painter.setPen(style.colour(theme.faint))
        left = QFontMetricsF(style.sans(12)).horizontalAdvance(row.name) + 10
        painter.drawText(words.adjusted(left, 0, 0, 0), _LEFT, ridges.words())
        _paint_axis(painter, axis, *ridges.ends, theme)


def _write_head(painter: QPainter, words: QRectF, row: HistogramRow, theme: Theme, *, small: bool) -> None:
    painter.setFont(style.sans(9 if small else 12))
    painter.setPen(style.colour(theme.text if small else theme.muted))
    painter.drawText(words, _LEFT, row.name)
    painter.setFont(style.mono(8 if small else 10))
    painter.setPen(style.colour(theme.muted if small else theme.faint))
    painter.drawText(words, _RIGHT, row.words(short=small))


def _paint_bars(painter: QPainter, plot: QRectF, row: HistogramRow, theme: Theme) -> None:
    """Bars that are negative and positive in the colours of signed data, and the zero line over them."""
    width = plot.width() / len(row.counts)
    most = int(row.counts.max(initial=0)) or 1
    edges = row.edges()
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


def _paint_axis(painter: QPainter, axis: QRectF, low: float, high: float, theme: Theme) -> None:
    """Both ends with their values, and 0 where there is room between them."""
    ends = number(low), number(high)
    painter.setPen(style.colour(theme.muted))
    painter.drawText(axis, _LEFT, ends[0])
    painter.drawText(axis, _RIGHT, ends[1])
    at, told = axis.left() - low / ((high - low) or 1.0) * axis.width(), painter.fontMetrics()
    left = axis.left() + told.horizontalAdvance(ends[0]) + 8
    right = axis.right() - told.horizontalAdvance(ends[1]) - 8
    if left < at < right:
        painter.drawText(QRectF(at - 10, axis.top(), 20, axis.height()), _MIDDLE, "0")


def _text_at(rows: list[Ridges], place: QPointF, area: QRectF) -> str:
    """The bin under the mouse, as in `step 120 · 0.12 to 0.18 · 34 values`; of a single look without step."""
    for ridges, (_, plot, _) in zip(rows, _boxes(area, len(rows), small=False), strict=True):
        if not plot.contains(place):
            continue
        if len(ridges.kept) > 1:
            return ridges.text_at(place, plot)
        row = ridges.newest
        edges = row.edges()
        index = min(len(row.counts) - 1, int((place.x() - plot.left()) / plot.width() * len(row.counts)))
        low, high = float(edges[index]), float(edges[index + 1])
        return f"{number(low)} to {number(high)} · {grouped(int(row.counts[index]))} values"
    return ""
