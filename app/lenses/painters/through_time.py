"""Paints gradients through time: a line for each state over the steps, on an axis of powers of ten."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen, QPolygonF

from app.lenses.painter import Arrays, Context, PaintedView, Painter, Subject, picture
from app.lenses.room import Room
from app.style import theme as style
from app.style.theme import POSITIVE, Theme
from app.widgets.numbers import number

DECADES = 12
"""The most powers of ten that are shown below the largest gradient."""
_ROOM = Room(1, 1, 184.0, 92.0)
_ROW = 104
"""Height of a state in the inspector, in pixels."""
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, eq=False)
class StateLine:
    """The gradients of one state by step; `low` and `high` are the ends of the axis as powers of ten."""

    name: str
    norms: NDArray[np.float32]
    low: float
    high: float

    def words(self) -> str:
        """How the first step compares with the last."""
        first, last = float(self.norms[0]), float(self.norms[-1])
        if not first:
            return "0 at the first step"
        ratio = last / first
        if ratio >= 1.0:
            return f"first {_times(ratio)} smaller"
        return f"first {_times(1.0 / ratio)} larger" if ratio > 0.0 else "0 at the last step"

    def place(self, step: int, plot: QRectF) -> QPointF:
        """Where a step stands; a gradient below the axis stands on its floor."""
        norm = float(self.norms[step])
        power = max(self.low, np.log10(norm)) if norm > 0.0 else self.low
        x = plot.left() + step / max(1, len(self.norms) - 1) * plot.width()
        return QPointF(x, plot.bottom() - (power - self.low) / (self.high - self.low) * plot.height())


def _times(ratio: float) -> str:
    return f"{ratio:.2g}×" if ratio < 100 else f"10{_raised(round(np.log10(ratio)))}×"


def _raised(power: int) -> str:
    return str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


class ThroughTimePainter(Painter[PaintedView]):
    """The same lines in the node and, higher, in the inspector."""

    kind = "through_time"
    empty = "Press Play to see how the loss depends on the states after each step."

    def room(self, subject: Subject) -> Room | None:
        return _ROOM

    def thumbnail(self, arrays: Arrays, room: Room, context: Context, theme: Theme) -> QImage | None:
        lines = _lines(arrays)
        return picture(room, theme, partial(_paint, lines, small=True)) if lines else None

    def view(self) -> PaintedView:
        return PaintedView(_ROW)

    def show(self, view: PaintedView, arrays: Arrays, context: Context) -> bool:
        lines = _lines(arrays)
        height = _ROW * max(1, len(lines))
        view.show_drawn(lines, partial(_paint, lines, small=False), height, partial(_text_at, lines))
        return bool(lines)


def _lines(arrays: Arrays) -> list[StateLine]:
    """All states on one axis, so that they can be compared."""
    norms = {name: np.nan_to_num(np.asarray(each, np.float32)) for name, each in arrays.items() if each.size}
    positive = [each[each > 0] for each in norms.values()]
    values = np.concatenate([*positive, np.array([], np.float32)])
    if not norms or not values.size:
        return []
    high = float(np.ceil(np.log10(values.max())))
    low = max(high - DECADES, float(np.floor(np.log10(values.min()))))
    return [StateLine(name, each, min(low, high - 1.0), high) for name, each in norms.items()]


def _boxes(area: QRectF, count: int, *, small: bool) -> list[tuple[QRectF, QRectF]]:
    """Of every state the line of words and the plot."""
    side, head, foot = (6.0, 13.0, 5.0) if small else (0.0, 18.0, 10.0)
    high = area.height() / max(1, count)
    found = []
    for index in range(count):
        words = QRectF(area.left() + side, area.top() + index * high + 1, area.width() - 2 * side, head)
        top = words.bottom() + 2
        plot = QRectF(
            words.left() + 26, top, words.width() - 28, area.top() + (index + 1) * high - foot - top
        )
        found.append((words, plot))
    return found


def _paint(lines: list[StateLine], painter: QPainter, area: QRectF, theme: Theme, *, small: bool) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for line, (words, plot) in zip(lines, _boxes(area, len(lines), small=small), strict=True):
        painter.setFont(style.sans(9 if small else 12))
        painter.setPen(style.colour(theme.text if small else theme.muted))
        painter.drawText(words, _LEFT, f"|∂L/∂{line.name}|")
        painter.setFont(style.mono(8 if small else 10))
        painter.setPen(style.colour(theme.muted if small else theme.faint))
        painter.drawText(words, _RIGHT, line.words())
        for power, y in ((line.high, plot.top()), (line.low, plot.bottom())):
            painter.setPen(QPen(style.colour(theme.hairline), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(style.colour(theme.muted if small else theme.faint))
            painter.drawText(QRectF(words.left(), y - 7, 22, 14), _LEFT, f"10{_raised(int(power))}")
        painter.setPen(QPen(style.colour(POSITIVE), 1.2 if small else 1.8))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF([line.place(step, plot) for step in range(len(line.norms))]))


def _text_at(lines: list[StateLine], place: QPointF, area: QRectF) -> str:
    """The step under the mouse, as in `h after step 12 of 40 · 0.0031`."""
    for line, (_, plot) in zip(lines, _boxes(area, len(lines), small=False), strict=True):
        if plot.adjusted(-4, -4, 4, 4).contains(place):
            share = min(1.0, max(0.0, (place.x() - plot.left()) / plot.width()))
            step = round(share * (len(line.norms) - 1))
            norm = number(float(line.norms[step]))
            return f"{line.name} after step {step + 1} of {len(line.norms)} · {norm}"
    return ""
