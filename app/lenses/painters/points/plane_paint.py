"""How a plane is painted: heat maps, dots in the colours of their labels, axes in the unit of the data.

Functions over a painter and an area.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QLinearGradient, QPainter, QPen

from app.charts.ticks import scale_for
from app.lenses.colour_maps import FloatArray, signed_pixels, to_image
from app.lenses.sample_paint import paint_stamped
from app.lenses.samples import CATEGORIES
from app.style import theme as style
from app.style.theme import NEGATIVE, POSITIVE, Theme
from app.widgets.numbers import number

DATA, MADE, NOISE = POSITIVE, NEGATIVE, "#8c96a5"
"""Colours of data, of what a network made of noise, and of the noise."""
LEFT, BOTTOM, TOP, RIGHT = 30.0, 17.0, 4.0, 6.0
"""Room for the numbers at the axes, in pixels."""
MANY = 1500
"""More dots than these are stamped together."""
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_MIDDLE = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class PlaneFrame:
    """The part (`x`, `y` each from low to high) of a plane that an area of the screen shows."""

    area: QRectF
    x: tuple[float, float]
    y: tuple[float, float]

    def places(self, points: NDArray[np.generic]) -> NDArray[np.float64]:
        """Pixels (n, 2) of points (n, 2)."""
        held = np.asarray(points, np.float64)
        wide, high = (self.x[1] - self.x[0]) or 1.0, (self.y[1] - self.y[0]) or 1.0
        across = self.area.left() + (held[:, 0] - self.x[0]) / wide * self.area.width()
        down = self.area.bottom() - (held[:, 1] - self.y[0]) / high * self.area.height()
        return np.stack([across, down], axis=1)

    def point(self, place: QPointF) -> tuple[float, float]:
        """The point of the plane at a pixel."""
        across = (place.x() - self.area.left()) / max(1.0, self.area.width())
        up = (self.area.bottom() - place.y()) / max(1.0, self.area.height())
        return self.x[0] + across * (self.x[1] - self.x[0]), self.y[0] + up * (self.y[1] - self.y[0])


def frame_in(area: QRectF, domain: NDArray[np.generic]) -> PlaneFrame:
    """The largest square in an area beside the numbers of its axes."""
    room = area.adjusted(LEFT, TOP, -RIGHT, -BOTTOM)
    side = max(8.0, min(room.width(), room.height()))
    square = QRectF(room.left(), room.top(), side, side)
    (left, right), (low, high) = np.asarray(domain, np.float64)
    return PlaneFrame(square, (float(left), float(right)), (float(low), float(high)))


def paint_heat(painter: QPainter, area: QRectF, values: FloatArray, scale: float, theme: Theme) -> None:
    """A map (S, S) in signed colours, the largest y first, smooth between its points."""
    image = to_image(signed_pixels(values, scale, theme))
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
    painter.drawImage(area, image)


def paint_axes(
    painter: QPainter,
    frame: PlaneFrame,
    theme: Theme,
    names: tuple[str, ...] = (),
    *,
    grid: bool = True,
    only_x: bool = False,
) -> None:
    """Numbers at round places left of the area and below it, with hairlines within."""
    area = frame.area
    painter.setFont(style.mono(10))
    told = QFontMetricsF(painter.font())
    for axis, (low, high) in enumerate((frame.x,) if only_x else (frame.x, frame.y)):
        for tick in scale_for(low, high).ticks:
            share = (tick - low) / ((high - low) or 1.0)
            if not -1e-6 <= share <= 1 + 1e-6:
                continue
            label = number(round(tick, 10)).replace("-", "−")
            half = told.horizontalAdvance(label) / 2 + 2
            x, y = area.left() + share * area.width(), area.bottom() - share * area.height()
            line = (
                QLineF(x, area.top(), x, area.bottom())
                if axis == 0
                else QLineF(area.left(), y, area.right(), y)
            )
            painter.setPen(QPen(style.colour(theme.hairline, 0.9 if grid else 0.0), 1))
            if 0.01 < share < 0.99 and grid:
                painter.drawLine(line)
            painter.setPen(style.colour(theme.muted))
            if axis == 0:
                x = min(max(x, area.left() + half), area.right() + RIGHT - half)
                painter.drawText(QRectF(x - half, area.bottom() + 3, 2 * half, 13), _MIDDLE, label)
            else:
                y = min(max(y, area.top() + 5), area.bottom() - 5)
                painter.drawText(QRectF(area.left() - LEFT, y - 7, LEFT - 5, 14), _RIGHT, label)
    _paint_names(painter, frame, theme, names)


def _paint_names(painter: QPainter, frame: PlaneFrame, theme: Theme, names: tuple[str, ...]) -> None:
    """What the axes are called, inside at their ends, where the area is large enough."""
    if len(names) != 2 or min(frame.area.width(), frame.area.height()) < 150:
        return
    painter.setFont(style.sans(11))
    told = QFontMetricsF(painter.font())
    spots = ((names[0], 1.0, 0.0), (names[1], 0.0, 1.0))
    for name, across, up in spots:
        words = told.elidedText(name, Qt.TextElideMode.ElideRight, frame.area.width() / 2)
        wide = told.horizontalAdvance(words) + 8
        left = frame.area.right() - wide - 3 if across else frame.area.left() + 3
        top = frame.area.top() + 3 if up else frame.area.bottom() - 19
        box = QRectF(left, top, wide, 16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(style.colour(theme.panel, 0.75))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(style.colour(theme.text))
        painter.drawText(box, _MIDDLE, words)


def colours_of(labels: NDArray[np.generic] | None, count: int, *, made: bool = False) -> list[QColor]:
    """A colour for each of `count` dots: of two classes orange and blue, of more ten that stay apart, of
    values from orange to blue; without labels that of data, or of what was `made`.
    """
    if labels is None or len(labels) != count:
        return [QColor(MADE if made else DATA)] * count
    if labels.dtype.kind in "iu":
        kinds = np.asarray(labels, np.int64)
        palette = (NEGATIVE, POSITIVE) if kinds.max(initial=0) < 2 else CATEGORIES
        return [QColor(palette[int(kind) % len(palette)]) for kind in kinds]
    values = np.nan_to_num(np.asarray(labels, np.float64))
    low, high = float(values.min(initial=0.0)), float(values.max(initial=0.0))
    if set(np.unique(values).tolist()) <= {0.0, 1.0}:
        low, high = 0.0, 1.0
    elif low < 0.0 < high:
        low, high = -max(-low, high), max(-low, high)
    shares = (values - low) / ((high - low) or 1.0)
    tints = [QColor(name) for name in (NEGATIVE, "#c8ccd2", POSITIVE)]
    ends = [np.array((tint.red(), tint.green(), tint.blue()), np.float64) for tint in tints]
    found = []
    for share in shares.tolist():
        place = int(share >= 0.5)
        mixed = ends[place] + (ends[place + 1] - ends[place]) * (share * 2 - place)
        red, green, blue = mixed.tolist()
        found.append(QColor(round(red), round(green), round(blue)))
    return found


def paint_points(
    painter: QPainter,
    frame: PlaneFrame,
    points: NDArray[np.generic],
    colours: list[QColor],
    radius: float,
    ground: str,
) -> None:
    """Dots with a thin edge of the ground, so that they stand out on every field; of many, without it."""
    painter.save()
    painter.setClipRect(frame.area)
    if len(points) > MANY:
        places, tints = frame.places(points), np.array([colour.rgba() for colour in colours])
        for tint in dict.fromkeys(tints.tolist()):
            chosen = places[tints == tint]
            paint_stamped(painter, chosen, radius, QColor.fromRgba(tint), frame.area)
        painter.restore()
        return
    ratio = painter.deviceTransform().m11()
    kept: dict[int, QImage] = {}
    reach = radius + 1.5
    places = np.round((frame.places(points) - reach) * ratio) / ratio
    for (x, y), colour in zip(places.tolist(), colours, strict=True):
        if np.isfinite(x) and np.isfinite(y):
            tint = colour.rgba()
            if tint not in kept:
                kept[tint] = _dot(colour, radius, ratio, ground)
            painter.drawImage(QPointF(x, y), kept[tint])
    painter.restore()


def _dot(colour: QColor, radius: float, ratio: float, ground: str) -> QImage:
    """One dot; copying it is ten times as fast as painting each anew."""
    side = round((2 * radius + 3.0) * ratio)
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(style.colour(ground, 0.9), max(0.6, radius * 0.3)))
    painter.setBrush(colour)
    painter.drawEllipse(QPointF(radius + 1.5, radius + 1.5), radius, radius)
    painter.end()
    return image


def paint_scale(
    painter: QPainter, area: QRectF, scale: float, theme: Theme, ends: tuple[str, str] = ("", "")
) -> float:
    """The colours from −scale to scale with both ends: values, or words. Returns where they end."""
    low, high = ends if any(ends) else (f"−{number(scale)}", number(scale))
    painter.setFont(style.mono(10) if not any(ends) else style.sans(11))
    told = QFontMetricsF(painter.font())
    left = told.horizontalAdvance(low) + 5
    bar = QRectF(area.left() + left, area.center().y() - 3, 56, 6)
    shades = QLinearGradient(bar.topLeft(), bar.topRight())
    for at, name in ((0.0, NEGATIVE), (0.5, theme.panel), (1.0, POSITIVE)):
        shades.setColorAt(at, QColor(name))
    painter.setPen(QPen(style.colour(theme.hairline), 1))
    painter.setBrush(shades)
    painter.drawRoundedRect(bar, 3, 3)
    painter.setPen(style.colour(theme.muted))
    painter.drawText(QRectF(area.left(), area.top(), left, area.height()), _LEFT, low)
    after = QRectF(bar.right() + 5, area.top(), told.horizontalAdvance(high) + 4, area.height())
    painter.drawText(after, _LEFT, high)
    return after.right()


def paint_legend(painter: QPainter, area: QRectF, named: list[tuple[str, str]], theme: Theme) -> None:
    """What the colours of dots mean, from the right: pairs of a colour and a word; what has no room is left
    out.
    """
    painter.setFont(style.sans(11))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    told = QFontMetricsF(painter.font())
    x = area.right()
    for colour, word in reversed(named):
        wide = told.horizontalAdvance(word)
        if x - wide - 12 < area.left():
            break
        painter.setPen(style.colour(theme.muted))
        painter.drawText(QRectF(x - wide, area.top(), wide + 2, area.height()), _LEFT, word)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        painter.drawEllipse(QPointF(x - wide - 7, area.center().y()), 3, 3)
        x -= wide + 22


def dots_named(
    labels: NDArray[np.generic] | None, classes: tuple[str, ...], *, made: bool, data: bool
) -> list[tuple[str, str]]:
    """The colours of dots with their meaning; none for values."""
    found: list[tuple[str, str]] = []
    if labels is not None and labels.dtype.kind in "iu":
        kinds = sorted(set(np.asarray(labels).tolist()))
        palette = (NEGATIVE, POSITIVE) if max(kinds, default=0) < 2 else CATEGORIES
        names = [classes[kind] if kind < len(classes) else str(kind) for kind in kinds]
        found += [(palette[kind % len(palette)], name) for kind, name in zip(kinds, names, strict=True)]
    elif data and made:
        found.append((DATA, "data"))
    if made:
        found.append((MADE, "generated"))
    return found
