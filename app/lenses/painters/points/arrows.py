"""Paints arrows: where a loss pushes each point, over the data."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from app.lenses.colour_maps import FloatArray
from app.lenses.painter import Arrays, Context, Painter, Subject, picture
from app.lenses.painters.points.plane_paint import (
    BOTTOM,
    DATA,
    LEFT,
    MADE,
    RIGHT,
    TOP,
    PlaneFrame,
    frame_in,
    paint_axes,
    paint_legend,
    paint_points,
)
from app.lenses.painters.points.plane_view import PlaneView
from app.lenses.room import Room
from app.style import theme as style
from app.style.theme import Theme
from app.widgets.numbers import number
from engine.lens.kinds.points.in_plane import around

_FOOT, _LARGEST = 18.0, 300
_USUAL, _LONGEST, _QUANTILE = 0.08, 0.2, 0.9
"""Of the side of the picture: how long the arrow is that nine tenths do not exceed, and the longest that is
painted."""
_HEAD = 4.5
_NEAR = 10.0


@dataclass(frozen=True, eq=False)
class ShownArrows:
    """`points` (n, 2) with the `gradients` (n, 2) of a loss at each, over `real` points."""

    points: FloatArray
    gradients: FloatArray
    real: FloatArray | None
    domain: NDArray[np.float32]
    loss: float
    objectives: tuple[str, ...]
    more: int
    """How many further points there are."""

    @property
    def longest(self) -> float:
        """The largest gradient that is finite."""
        norms = np.hypot(*self.gradients.T)
        return float(norms[np.isfinite(norms)].max(initial=0.0))

    def ends(self, frame: PlaneFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Pixels (n, 2) at which arrows begin and end: they go down the loss."""
        begin = frame.places(self.points)
        side, held = frame.area.width(), np.nan_to_num(np.asarray(self.gradients, np.float64))
        norms = np.hypot(*held.T)
        away = held * (-1.0, 1.0) * (_USUAL * side / (float(np.quantile(norms, _QUANTILE)) or 1.0))
        lengths = np.maximum(np.hypot(*away.T), 1e-12)
        return begin, begin + away * np.minimum(1.0, _LONGEST * side / lengths)[:, None]


def read_arrows(arrays: Arrays) -> ShownArrows | None:
    """The arrows in a frame; None where there are none."""
    points = arrays.get("points")
    if points is None or not len(points):
        return None
    real = np.asarray(arrays["real"], np.float32) if "real" in arrays else None
    held = np.asarray(points, np.float32)
    return ShownArrows(
        held,
        np.asarray(arrays["gradients"], np.float32),
        real,
        around(real if real is not None and len(real) else held, 2),
        float(arrays["loss"][0]),
        tuple(str(name) for name in arrays["objectives"]),
        int(arrays["more"][0]),
    )


class ArrowsView(PlaneView):
    """`shown` is what it paints."""

    def __init__(self) -> None:
        self.shown: ShownArrows | None = None
        super().__init__()

    def show_arrows(self, shown: ShownArrows) -> None:
        self.shown = shown
        self.fit()
        self.update()
        self.tell()

    def wished_height(self, width: int) -> int:
        return round(min(width - LEFT - RIGHT, _LARGEST) + TOP + BOTTOM + _FOOT)

    def frame(self, area: QRectF) -> PlaneFrame:
        """The part of the plane that is shown."""
        assert self.shown is not None
        return frame_in(area.adjusted(0, 0, 0, -_FOOT), self.shown.domain)

    def paint(self, painter: QPainter, area: QRectF, tokens: Theme) -> None:
        shown = self.shown
        if shown is None:
            return
        frame = self.frame(area)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.raised))
        painter.drawRect(frame.area)
        paint_axes(painter, frame, tokens)
        paint_arrows(painter, frame, shown, max(2.0, frame.area.width() / 110.0), tokens)
        foot = QRectF(area.left() + LEFT, area.bottom() - _FOOT, area.width() - LEFT - 4, _FOOT)
        named = [(MADE, "generated"), (DATA, "data")] if shown.real is not None else []
        paint_legend(painter, foot, named, tokens)
        painter.setFont(style.mono(10))
        painter.setPen(style.colour(tokens.muted))
        painter.drawText(foot, Qt.AlignmentFlag.AlignVCenter, f"longest {number(shown.longest)}")

    def words_at(self, place: QPointF, area: QRectF) -> str:
        shown = self.shown
        if shown is None:
            return ""
        frame = self.frame(area)
        away = np.hypot(*(frame.places(shown.points) - (place.x(), place.y())).T)
        index = int(np.argmin(np.nan_to_num(away, nan=np.inf)))
        if away[index] > _NEAR:
            return ""
        (x, y), (across, up) = shown.points[index].tolist(), shown.gradients[index].tolist()
        return f"{number(x)}, {number(y)} · ∂L/∂x {number(across)}, {number(up)}"


class ArrowsPainter(Painter[ArrowsView]):
    """The same arrows in the node."""

    kind = "arrows"
    empty = "Press Play to see where the loss pushes the points."

    def room(self, subject: Subject) -> Room | None:
        return Room(1, 1, 132.0, 132.0)

    def thumbnail(self, arrays: Arrays, room: Room, context: Context, theme: Theme) -> QImage | None:
        shown = read_arrows(arrays)
        if shown is None:
            return None

        def draw(painter: QPainter, area: QRectF, theme: Theme) -> None:
            (left, right), (low, high) = shown.domain.tolist()
            paint_arrows(painter, PlaneFrame(area, (left, right), (low, high)), shown, 1.4, theme)

        return picture(room, theme, draw)

    def view(self) -> ArrowsView:
        return ArrowsView()

    def show(self, view: ArrowsView, arrays: Arrays, context: Context) -> bool:
        shown = read_arrows(arrays)
        if shown is None:
            return False
        view.show_arrows(shown)
        return True

    def note(self, view: ArrowsView, moment: str, context: Context) -> str:
        shown = view.shown
        if shown is None:
            return moment
        parts = [f"−∂/∂x of {', '.join(shown.objectives)}"]
        count = len(shown.points)
        parts += [f"first {count:,} of {count + shown.more:,} points"] if shown.more else []
        return " · ".join([*parts, moment])


def paint_arrows(
    painter: QPainter, frame: PlaneFrame, shown: ShownArrows, radius: float, theme: Theme
) -> None:
    """The data faint, the points, and an arrow from each."""
    if shown.real is not None:
        faint = style.colour(DATA, 0.45)
        paint_points(painter, frame, shown.real, [faint] * len(shown.real), radius * 0.9, theme.raised)
    begin, end = shown.ends(frame)
    painter.save()
    painter.setClipRect(frame.area)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(style.colour(theme.text, 0.85), max(0.9, radius * 0.45)))
    painter.setBrush(style.colour(theme.text, 0.85))
    known = np.isfinite(begin).all(axis=1)
    for (x, y), (to_x, to_y) in zip(begin[known].tolist(), end[known].tolist(), strict=True):
        line = QLineF(x, y, to_x, to_y)
        if line.length() > 1.0:
            painter.drawLine(line)
            painter.drawPolygon(_head(line, min(_HEAD, radius * 1.8)))
    painter.restore()
    paint_points(painter, frame, shown.points, [QColor(MADE)] * len(shown.points), radius, theme.raised)


def _head(line: QLineF, size: float) -> QPolygonF:
    """The tip of an arrow; smaller on short ones."""
    size = min(size, line.length() * 0.6)
    turn = math.atan2(line.dy(), line.dx())
    corners = [line.p2()]
    for side in (2.6, -2.6):
        corners.append(line.p2() + QPointF(math.cos(turn + side), math.sin(turn + side)) * size)
    return QPolygonF(corners)
