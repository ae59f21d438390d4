"""Attention over a picture: what one place looks at, or which places look at each token."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen

from app.lenses.colour_maps import sample_image
from app.lenses.painters.sequences.attention_reading import AttentionReading, PatchGrid
from app.lenses.painters.sequences.sheet import (
    FOOT,
    LEFT,
    TALLEST,
    PaintedSheet,
    draw_sharp,
    foot,
    heat,
    legend,
    top_of,
)
from app.style import theme as style
from app.style.theme import Theme

MOST_MAPS = 24


def picture_sheet(reading: AttentionReading, head: int) -> PaintedSheet | None:
    """None where neither queries nor keys are places of a picture, or not all of them are shown."""
    if reading.picture is None or reading.is_trimmed:
        return None
    if reading.keys.patches is not None:
        return OverPicture(reading, head, reading.keys.patches)
    return TokenMaps(reading, head, reading.queries.patches) if reading.queries.patches is not None else None


def _picture(reading: AttentionReading) -> QImage:
    assert reading.picture is not None
    return sample_image(reading.picture)


@dataclass(frozen=True, eq=False)
class OverPicture(PaintedSheet):
    """The picture beside the attention of one query over it: of the place under the mouse, else of the class
    token, else of the middle.
    """

    reading: AttentionReading
    head: int
    patches: PatchGrid
    gap = 8.0

    def boxes(self, area: QRectF) -> tuple[QRectF, QRectF]:
        """Of the picture, and of the weights."""
        wide = (area.width() - self.gap) / 2
        ratio = self.patches.rows / self.patches.columns
        high = min(wide * ratio, area.height() - FOOT, TALLEST)
        left = QRectF(area.left(), area.top(), high / ratio, high)
        return left, left.translated(left.width() + self.gap, 0)

    def height(self, width: float) -> float:
        wide = (width - self.gap) / 2
        return min(wide * self.patches.rows / self.patches.columns, TALLEST) + FOOT

    def patch(self, place: QPointF | None, area: QRectF) -> tuple[bool, int] | None:
        """Whether the mouse is over the weights, and the place of the picture that it is over."""
        for index, box in enumerate(self.boxes(area)):
            if place is not None and box.contains(place):
                row = min(
                    int((place.y() - box.top()) / box.height() * self.patches.rows), self.patches.rows - 1
                )
                column = (place.x() - box.left()) / box.width() * self.patches.columns
                column = min(int(column), self.patches.columns - 1)
                return index == 1, self.patches.lead + row * self.patches.columns + column
        return None

    def query(self, place: QPointF | None, area: QRectF) -> int:
        """The query whose weights are shown."""
        found, count = self.patch(place, area), self.reading.weights.shape[1]
        if found is not None and not found[0] and found[1] < count:
            return found[1]
        return 0 if self.patches.lead else count // 2

    def words(self, place: QPointF, area: QRectF) -> str:
        found, query = self.patch(place, area), self.query(place, area)
        if found is None:
            return ""
        weights = self.reading.weights[self.head, query]
        key = found[1] if found[0] else int(weights.argmax())
        verb = "→" if found[0] else "looks most at"
        return f"{self.reading.queries.name(query)} {verb} {self.reading.keys.name(key)} · {weights[key]:.3f}"

    def paint(self, painter: QPainter, area: QRectF, theme: Theme, mouse: QPointF | None) -> None:
        left, right = self.boxes(area)
        query = self.query(mouse, area)
        weights = self.reading.weights[self.head, query]
        values = weights[self.patches.lead :].reshape(self.patches.rows, self.patches.columns)
        draw_sharp(painter, left, _picture(self.reading))
        draw_sharp(painter, right, heat(values, theme, signed=False, shares=True))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if query >= self.patches.lead and self.reading.queries.patches is not None:
            row, column = divmod(query - self.patches.lead, self.patches.columns)
            high, wide = left.height() / self.patches.rows, left.width() / self.patches.columns
            painter.setPen(QPen(style.colour(theme.accent), 2))
            for box in (left, right):
                painter.drawRect(QRectF(box.left() + column * wide, box.top() + row * high, wide, high))
        line = QRectF(area.left(), left.bottom() + 2, area.width(), FOOT - 2)
        wide = legend(painter, line, theme, 0.0, top_of(values), signed=False, shares=True)
        said = f"{self.reading.queries.name(query)} looks"
        if self.patches.lead and area.width() > 400:
            said += f" · {weights[0]:.2f} to the class token"
        foot(painter, line.adjusted(0, 0, -wide - 8, 0), theme, said)


@dataclass(frozen=True, eq=False)
class TokenMaps(PaintedSheet):
    """For each key, usually a word, how much each place of the picture takes from it; one scale for all."""

    reading: AttentionReading
    head: int
    patches: PatchGrid
    gap = 6.0
    caption = 16.0

    @property
    def count(self) -> int:
        return int(min(self.reading.weights.shape[2], MOST_MAPS))

    def map(self, key: int) -> NDArray[np.float32]:
        found = self.reading.weights[self.head, self.patches.lead :, key]
        return found.reshape(self.patches.rows, self.patches.columns)

    def tile(self, index: int, area: QRectF) -> QRectF:
        """Where a map stands; the first place has the picture."""
        columns = min(self.count + 1, max(2, int(area.width() // 84)))
        wide = min((area.width() - self.gap * (columns - 1)) / columns, 180.0)
        high = wide * self.patches.rows / self.patches.columns
        row, column = divmod(index, columns)
        top = area.top() + row * (high + self.caption + self.gap)
        return QRectF(area.left() + column * (wide + self.gap), top, wide, high)

    def height(self, width: float) -> float:
        return self.tile(self.count, QRectF(0, 0, width, 0)).bottom() + self.caption + FOOT

    def words(self, place: QPointF, area: QRectF) -> str:
        for key in range(self.count):
            tile = self.tile(key + 1, area)
            if tile.contains(place):
                row = int((place.y() - tile.top()) / tile.height() * self.patches.rows)
                column = int((place.x() - tile.left()) / tile.width() * self.patches.columns)
                value = self.map(key)[min(row, self.patches.rows - 1), min(column, self.patches.columns - 1)]
                return f"row {row}, column {column} → {self.reading.keys.name(key)} · {value:.3f}"
        return ""

    def paint(self, painter: QPainter, area: QRectF, theme: Theme, mouse: QPointF | None) -> None:
        top = top_of(self.reading.weights[self.head])
        draw_sharp(painter, self.tile(0, area), _picture(self.reading))
        self._caption(painter, 0, area, theme, "data")
        for key in range(self.count):
            draw_sharp(
                painter,
                self.tile(key + 1, area),
                heat(self.map(key), theme, signed=False, scale=top, shares=True),
            )
            self._caption(painter, key + 1, area, theme, self.reading.keys.short(key))
        line = QRectF(area.left(), area.bottom() - FOOT + 2, area.width(), FOOT - 2)
        wide = legend(painter, line, theme, 0.0, top, signed=False, shares=True)
        total = self.reading.weights.shape[2]
        said = f"{self.count} of {total:,} keys" if self.count < total else ""
        foot(painter, line.adjusted(0, 0, -wide - 8, 0), theme, said)

    def _caption(self, painter: QPainter, index: int, area: QRectF, theme: Theme, words: str) -> None:
        tile = self.tile(index, area)
        painter.setFont(style.sans(11))
        painter.setPen(style.colour(theme.muted))
        shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(tile.width()))
        painter.drawText(QRectF(tile.left(), tile.bottom(), tile.width(), self.caption), LEFT, shown)
