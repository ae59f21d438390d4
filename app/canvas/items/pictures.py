"""Arrays become the small pictures inside nodes: feature maps, strips of features, samples, points, series.

Functions from numpy and previews to QImage; each is a few vectorised steps, so that thirty frames a second
cost next to nothing. Knows nothing of nodes and runs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from app.canvas.items.card import Picture
from app.lenses.colour_maps import grey_pixels, signed_pixels, signed_scale, tile, to_image
from app.lenses.feature_maps import map_tiles
from app.lenses.sample_paint import DotLook, TextLook, paint_dots, paint_texts
from app.lenses.sampled import DOTS, IMAGES, Sampled, bounds_of, image_pixels
from app.lenses.samples import plain_values
from app.style.theme import NEGATIVE, POSITIVE, Theme
from engine.data.preview import Preview

_DENSITY = 2
_STRIP = 64
"""Features side by side in a strip; of more, neighbours are averaged."""


def live_sheet(output: NDArray[np.generic], picture: Picture, theme: Theme) -> QImage | None:
    """What a node puts out for one sample, as its card has room for it."""
    if picture.kind == "strip":
        return _strip(np.asarray(output, dtype=np.float32).ravel(), theme)
    if picture.kind != "maps" or np.ndim(output) < 2:
        return None
    tiles = map_tiles(output, picture.count)
    return tile(signed_pixels(tiles.values, tiles.scale, theme), picture.columns, gap=0)


def _strip(values: NDArray[np.float32], theme: Theme) -> QImage | None:
    if not values.size:
        return None
    scale = signed_scale(values)
    if values.size > _STRIP:
        edges = np.linspace(0, values.size, _STRIP + 1).astype(np.int64)[:-1]
        sums = np.add.reduceat(values, edges)
        values = (sums / np.diff(np.append(edges, values.size))).astype(np.float32)
    return to_image(signed_pixels(values[None], scale, theme))


def drawn_sheet(sampled: Sampled, picture: Picture, theme: Theme) -> QImage | None:
    """What a sampler drew, as its card has room for it: of walks, the first picture of each."""
    shown = sampled.at(0) if sampled.film else sampled
    if shown.kind == IMAGES:
        return tile(image_pixels(shown.values[: picture.count]), picture.columns, gap=0)
    image = QImage(
        round(picture.width * _DENSITY), round(picture.height * _DENSITY), QImage.Format.Format_RGB32
    )
    image.fill(QColor(theme.raised))
    image.setDevicePixelRatio(_DENSITY)
    painter, area = QPainter(image), QRectF(0, 0, picture.width, picture.height)
    if shown.kind == DOTS:
        look = DotLook(radius=1.2, axes=False, names=False)
        paint_dots(painter, shown, bounds_of(shown), area, look, theme)
    else:
        painter.setClipRect(area)
        paint_texts(painter, shown, area.adjusted(6, 5, -4, 0), TextLook(10, 6.0, 6, numbers=False), theme)
    painter.end()
    image.setDevicePixelRatio(1.0)
    return image


def preview_sheet(preview: Preview, picture: Picture, theme: Theme) -> QImage | None:
    """Samples of a data set, as the card of its source has room for them."""
    if picture.kind == "samples" and preview.images is not None:
        return _samples(preview.images[: picture.count], picture)
    if picture.kind == "points" and preview.points is not None:
        return _points(preview.points, plain_values(preview.points, preview.values), picture, theme)
    if picture.kind == "series" and preview.values is not None:
        return _series(preview.values, picture, theme)
    return None


def _samples(images: NDArray[np.generic], picture: Picture) -> QImage:
    if images.shape[1] == 3:
        pixels = np.full((*images.shape[:1], *images.shape[2:], 4), 255, np.uint8)
        pixels[..., 2], pixels[..., 1], pixels[..., 0] = images[:, 0], images[:, 1], images[:, 2]
    else:
        pixels = grey_pixels(images[:, 0])
    return tile(pixels, picture.columns, gap=0)


def _canvas(picture: Picture, theme: Theme) -> QImage:
    size = (round(picture.width * _DENSITY * 2), round(picture.height * _DENSITY * 2))
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(QColor(theme.raised))
    return image


def _points(
    points: NDArray[np.float64], values: NDArray[np.float64], picture: Picture, theme: Theme
) -> QImage:
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


def _series(values: NDArray[np.float64], picture: Picture, theme: Theme) -> QImage:
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
