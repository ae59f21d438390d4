"""Paints divergences: both numbers, and how they went while the view was open."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from app.lenses.painter import Arrays, Context, Painter, Subject, picture
from app.lenses.painters.points.plane_paint import BOTTOM, LEFT, RIGHT, TOP, PlaneFrame, paint_axes
from app.lenses.painters.points.plane_view import PlaneView
from app.lenses.room import Room
from app.lenses.samples import CATEGORIES
from app.style import theme as style
from app.style.theme import Theme
from app.widgets.numbers import current, grouped

_HEAD, _HEIGHT = 40.0, 170
_MOST = 2000
"""Moments that are kept; of more, every second one."""
_TINTS = (CATEGORIES[0], CATEGORIES[1])
_NAMES = ("KL", "JS")


@dataclass(frozen=True)
class MeasuredDivergence:
    """Both divergences after a step, in nats, from so many points of the data and of the network."""

    step: int
    values: tuple[float, float]
    counts: tuple[int, int]
    outside: tuple[int, int]


def read_divergence(arrays: Arrays) -> MeasuredDivergence | None:
    """What was measured; None where nothing was."""
    if "kl" not in arrays:
        return None
    real, made = (int(count) for count in arrays["counts"])
    lost_real, lost_made = (int(count) for count in arrays["outside"])
    values = float(arrays["kl"][0]), float(arrays["js"][0])
    return MeasuredDivergence(int(arrays["step"][0]), values, (real, made), (lost_real, lost_made))


@dataclass
class DivergenceHistory:
    """What was measured so far, in the order of the steps; a run that begins anew begins it anew."""

    moments: list[MeasuredDivergence] = field(default_factory=list)

    def add(self, moment: MeasuredDivergence) -> None:
        if self.moments and moment.step < self.moments[-1].step:
            self.moments.clear()
        if self.moments and moment.step == self.moments[-1].step:
            self.moments[-1] = moment
            return
        self.moments.append(moment)
        if len(self.moments) > _MOST:
            self.moments = self.moments[::2]


class DivergenceView(PlaneView):
    """`history` is what it paints."""

    def __init__(self) -> None:
        self.history = DivergenceHistory()
        super().__init__()

    def show_moment(self, moment: MeasuredDivergence) -> None:
        self.history.add(moment)
        self.update()
        self.tell()

    def wished_height(self, _width: int) -> int:
        return _HEIGHT

    def _frame(self, area: QRectF) -> PlaneFrame:
        moments = self.history.moments
        most = max((max(moment.values) for moment in moments), default=1.0) or 1.0
        last = max(moments[-1].step, 1)
        first = moments[0].step if len(moments) > 1 else 0
        plot = area.adjusted(LEFT + 6, _HEAD + TOP, -RIGHT, -BOTTOM)
        return PlaneFrame(plot, (float(first), float(last)), (0.0, most * 1.05))

    def paint(self, painter: QPainter, area: QRectF, tokens: Theme) -> None:
        moments = self.history.moments
        if not moments:
            return
        _paint_numbers(painter, QRectF(area.left(), area.top(), area.width(), _HEAD), moments[-1], tokens)
        frame = self._frame(area)
        paint_axes(painter, frame, tokens)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for place, tint in enumerate(_TINTS):
            held = np.array([(moment.step, moment.values[place]) for moment in moments], np.float64)
            line = QPolygonF([QPointF(x, y) for x, y in frame.places(held).tolist()])
            painter.setPen(QPen(QColor(tint), 1.6))
            painter.drawPolyline(line)
            painter.setBrush(QColor(tint))
            painter.drawEllipse(line.last(), 2.2, 2.2)
            painter.setBrush(Qt.BrushStyle.NoBrush)

    def words_at(self, place: QPointF, area: QRectF) -> str:
        moments = self.history.moments
        if not moments:
            return ""
        frame = self._frame(area)
        if not frame.area.adjusted(-4, 0, 4, 0).contains(place):
            last = moments[-1]
            return f"{grouped(last.counts[0])} of the data, {grouped(last.counts[1])} generated"
        step = frame.point(place)[0]
        nearest = min(moments, key=lambda moment: abs(moment.step - step))
        kl, js = nearest.values
        return f"step {grouped(nearest.step)} · KL {current(kl)} · JS {current(js)}"


class DivergencePainter(Painter[DivergenceView]):
    """Both numbers in the node."""

    kind = "divergence"
    empty = "Press Play to see how far the generated points are from the data."

    def room(self, subject: Subject) -> Room | None:
        return Room(1, 1, 132.0, 40.0)

    def thumbnail(self, arrays: Arrays, room: Room, context: Context, theme: Theme) -> QImage | None:
        moment = read_divergence(arrays)
        if moment is None:
            return None

        def draw(painter: QPainter, area: QRectF, theme: Theme) -> None:
            _paint_numbers(painter, area.adjusted(8, 2, -8, -2), moment, theme, small=True)

        return picture(room, theme, draw)

    def view(self) -> DivergenceView:
        return DivergenceView()

    def show(self, view: DivergenceView, arrays: Arrays, context: Context) -> bool:
        moment = read_divergence(arrays)
        if moment is None:
            return False
        view.show_moment(moment)
        return True

    def note(self, view: DivergenceView, moment: str, context: Context) -> str:
        last = view.history.moments[-1]
        outside = f"{grouped(last.outside[1])} outside" if last.outside[1] else ""
        words = f"all {grouped(last.counts[0])} samples"
        return " · ".join(word for word in (words, outside, moment) if word)


def _paint_numbers(
    painter: QPainter, area: QRectF, moment: MeasuredDivergence, theme: Theme, *, small: bool = False
) -> None:
    """`KL 0.412` and `JS 0.087` side by side, each in the colour of its line."""
    half = area.width() / 2
    for place, (name, value) in enumerate(zip(_NAMES, moment.values, strict=True)):
        box = QRectF(area.left() + place * half, area.top(), half, area.height())
        top = QRectF(box.left(), box.top(), box.width(), box.height() * 0.45)
        below = QRectF(box.left(), top.bottom(), box.width(), box.height() * 0.55)
        painter.setFont(style.sans(10 if small else 11))
        painter.setPen(style.colour(theme.muted))
        painter.drawText(top, Qt.AlignmentFlag.AlignVCenter, f"{name}, nats")
        painter.setFont(style.mono(12 if small else 15))
        painter.setPen(QColor(_TINTS[place]))
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, current(value))
