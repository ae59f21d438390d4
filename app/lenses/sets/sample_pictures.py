"""Samples that came along with a lens, small: a picture, a text, or a row of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen, QPolygonF

from app.lenses.colour_maps import to_image
from app.lenses.painter import Arrays
from app.lenses.sets.naming import colour_of, text_of
from app.lenses.sets.paged import LEFT, elided
from app.style import theme
from app.style.theme import POSITIVE, Theme
from app.widgets.numbers import number
from nodes.reading.dataset import DataInfo
from nodes.shown_text import shown

_TINT = 0.62


class SamplePictures:
    """The samples of a frame by their places in the set."""

    def __init__(self, arrays: Arrays, info: DataInfo | None) -> None:
        self.places = [int(place) for place in arrays.get("shown", np.empty(0))]
        self._rank = {place: rank for rank, place in enumerate(self.places)}
        self.pictures, self._tokens = arrays.get("pictures"), arrays.get("tokens")
        self._rows = arrays.get("rows")
        self._size = int(arrays["input_size"]) if "input_size" in arrays else 0
        self._info = info
        self._images: dict[int, QImage] = {}

    @property
    def are_pictures(self) -> bool:
        return self.pictures is not None

    @property
    def are_curves(self) -> bool:
        """Whether the numbers of a row are of one kind, so that they make a curve."""
        named = self._info is not None and len(self._info.columns) >= self._size
        is_series = self._info is not None and self._info.kind == "series"
        return self._rows is not None and self._rows.shape[1] > 8 and (is_series or not named)

    @property
    def row_range(self) -> tuple[float, float]:
        rows = np.asarray(self._rows, np.float64)
        rows = rows[np.isfinite(rows)]
        return (float(rows.min()), float(rows.max())) if rows.size else (0.0, 1.0)

    def rank(self, place: int) -> int | None:
        """Its place among those that came along; None: it did not."""
        return self._rank.get(place)

    def image(self, place: int) -> QImage | None:
        rank = self._rank.get(place)
        if self.pictures is None or rank is None:
            return None
        if place not in self._images:
            self._images[place] = image_of(np.asarray(self.pictures[rank], np.uint8))
        return self._images[place]

    def words(self, place: int) -> str:
        """A text, or the numbers of a row by name; empty for a picture and for what did not come along."""
        rank = self._rank.get(place)
        if rank is None:
            return ""
        if self._tokens is not None:
            tokens = [int(token) for token in self._tokens[rank]]
            more = " …" if self._size > len(tokens) else ""
            return text_of(tokens, self._info) + more
        if self._rows is not None:
            columns = self._info.columns if self._info is not None else ()
            row = [float(value) for value in self._rows[rank]]
            named = len(columns) >= self._size and len(row) == self._size
            parts = [f"{shown(columns[at])} {number(v)}" if named else number(v) for at, v in enumerate(row)]
            more = f" … {self._size:,} numbers" if self._size > len(row) else ""
            return ", ".join(parts) + more
        return ""

    def paint(self, painter: QPainter, box: QRectF, place: int, tokens: Theme) -> None:
        """A sample within this box: a picture as large as it fits, a row as a line, else its words."""
        image, rank = self.image(place), self._rank.get(place)
        if image is not None:
            draw_image(painter, box, image)
        elif self._rows is not None and rank is not None and self.are_curves:
            self._paint_row(painter, box, np.asarray(self._rows[rank], np.float64), tokens)
        else:
            painter.setFont(theme.mono(10))
            painter.setPen(theme.colour(tokens.muted if rank is not None else tokens.faint))
            words = self.words(place) if rank is not None else f"sample {place}"
            painter.drawText(box, LEFT, elided(painter, words, box.width()))

    def _paint_row(self, painter: QPainter, box: QRectF, row: NDArray[np.float64], tokens: Theme) -> None:
        low, high = self.row_range
        xs = np.linspace(box.left(), box.right(), len(row))
        ys = box.bottom() - (np.nan_to_num(row) - low) / ((high - low) or 1.0) * box.height()
        painter.setPen(QPen(theme.colour(tokens.hairline), 1))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        painter.setPen(QPen(theme.colour(POSITIVE), 1.2))
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in zip(xs, ys, strict=True)]))


def image_of(pixels: NDArray[np.uint8]) -> QImage:
    """Bytes (h, w, 1 or 3) as a picture."""
    found = np.full((*pixels.shape[:2], 4), 255, np.uint8)
    found[..., :3] = pixels[..., ::-1] if pixels.shape[2] == 3 else pixels
    return to_image(found)


def draw_image(painter: QPainter, box: QRectF, image: QImage, *, framed: Any = None) -> QRectF:
    """A picture as large as it fits, pixels as squares; where it is. `framed`: a part of it, in [0, 1]."""
    scale = min(box.width() / image.width(), box.height() / image.height())
    wide, high = image.width() * scale, image.height() * scale
    place = QRectF(box.left() + (box.width() - wide) / 2, box.top(), wide, high)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=False)
    painter.drawImage(place, image)
    if framed is not None:
        x, y, w, h = framed
        frame = QRectF(place.left() + x * wide, place.top() + y * high, w * wide, h * high)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, thick in (("#000000", 3.0), (theme.NEGATIVE, 1.5)):
            painter.setPen(QPen(theme.colour(colour, 0.7 if thick > 2 else 1.0), thick))
            painter.drawRect(frame)
    return place


def masked(pixels: NDArray[np.uint8] | None, classes: NDArray[np.integer[Any]]) -> QImage:
    """A picture under the colours of the classes of its pixels (h, w); the first class has none. What is not
    counted is grey.
    """
    high, wide = classes.shape
    ground = np.full((high, wide, 3), 40.0)
    if pixels is not None:
        rows = np.arange(high) * pixels.shape[0] // high
        columns = np.arange(wide) * pixels.shape[1] // wide
        ground = np.broadcast_to(pixels[rows][:, columns].astype(np.float64), (high, wide, 3)).copy()
    for one in np.unique(classes).tolist():
        if one == 0:
            continue
        colour = theme.colour(colour_of(one) if one > 0 else "#808080")
        tint = np.array((colour.red(), colour.green(), colour.blue()), np.float64)
        inside = classes == one
        ground[inside] = (1 - _TINT) * ground[inside] + _TINT * tint
    return image_of(ground.astype(np.uint8))
