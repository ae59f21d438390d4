"""The ground of the canvas: dots every 20 px, drawn as rows of one narrow picture.

Single dots would cost more than all nodes; a row is made once per zoom and drawn where its dots belong.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRect, QSize
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap

from app.canvas.items.measures import DOT_STEP
from app.style import theme

_CLOSEST = 14.0
"""Pixels on screen between dots at least; farther out every other one is left out."""


class DotGround:
    """Paints the ground; keeps the picture of one row."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._row = QPixmap()

    def paint(
        self, painter: QPainter, area: QRect, size: QSize, zoom: float, origin: QPointF, ratio: float
    ) -> None:
        """Fill `area` of the viewport; `origin` is where the scene's (0, 0) is on it."""
        now = theme.current()
        painter.fillRect(area, QColor(now.canvas))
        step = DOT_STEP * zoom
        while step < _CLOSEST:
            step *= 2
        side = max(1, round((1.8 if zoom >= 0.5 else 1.4) * ratio))
        self._prepare(size.width(), step, side, ratio, now.dots)
        x = _snapped(origin.x() % step - step, ratio)
        first = int((area.top() - origin.y()) // step)
        last = int((area.bottom() - origin.y()) // step) + 1
        for row in range(first, last + 1):
            painter.drawPixmap(QPointF(x, _snapped(origin.y() + row * step, ratio)), self._row)

    def _prepare(self, width: int, step: float, side: int, ratio: float, dots: str) -> None:
        key = (width, step, side, ratio, dots)
        if key == self._key:
            return
        self._key = key
        pixels = np.zeros((side, round((width + 2 * step) * ratio) + side), np.uint32)
        starts = np.rint(np.arange(int(width / step) + 3) * step * ratio).astype(np.int64)
        for shift in range(side):
            pixels[:, np.minimum(starts + shift, pixels.shape[1] - 1)] = QColor(dots).rgba()
        if side > 2:  # rounded
            for row in (0, side - 1):
                for shift in (0, side - 1):
                    pixels[row, np.minimum(starts + shift, pixels.shape[1] - 1)] = 0
        kind = QImage.Format.Format_ARGB32_Premultiplied
        image = QImage(pixels.data, pixels.shape[1], side, pixels.shape[1] * 4, kind)
        self._row = QPixmap.fromImage(image.copy())
        self._row.setDevicePixelRatio(ratio)


def _snapped(value: float, ratio: float) -> float:
    return round(value * ratio) / ratio
