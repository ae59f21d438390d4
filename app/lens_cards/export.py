"""A card as files: its picture with a line of words (PNG, SVG, GIF) and the numbers behind it (CSV, NPZ).

Pure functions from a view or arrays to images and bytes; who calls writes them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import BytesIO, StringIO

import numpy as np
from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget

from app.lenses.painter import Arrays
from app.style import theme
from app.style.svg import drawn_svg

DENSITY = 2.0
_MARGIN, _CAPTION = 12, 18
"""Ground around the picture, and the height of the line of words below it."""
_LEAST = 320
"""Least width of a page, so that its words have room."""


def page_size(view: QWidget) -> QSize:
    """Of the picture of a view, at 100 %."""
    width = max(_LEAST, view.width() + 2 * _MARGIN)
    return QSize(width, view.height() + 2 * _MARGIN + _CAPTION)


def picture(view: QWidget, caption: str, density: float = DENSITY) -> QImage:
    """The view as it is shown, on the panel's ground, with the caption below it."""
    image = QImage(page_size(view) * density, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(density)
    painter = QPainter(image)
    try:
        _paint(painter, view, caption)
    finally:
        painter.end()
    return image


def of_one_size(images: list[QImage]) -> list[QImage]:
    """The same pictures, each with as much ground at its right and below it as the largest needs."""
    size = QSize()
    for image in images:
        size = size.expandedTo(image.size())
    return [image if image.size() == size else _on_ground(image, size) for image in images]


def _on_ground(image: QImage, size: QSize) -> QImage:
    page = QImage(size, QImage.Format.Format_RGB32)
    page.fill(theme.colour(theme.current().panel))
    painter = QPainter(page)
    painter.drawImage(QRect(QPoint(), image.size()), image)
    painter.end()
    return page


def svg_data(view: QWidget, caption: str) -> bytes:
    """The same as lines and text that stay sharp at every size; maps of pixels stay pictures."""
    return drawn_svg(page_size(view), lambda painter: _paint(painter, view, caption), caption)


def _paint(painter: QPainter, view: QWidget, caption: str) -> None:
    tokens, size = theme.current(), page_size(view)
    painter.fillRect(QRect(QPoint(), size), theme.colour(tokens.panel))
    view.render(painter, QPoint(_MARGIN, _MARGIN), renderFlags=QWidget.RenderFlag.DrawChildren)
    painter.setFont(theme.mono(11))
    painter.setPen(theme.colour(tokens.muted))
    room = QRectF(_MARGIN, view.height() + 1.5 * _MARGIN, size.width() - 2 * _MARGIN, _CAPTION)
    shown = painter.fontMetrics().elidedText(caption, Qt.TextElideMode.ElideRight, int(room.width()))
    painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)


def csv_data(arrays: Arrays) -> bytes:
    """One row per number: the name of its array, its place along each axis, its value."""
    held = StringIO()
    writer = csv.writer(held)
    axes = max((array.ndim for array in arrays.values()), default=0)
    writer.writerow(["array", *(f"axis {axis}" for axis in range(axes)), "value"])
    for name, array in arrays.items():
        writer.writerows(_rows(name, array, axes))
    return held.getvalue().encode()


def _rows(
    name: str, array: np.ndarray[tuple[int, ...], np.dtype[np.generic]], axes: int
) -> Iterator[list[object]]:
    empty = [""] * (axes - array.ndim)
    places = np.ndindex(array.shape)
    for place, value in zip(places, array.ravel().tolist(), strict=True):
        yield [name, *place, *empty, f"{value:.9g}" if isinstance(value, float) else value]


def npz_data(arrays: Arrays) -> bytes:
    """The arrays as they are, by name, to be read with `numpy.load`."""
    held = BytesIO()
    np.savez_compressed(held, **dict(arrays))  # type: ignore[arg-type]  # names of arrays
    return held.getvalue()
