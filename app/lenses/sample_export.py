"""Samples as files: a picture at their own resolution, a moving one through a run or from noise to sample.

Pure drawing into images of its own, so that it may run in any thread. Raises `OSError` with a sentence where
a file cannot be written.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from app.lenses import sample_paint as paint
from app.lenses.picture_files import gif_data, png_data, write_file
from app.lenses.sampled import DOTS, IMAGES, TEXTS, AxisRange, Sampled
from app.style import theme as themes
from app.style.theme import Theme

SCALES = (1, 2, 4, 8)
_PLANE, _PAGE, _MARGIN, _CAPTION = 240, 480, 12, 22


@dataclass(frozen=True)
class Style:
    """How samples are written: pixels of the file for each of their own, room between pictures, the plane."""

    scale: int = 1
    gap: int = 2
    bounds: AxisRange | None = None
    density: bool = False
    real: bool = True
    theme: Theme = themes.DARK


def picture(sampled: Sampled, style: Style, caption: str = "", rows_height: int = 0) -> QImage:
    """The samples as an image: each pixel of a picture is `scale` wide; planes and texts are drawn as large.

    `rows_height` is the least height of a page of texts, so that all frames of a moving picture are alike.
    """
    if sampled.kind == IMAGES:
        return _captioned(_sheet(sampled, style), caption, style)
    if sampled.kind == DOTS:
        return _captioned(_plane(sampled, style), caption, style)
    return _captioned(_page(sampled, style, rows_height), caption, style)


def page_height(sampled: Sampled) -> int:
    """How high a page of these texts is, at scale 1."""
    area = QRectF(0, 0, _PAGE - 2 * _MARGIN, 0)
    return math.ceil(paint.paint_texts(None, sampled, area, paint.TextLook(), themes.DARK)) + 2 * _MARGIN


def _blank(width: int, height: int, style: Style, ground: str) -> QImage:
    image = QImage(width * style.scale, height * style.scale, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(style.scale)
    image.fill(QColor(ground))
    return image


def _sheet(sampled: Sampled, style: Style) -> QImage:
    count, (high, wide) = sampled.count, sampled.values.shape[2:]
    columns = min(sampled.columns, count) or paint.image_grid(sampled, QRectF(0, 0, 9000, 6000), 0).columns
    grid = paint.Grid(columns, -(-count // columns), wide, high, style.gap, style.gap, style.gap)
    size = (round(grid.width) + 2 * style.gap, round(grid.height) + 2 * style.gap)
    image = _blank(*size, style, style.theme.panel)
    painter = QPainter(image)
    paint.paint_images(painter, paint.image_sheet(sampled.values), grid, count, QRectF(image.rect()))
    painter.end()
    return image


def _plane(sampled: Sampled, style: Style) -> QImage:
    assert style.bounds is not None
    image = _blank(_PLANE, _PLANE, style, style.theme.panel)
    painter = QPainter(image)
    look = paint.DotLook(1.5, True, False, style.density, style.real)
    paint.paint_dots(painter, sampled, style.bounds, QRectF(0, 0, _PLANE, _PLANE), look, style.theme)
    painter.end()
    return image


def _page(sampled: Sampled, style: Style, least: int) -> QImage:
    image = _blank(_PAGE, max(least, page_height(sampled)), style, style.theme.panel)
    painter = QPainter(image)
    area = QRectF(_MARGIN, _MARGIN, _PAGE - 2 * _MARGIN, image.height() / style.scale - 2 * _MARGIN)
    paint.paint_texts(painter, sampled, area, paint.TextLook(), style.theme)
    painter.end()
    return image


def _captioned(image: QImage, caption: str, style: Style) -> QImage:
    """With a line of words below it, in letters that can be read whatever the scale."""
    if not caption:
        return image
    result = QImage(image.width(), image.height() + _CAPTION, QImage.Format.Format_RGB32)
    result.fill(QColor(style.theme.panel))
    image.setDevicePixelRatio(1.0)
    painter = QPainter(result)
    painter.drawImage(0, 0, image)
    painter.setFont(themes.mono(12))
    painter.setPen(QColor(style.theme.muted))
    room = QRectF(4, image.height(), image.width() - 8, _CAPTION)
    shown = painter.fontMetrics().elidedText(caption, Qt.TextElideMode.ElideRight, int(room.width()))
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
    painter.end()
    return result


def write_png(image: QImage, path: Path) -> None:
    """Write one image."""
    write_file(path, png_data(image))


def frames(moments: Iterable[tuple[str, Sampled]], style: Style) -> Iterator[QImage]:
    """An image for each moment with its words below it, all of one size."""
    held = list(moments)
    least = max((page_height(sampled) for _, sampled in held if sampled.kind == TEXTS), default=0)
    for caption, sampled in held:
        yield picture(sampled, style, caption, least)


def write_gif(images: Iterable[QImage], path: Path) -> int:
    """Write a moving picture that repeats for ever; returns how many frames it has."""
    data, count = gif_data(images)
    write_file(path, data)
    return count
