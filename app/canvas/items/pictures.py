"""The small pictures inside data sources: samples, points, a series.

Functions from previews to QImage.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from app.lenses.colour_maps import grey_pixels, tiles_in
from app.lenses.room import Room
from app.lenses.samples import plain_values
from app.style.theme import NEGATIVE, POSITIVE, Theme
from nodes.reading.preview import SetPreview

_DENSITY = 2


def preview_sheet(preview: SetPreview, picture: Room, theme: Theme) -> QImage | None:
    """Samples of a data set, as the card of its source has room for them."""
    if preview.images is not None:
        return _samples(preview.images[: picture.count], picture)
    if preview.points is not None:
        return _points(preview.points, plain_values(preview.points, preview.values), picture, theme)
    if preview.values is not None:
        return _series(preview.values, picture, theme)
    return None


def _samples(images: NDArray[np.generic], picture: Room) -> QImage:
    if images.shape[1] == 3:
        pixels = np.full((*images.shape[:1], *images.shape[2:], 4), 255, np.uint8)
        pixels[..., 2], pixels[..., 1], pixels[..., 0] = images[:, 0], images[:, 1], images[:, 2]
    else:
        pixels = grey_pixels(images[:, 0])
    return tiles_in(picture, pixels)


def _canvas(picture: Room, theme: Theme) -> QImage:
    size = (round(picture.width * _DENSITY * 2), round(picture.height * _DENSITY * 2))
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(QColor(theme.raised))
    return image


def _points(points: NDArray[np.float64], values: NDArray[np.float64], picture: Room, theme: Theme) -> QImage:
    image = _canvas(picture, theme)
    low, high = points.min(axis=0), points.max(axis=0)
    middle, reach = (low + high) / 2, max(1e-9, float((high - low).max())) * 0.54
    side = min(image.width(), image.height()) / 2
    places = (points - middle) / reach * side * (1, -1) + (image.width() / 2, image.height() / 2)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for colour, held in ((NEGATIVE, places[values < 0]), (POSITIVE, places[values >= 0])):
        painter.setPen(QPen(QColor(colour), 3.0 * _DENSITY, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawPoints(QPolygonF([QPointF(x, y) for x, y in held[:400]]))
    painter.end()
    return image


def _series(values: NDArray[np.float64], picture: Room, theme: Theme) -> QImage:
    image = _canvas(picture, theme)
    shown = values.ravel()[-600:]
    low, high = float(shown.min()), float(shown.max())
    box = QRectF(image.rect()).adjusted(8, 8, -8, -8)
    x = np.linspace(box.left(), box.right(), len(shown))
    y = box.bottom() - (shown - low) / max(1e-12, high - low) * box.height()
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.family("data")), 1.5 * _DENSITY))
    painter.drawPolyline(QPolygonF([QPointF(a, b) for a, b in zip(x, y, strict=True)]))
    painter.end()
    return image
