"""Attention as a matrix of one stage and head, with the tokens beside it; and all heads as small matrices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen

from app.lenses.colour_maps import signed_scale
from app.lenses.feature_maps import grid_columns
from app.lenses.painters.sequences.attention_reading import STAGES, AttentionReading, Axis, Floats
from app.lenses.painters.sequences.sheet import (
    FOOT,
    LEFT,
    MIDDLE,
    RIGHT,
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

_WIDEST_NAME, _TALLEST_NAME = 72.0, 56.0
_LINE = 10.0
"""Least height of a line of names, in pixels."""


@dataclass(frozen=True, eq=False)
class Matrix(PaintedSheet):
    """One stage of one head: queries are rows, keys columns."""

    reading: AttentionReading
    stage: str
    head: int

    def _gutters(self) -> tuple[float, float]:
        """Room at the left for the names of queries, and on top for those of keys."""
        told = QFontMetrics(style.sans(11))
        left, top = (self._longest(axis, told) for axis in (self.reading.queries, self.reading.keys))
        upright = self._is_upright()
        return min(left + 6.0, _WIDEST_NAME), 14.0 if upright else min(top + 6.0, _TALLEST_NAME)

    def _longest(self, axis: Axis, told: QFontMetrics) -> float:
        names = axis.names or (f"{axis.count - 1}",)
        return float(max(told.horizontalAdvance(name) for name in set(names)))

    def _is_upright(self) -> bool:
        names = self.reading.keys.names
        return not names or max(map(len, names)) == 1

    def plot(self, area: QRectF) -> QRectF:
        """Where the cells are."""
        left, top = self._gutters()
        return QRectF(area.left() + left, area.top() + top, area.width() - left, area.height() - top - FOOT)

    def height(self, width: float) -> float:
        left, top = self._gutters()
        rows, columns = self.reading.weights.shape[1:]
        side = width - left
        high = max(side * rows / columns, min(side, 12.0 * rows))
        return float(top + min(high, 1.25 * side, TALLEST) + FOOT)

    def cell(self, place: QPointF, area: QRectF) -> tuple[int, int] | None:
        plot = self.plot(area)
        if not plot.contains(place):
            return None
        rows, columns = self.reading.weights.shape[1:]
        row = int((place.y() - plot.top()) / plot.height() * rows)
        column = int((place.x() - plot.left()) / plot.width() * columns)
        return min(row, rows - 1), min(column, columns - 1)

    def words(self, place: QPointF, area: QRectF) -> str:
        cell = self.cell(place, area)
        return "" if cell is None else self.reading.words(self.head, *cell)

    def paint(self, painter: QPainter, area: QRectF, theme: Theme, mouse: QPointF | None) -> None:
        values, plot = self.reading.stage(self.stage, self.head), self.plot(area)
        signed = self.stage != "weights"
        scale = signed_scale(values) if signed else top_of(values)
        draw_sharp(painter, plot, heat(values, theme, signed=signed, scale=scale, shares=not signed))
        cell = None if mouse is None else self.cell(mouse, area)
        self._names(painter, plot, theme, cell)
        line = QRectF(area.left(), area.bottom() - FOOT + 2, area.width(), FOOT - 2)
        if cell is None:
            wide = self._colours(painter, line, theme, scale, signed=signed)
            words = (
                self.reading.left_out() or f"{STAGES[self.stage]}, head {self.reading.first + self.head + 1}"
            )
            foot(painter, line.adjusted(0, 0, -wide - 8, 0), theme, words)
        else:
            self._cross(painter, plot, theme, cell)
            foot(painter, line, theme, self.reading.chain(self.head, *cell), mono=True)

    def _colours(self, painter: QPainter, line: QRectF, theme: Theme, scale: float, *, signed: bool) -> float:
        low = -scale if signed else 0.0
        return legend(painter, line, theme, low, scale, signed=signed, shares=not signed)

    def _names(self, painter: QPainter, plot: QRectF, theme: Theme, cell: tuple[int, int] | None) -> None:
        rows, columns = self.reading.weights.shape[1:]
        high, wide = plot.height() / rows, plot.width() / columns
        painter.setFont(style.sans(11 if high >= 12 else 10))
        for row in self._told(rows, high, None if cell is None else cell[0]):
            here = cell is not None and row == cell[0]
            painter.setPen(style.colour(theme.text if here else theme.muted))
            box = QRectF(0, plot.top() + (row + 0.5) * high - 7, plot.left() - 4, 14)
            shown = painter.fontMetrics().elidedText(
                self.reading.queries.short(row), Qt.TextElideMode.ElideRight, int(box.width())
            )
            painter.drawText(box, RIGHT, shown)
        least = wide if self.reading.keys.names else wide / 2.4  # numbers are wider than high
        for column in self._told(columns, least, None if cell is None else cell[1]):
            here = cell is not None and column == cell[1]
            painter.setPen(style.colour(theme.text if here else theme.muted))
            self._above(painter, plot, plot.left() + (column + 0.5) * wide, column)

    def _above(self, painter: QPainter, plot: QRectF, x: float, column: int) -> None:
        name = self.reading.keys.short(column)
        if self._is_upright():
            painter.drawText(QRectF(x - 20, plot.top() - 14, 40, 13), MIDDLE, name)
            return
        room = plot.top() - 4
        painter.save()
        painter.translate(x, plot.top() - 3)
        painter.rotate(-90)
        shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(room))
        painter.drawText(QRectF(0, -7, room, 14), LEFT, shown)
        painter.restore()

    def _told(self, count: int, size: float, pointed: int | None) -> list[int]:
        """The lines whose names find room; the one under the mouse is among them, its neighbours are not."""
        step = max(1, int(-(-_LINE // size))) if size < _LINE else 1
        found = list(range(0, count, step))
        if pointed is None:
            return found
        near = [place for place in found if abs(place - pointed) * size >= _LINE]
        return [*near, pointed]

    def _cross(self, painter: QPainter, plot: QRectF, theme: Theme, cell: tuple[int, int]) -> None:
        """The row and the column under the mouse."""
        rows, columns = self.reading.weights.shape[1:]
        high, wide = plot.height() / rows, plot.width() / columns
        painter.setPen(QPen(style.colour(theme.accent), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(plot.left(), plot.top() + cell[0] * high, plot.width(), high))
        painter.drawRect(QRectF(plot.left() + cell[1] * wide, plot.top(), wide, plot.height()))


def seen_of(weights: Floats) -> Floats:
    """Weights without those that are exactly 0, which a mask leaves."""
    found: Floats = np.where(weights == 0.0, np.float32(np.nan), weights)
    return found


@dataclass(frozen=True, eq=False)
class Heads(PaintedSheet):
    """The softmax of every head, small, each on a scale of its own; a click chooses one."""

    reading: AttentionReading
    head: int
    caption = 16.0
    gap = 6.0

    @property
    def count(self) -> int:
        return len(self.reading.small)

    def _columns(self, width: float) -> int:
        if self.count <= 4:
            return min(2, self.count) if width < 420 else self.count
        most = max(2, int(width // 76))
        return min(most, max(2, grid_columns(self.count, int(width), int(width))))

    def tile(self, index: int, area: QRectF) -> QRectF:
        """Where the matrix of a head stands."""
        columns = self._columns(area.width())
        wide = min((area.width() - self.gap * (columns - 1)) / columns, 220.0)
        row, column = divmod(index, columns)
        return QRectF(
            area.left() + column * (wide + self.gap),
            area.top() + row * (wide + self.caption + self.gap),
            wide,
            wide,
        )

    def height(self, width: float) -> float:
        last = self.tile(self.count - 1, QRectF(0, 0, width, 0))
        return last.bottom() + self.caption + (FOOT if self._left_out() else 0.0)

    def _left_out(self) -> str:
        shown, heads = self.count, self.reading.heads
        said = [f"{shown} of {heads:,} heads"] if shown < heads else []
        if self.reading.small_keys.each > 1:
            said.append(f"{self.reading.small_keys.each} keys a cell")
        if self.reading.small.shape[1] < self.reading.queries.count:
            said.append(f"{self.reading.small.shape[1]} of {self.reading.queries.count:,} queries")
        return " · ".join(said)

    def at(self, place: QPointF, area: QRectF) -> int | None:
        return next((i for i in range(self.count) if self.tile(i, area).contains(place)), None)

    def words(self, place: QPointF, area: QRectF) -> str:
        index = self.at(place, area)
        if index is None:
            return ""
        values, tile = self.reading.small[index], self.tile(index, area)
        row = min(int((place.y() - tile.top()) / tile.height() * values.shape[0]), values.shape[0] - 1)
        column = min(int((place.x() - tile.left()) / tile.width() * values.shape[1]), values.shape[1] - 1)
        query, key = self.reading.small_queries.name(row), self.reading.small_keys.name(column)
        return f"head {index + 1}: {query} → {key} · {values[row, column]:.3f}"

    def pressed(self, place: QPointF, area: QRectF) -> int | None:
        index = self.at(place, area)
        return None if index is None else index - self.reading.first

    def paint(self, painter: QPainter, area: QRectF, theme: Theme, mouse: QPointF | None) -> None:
        pointed = None if mouse is None else self.at(mouse, area)
        for index, values in enumerate(self.reading.small):
            tile = self.tile(index, area)
            draw_sharp(painter, tile, heat(seen_of(values), theme, signed=False, shares=True))
            is_here = index - self.reading.first == self.head
            if is_here or index == pointed:
                painter.setPen(QPen(style.colour(theme.accent), 1.5))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(tile)
            painter.setFont(style.sans(11))
            painter.setPen(style.colour(theme.text if is_here else theme.muted))
            painter.drawText(
                QRectF(tile.left(), tile.bottom(), tile.width(), self.caption), LEFT, f"head {index + 1}"
            )
        if words := self._left_out():
            foot(painter, QRectF(area.left(), area.bottom() - FOOT, area.width(), FOOT), theme, words)
