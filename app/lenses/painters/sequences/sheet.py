"""What a sheet is: one of several ways to show the same values, painted to the size that it is given."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPainter, QPen

from app.lenses.colour_maps import RgbArray, sequential_pixels, signed_pixels, signed_scale, to_image
from app.style import theme as style
from app.style.theme import Theme
from app.widgets.numbers import number

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
MIDDLE = Qt.AlignmentFlag.AlignCenter
FOOT = 18.0
"""Height of the line below a sheet."""
TALLEST = 640.0


class PaintedSheet(ABC):
    """One way to show what was read. `mouse` is where the mouse is, None where it is elsewhere."""

    @abstractmethod
    def height(self, width: float) -> float:
        """As high as it wants to be in this width."""

    @abstractmethod
    def paint(self, painter: QPainter, area: QRectF, theme: Theme, mouse: QPointF | None) -> None: ...

    @abstractmethod
    def words(self, place: QPointF, area: QRectF) -> str:
        """What is at a place; empty: nothing."""

    def pressed(self, place: QPointF, area: QRectF) -> int | None:
        """The number of what was clicked, where something can be chosen."""
        return None

    def dragged(self, by: QPointF, area: QRectF) -> bool:
        """The mouse was dragged over it; whether that changed something."""
        return False


def ground_of(colour: str) -> RgbArray:
    held = style.colour(colour)
    return np.array((held.blue(), held.green(), held.red(), 255), np.uint8)


def heat(
    values: NDArray[np.floating], theme: Theme, *, signed: bool, scale: float = 0.0, shares: bool = False
) -> QImage:
    """A matrix as an image of a pixel a value: signed colours, or viridis from 0 on; NaN is raised ground.

    Of `shares`, colours go by the square root: where few add up to 1 in one row and many in another, both
    are seen.
    """
    ground = ground_of(theme.raised)
    if shares:
        values, scale = np.sqrt(np.maximum(values, 0.0)), float(np.sqrt(scale or top_of(values)))
    if signed:
        pixels = signed_pixels(values, scale or signed_scale(values), theme)
    else:
        pixels = sequential_pixels(values, 0.0, scale or top_of(values))
    pixels[np.isnan(values)] = ground
    return to_image(pixels)


def top_of(values: NDArray[np.floating]) -> float:
    """The largest value; 1 where there is none."""
    known = values[np.isfinite(values)]
    return float(known.max()) if known.size and known.max() > 0 else 1.0


def draw_sharp(painter: QPainter, place: QRectF, image: QImage) -> None:
    """An image whose pixels stay squares."""
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(place, image)


def legend(
    painter: QPainter,
    line: QRectF,
    theme: Theme,
    low: float,
    high: float,
    *,
    signed: bool,
    shares: bool = False,
) -> float:
    """The scale of colours at the right end of a line; returns how wide it is."""
    painter.setFont(style.mono(10))
    told = QFontMetrics(painter.font())
    words = tuple("0" if end == 0 else number(end).replace("-", "−") for end in (low, high))
    ends = [told.horizontalAdvance(one) for one in words]
    wide = ends[0] + ends[1] + 56.0
    left = line.right() - wide
    painter.setPen(style.colour(theme.muted))
    painter.drawText(QRectF(left, line.top(), ends[0], line.height()), LEFT, words[0])
    painter.drawText(QRectF(line.right() - ends[1], line.top(), ends[1], line.height()), RIGHT, words[1])
    steps = np.linspace(-1.0 if signed else 0.0, 1.0, 48, dtype=np.float32)[None]
    bar = QRectF(left + ends[0] + 4, line.center().y() - 3, 48, 6)
    draw_sharp(painter, bar, heat(steps, theme, signed=signed, scale=1.0, shares=shares))
    painter.setPen(QPen(style.colour(theme.hairline), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(bar)
    return wide


def foot(painter: QPainter, line: QRectF, theme: Theme, words: str, *, mono: bool = False) -> None:
    """Words in the line below, cut where they find no room."""
    painter.setFont(style.mono(11) if mono else style.sans(11))
    painter.setPen(style.colour(theme.text if mono else theme.muted))
    shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(line.width()))
    painter.drawText(line, LEFT, shown)
