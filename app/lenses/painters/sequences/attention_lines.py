"""Attention as lines from queries at the left to keys at the right, the stronger the more is taken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from app.lenses.painters.sequences.attention_reading import AttentionReading, Axis
from app.lenses.painters.sequences.sheet import FOOT, LEFT, RIGHT, PaintedSheet, foot
from app.style import theme as style
from app.style.theme import POSITIVE, Theme

ROW = 15.0
MOST = 36
"""Rows that are shown at a time; dragging moves them."""
_FAINT = 0.02
"""Weights below are not drawn."""


@dataclass(eq=False)
class Lines(PaintedSheet):
    """One head. `start` is the first row that is shown; by default the last ones are."""

    reading: AttentionReading
    head: int
    start: int = -1

    @property
    def rows(self) -> int:
        """The longer of the two columns."""
        return int(max(self.reading.weights.shape[1:]))

    @property
    def shown(self) -> int:
        return min(self.rows, MOST)

    @property
    def first(self) -> int:
        last = self.rows - self.shown
        return last if self.start < 0 else min(self.start, last)

    def height(self, width: float) -> float:
        return self.shown * ROW + FOOT

    def dragged(self, by: QPointF, area: QRectF) -> bool:
        before = self.first
        self.start = max(0, min(self.rows - self.shown, before - round(by.y() / ROW)))
        return self.start != before

    def _sides(self, area: QRectF) -> tuple[float, float]:
        """Where lines begin and end."""
        room = min(110.0, area.width() * 0.3)
        return area.left() + room, area.right() - room

    def _y(self, row: int, area: QRectF) -> float:
        return area.top() + (row - self.first + 0.5) * ROW

    def _pointed(self, place: QPointF | None, area: QRectF) -> tuple[str, int] | None:
        """The query or key under the mouse: the side, and its row."""
        if place is None:
            return None
        row = self.first + int((place.y() - area.top()) // ROW)
        is_query = place.x() < area.center().x()
        count = self.reading.weights.shape[1 if is_query else 2]
        if not self.first <= row < min(count, self.first + self.shown):
            return None
        return ("query" if is_query else "key"), row

    def words(self, place: QPointF, area: QRectF) -> str:
        pointed = self._pointed(place, area)
        if pointed is None:
            return ""
        side, row = pointed
        weights = self.reading.weights[self.head]
        queries, keys = self.reading.queries, self.reading.keys
        if side == "query":
            best = int(weights[row].argmax())
            return f"{queries.name(row)} looks most at {keys.name(best)} · {weights[row, best]:.3f}"
        best = int(weights[:, row].argmax())
        return f"{keys.name(row)} is seen most by {queries.name(best)} · {weights[best, row]:.3f}"

    def paint(self, painter: QPainter, area: QRectF, theme: Theme, mouse: QPointF | None) -> None:
        weights = self.reading.weights[self.head]
        pointed = self._pointed(mouse, area)
        left, right = self._sides(area)
        drawn = self._drawn(weights, pointed)
        most = max((float(weights[cell]) for cell in drawn), default=1.0)
        for row, key in drawn:
            share = float(weights[row, key]) / most
            colour = style.colour(POSITIVE, min(1.0, 0.08 + share**0.7))
            painter.setPen(QPen(colour, 0.6 + 3.4 * share))
            painter.drawLine(QPointF(left, self._y(row, area)), QPointF(right, self._y(key, area)))
        self._tokens(painter, area, theme, pointed)
        said = f"rows {self.first}–{self.first + self.shown - 1} of {self.rows:,}, drag to move"
        words = said if self.shown < self.rows else f"head {self.reading.first + self.head + 1}"
        line = QRectF(area.left(), area.bottom() - FOOT + 2, area.width(), FOOT - 2)
        foot(painter, line, theme, " · ".join(filter(None, (words, self.reading.left_out()))))

    def _drawn(self, weights: np.ndarray, pointed: tuple[str, int] | None) -> list[tuple[int, int]]:
        """The lines within the rows on show, faint ones first."""
        part = weights.copy()
        rows, keys = (np.arange(size) for size in part.shape)
        part[(rows < self.first) | (rows >= self.first + self.shown)] = 0.0
        part[:, (keys < self.first) | (keys >= self.first + self.shown)] = 0.0
        if pointed is not None:
            side, row = pointed
            held = part[row].copy() if side == "query" else part[:, row].copy()
            part[:] = 0.0
            if side == "query":
                part[row] = held
            else:
                part[:, row] = held
        found = np.argwhere(part >= _FAINT)
        order = np.argsort(part[tuple(found.T)])
        return [(int(row), int(key)) for row, key in found[order]]

    def _tokens(self, painter: QPainter, area: QRectF, theme: Theme, pointed: tuple[str, int] | None) -> None:
        painter.setFont(style.sans(11))
        left, right = self._sides(area)
        sides = (
            ("query", self.reading.queries, 0.0, left - 5, RIGHT),
            ("key", self.reading.keys, right + 5, area.right() - right - 5, LEFT),
        )
        for axis, (side, held, x, room, where) in enumerate(sides, start=1):
            count = min(self.reading.weights.shape[axis], self.first + self.shown)
            for row in range(self.first, count):
                is_here = pointed == (side, row)
                if not is_here and pointed is not None and pointed[0] != side:
                    self._tint(painter, QRectF(x, self._y(row, area) - ROW / 2, room, ROW), pointed, row)
                painter.setPen(style.colour(theme.text if is_here or pointed is None else theme.muted))
                box = QRectF(x, self._y(row, area) - ROW / 2, room, ROW)
                name = _named(held, row)
                shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(room))
                painter.drawText(box, where, shown)

    def _tint(self, painter: QPainter, box: QRectF, pointed: tuple[str, int], row: int) -> None:
        """Behind a token on the other side, how much the one under the mouse has to do with it."""
        weights = self.reading.weights[self.head]
        found = weights[pointed[1]] if pointed[0] == "query" else weights[:, pointed[1]]
        share = float(found[row] / max(found.max(), 1e-9))
        painter.fillRect(box, style.colour(POSITIVE, 0.6 * share))


def _named(axis: Axis, row: int) -> str:
    return axis.short(row) if axis.names or axis.patches is None else axis.name(row)
