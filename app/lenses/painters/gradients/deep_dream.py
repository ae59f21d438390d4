"""Paints a deep dream: the pinned picture, what it is after each octave, and how far the excitement went."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen

from app.lenses.colour_maps import FloatArray, sample_image
from app.lenses.feature_maps import grid_columns
from app.lenses.painter import Arrays, Context, Painter, Subject, picture
from app.lenses.painters.gradients.grown_view import GrownView
from app.lenses.painters.gradients.heat_paint import LEFT, RIGHT
from app.lenses.room import Room
from app.style import theme as style
from app.style.theme import Theme
from app.widgets.numbers import number

_ROOM = Room(1, 1, 132.0, 64.0, crisp=True)
_HEAD, _CURVE, _LABEL, _GAP = 20.0, 62.0, 16.0, 10.0
_TALLEST = 520


@dataclass(frozen=True, eq=False)
class Dreamt:
    """`pictures` (k, C, H, W), the pinned one first, with `low` black and `high` white."""

    pictures: FloatArray
    labels: tuple[str, ...]
    low: float
    high: float
    excited: str
    before: float
    after: float
    reached: FloatArray
    maps: int
    """Channels of what is changed; of other than one or three only the first is shown."""
    left_out: int
    """Octaves whose size the network does not take."""
    asked: int
    """Steps that were asked for; `reached` has fewer where there was no time for all."""

    @property
    def heading(self) -> str:
        return f"{self.excited} {number(self.before)} → {number(self.after)}"


class DeepDreamPainter(Painter[GrownView]):
    """The first and the last picture in the node; all of them with the curve in a view."""

    kind = "deep_dream"
    empty = "Press Play to see what excites this layer."

    def room(self, subject: Subject) -> Room | None:
        return _ROOM

    def thumbnail(self, arrays: Arrays, room: Room, context: Context, theme: Theme) -> QImage | None:
        dreamt = read_dream(arrays)
        return None if dreamt is None else picture(room, theme, partial(_paint_small, dreamt))

    def view(self) -> GrownView:
        return GrownView()

    def show(self, view: GrownView, arrays: Arrays, context: Context) -> bool:
        dreamt = read_dream(arrays)
        if dreamt is None:
            return False
        view.show_drawn(dreamt, partial(_paint, dreamt), partial(_height, dreamt), partial(_text_at, dreamt))
        return True

    def note(self, view: GrownView, moment: str, context: Context) -> str:
        dreamt = view.shown
        if not isinstance(dreamt, Dreamt):
            return moment
        taken = len(dreamt.reached)
        some = f"{taken:,} of {dreamt.asked:,}" if taken < dreamt.asked else f"{taken:,}"
        parts = [f"{some} steps", moment]
        if dreamt.maps not in (1, 3):
            parts.insert(1, f"first of {dreamt.maps:,} maps")
        if dreamt.left_out:
            count = len(dreamt.pictures) - 1
            parts.insert(1, f"{count} of {count + dreamt.left_out} octaves fit the layers")
        return " · ".join(parts)


def read_dream(arrays: Arrays) -> Dreamt | None:
    """The dream in a frame of arrays; None where there is none."""
    pictures = arrays.get("pictures")
    if pictures is None or pictures.ndim != 4 or not pictures.size:
        return None
    values = np.asarray(pictures, np.float32)
    channel, count = (int(one) for one in arrays["channel"])
    excited = "Squares of the layer" if channel < 0 else f"Channel {channel:,} of {count:,}"
    sides = [f"{high}×{wide}" for high, wide in np.asarray(arrays["octaves"]).tolist()]
    (low, high), (before, after) = arrays["bounds"].tolist(), arrays["ends"].tolist()
    left_out = int(arrays["asked"]) - len(sides)
    reached = np.asarray(arrays["reached"], np.float32)
    maps, first = int(arrays["maps"]), "sample" if arrays["of_data"] else "before"
    asked, labels = int(arrays["asked_steps"]), (first, *sides)
    return Dreamt(values, labels, low, high, excited, before, after, reached, maps, left_out, asked)


def picture_places(area: QRectF, dreamt: Dreamt) -> list[QRectF]:
    """Where the pictures are, in rows, as large as there is room for all."""
    count = len(dreamt.pictures)
    high, wide = dreamt.pictures.shape[2:]
    room = area.height() - _HEAD - _CURVE
    columns = grid_columns(count, max(1, int(area.width())), max(1, int(room)), wide / (high + _LABEL))
    rows = -(-count // columns)
    across = (area.width() - _GAP * (columns - 1)) / columns
    down = room / rows - _LABEL
    scale = max(0.1, min(across / wide, down / high))
    size = (wide * scale, high * scale)
    return [
        QRectF(
            area.left() + (index % columns) * (size[0] + _GAP),
            area.top() + _HEAD + (index // columns) * (size[1] + _LABEL),
            *size,
        )
        for index in range(count)
    ]


def curve_box(area: QRectF, places: list[QRectF]) -> QRectF:
    """Where the curve is, below the pictures."""
    top = places[-1].bottom() + _LABEL + 6
    return QRectF(area.left(), top, area.width(), _CURVE - 24)


def _paint(
    dreamt: Dreamt, painter: QPainter, area: QRectF, theme: Theme, mouse: QPointF | None = None
) -> None:
    painter.setFont(style.sans(12))
    painter.setPen(style.colour(theme.text))
    told = painter.fontMetrics()
    heading = told.elidedText(dreamt.heading, Qt.TextElideMode.ElideRight, int(area.width()))
    painter.drawText(QRectF(area.left(), area.top(), area.width(), _HEAD - 4), LEFT, heading)
    places = picture_places(area, dreamt)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    for values, label, place in zip(dreamt.pictures, dreamt.labels, places, strict=True):
        painter.drawImage(place, sample_image(values, dreamt.low, dreamt.high))
        painter.setFont(style.mono(10) if label[:1].isdigit() else style.sans(10))
        painter.setPen(style.colour(theme.muted))
        painter.drawText(QRectF(place.left(), place.bottom() + 1, place.width(), 14), LEFT, label)
    _paint_curve(dreamt, painter, curve_box(area, places), theme, mouse)


def _paint_curve(dreamt: Dreamt, painter: QPainter, box: QRectF, theme: Theme, mouse: QPointF | None) -> None:
    """The excitement by steps; a hairline where an octave begins."""
    values = dreamt.reached
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    span = (high - low) or 1.0
    xs = box.left() + np.arange(len(values)) / max(1, len(values) - 1) * box.width()
    ys = box.bottom() - (values - low) / span * box.height()
    painter.setPen(QPen(style.colour(theme.hairline), 1))
    each = len(values) // max(1, len(dreamt.pictures) - 1)
    for start in range(0, len(values), max(1, each)):
        painter.drawLine(QPointF(float(xs[start]), box.top()), QPointF(float(xs[start]), box.bottom()))
    painter.drawLine(box.bottomLeft(), box.bottomRight())
    painter.setPen(QPen(style.colour(theme.accent), 2))
    painter.drawPolyline([QPointF(float(x), float(y)) for x, y in zip(xs, ys, strict=True)])
    below = QRectF(box.left(), box.bottom() + 2, box.width(), 14)
    painter.setFont(style.sans(10))
    painter.setPen(style.colour(theme.muted))
    painter.drawText(below, LEFT, "mean before each step")
    painter.setFont(style.mono(10))
    painter.drawText(below, RIGHT, f"{number(low)} to {number(high)}")
    step = _step_at(dreamt, mouse, box) if mouse is not None else None
    if step is not None:
        painter.setPen(QPen(style.colour(theme.text), 1))
        painter.setBrush(style.colour(theme.accent))
        painter.drawEllipse(QPointF(float(xs[step]), float(ys[step])), 3.5, 3.5)


def _step_at(dreamt: Dreamt, place: QPointF, box: QRectF) -> int | None:
    if not box.adjusted(-4, -4, 4, 4).contains(place):
        return None
    last = len(dreamt.reached) - 1
    return max(0, min(last, round((place.x() - box.left()) / box.width() * last)))


def _paint_small(dreamt: Dreamt, painter: QPainter, area: QRectF, _theme: Theme) -> None:
    """The first and the last picture side by side."""
    high, wide = dreamt.pictures.shape[2:]
    scale = min((area.width() - 4) / 2 / wide, area.height() / high)
    size = (wide * scale, high * scale)
    left = area.center().x() - size[0] - 2
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    for index, values in enumerate((dreamt.pictures[0], dreamt.pictures[-1])):
        box = QRectF(left + index * (size[0] + 4), area.top() + (area.height() - size[1]) / 2, *size)
        painter.drawImage(box, sample_image(values, dreamt.low, dreamt.high))


def _height(dreamt: Dreamt, width: int) -> int:
    count = len(dreamt.pictures)
    columns = min(count, 2 if width < 420 else 4)
    high, wide = dreamt.pictures.shape[2:]
    side = (width - _GAP * (columns - 1)) / columns * high / wide
    return min(_TALLEST, int(_HEAD + _CURVE + -(-count // columns) * (side + _LABEL)))


def _text_at(dreamt: Dreamt, place: QPointF, area: QRectF) -> str:
    """The pixel or the step under a point."""
    places = picture_places(area, dreamt)
    for values, label, box in zip(dreamt.pictures, dreamt.labels, places, strict=True):
        if box.contains(place):
            high, wide = values.shape[1:]
            row = min(high - 1, int((place.y() - box.top()) / box.height() * high))
            column = min(wide - 1, int((place.x() - box.left()) / box.width() * wide))
            pixel = ", ".join(number(float(one)) for one in values[:, row, column])
            return f"{label} · {row}, {column} · {pixel}"
    step = _step_at(dreamt, place, curve_box(area, places))
    return "" if step is None else f"step {step + 1} · {number(float(dreamt.reached[step]))}"
