"""Pages of a classifier over a set: what is taken for what, and a table of the classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from app.lenses.painter import Arrays
from app.lenses.sets.naming import Names
from app.lenses.sets.paged import LEFT, LINE, MIDDLE, RIGHT, Page, PagedView, elided, paint_head, width_of
from app.style import theme
from app.style.theme import NEGATIVE, POSITIVE, Theme
from app.widgets.numbers import grouped, percent, scaled

WORST, MATRIX, TABLE, ROC, CALIBRATION = "Worst first", "Confusion", "Classes", "ROC", "Calibration"
_LEAST_CELL, _NUMBERS = 7.0, 19.0
"""Pixels of a cell of the confusion matrix, and from which on the counts are written."""


class MatrixPage(Page):
    """The confusion matrix: shades are shares of a row; blue is right, orange wrong."""

    title = MATRIX

    def __init__(self, arrays: Arrays, names: Names, view: PagedView) -> None:
        self._counts = np.asarray(arrays["matrix"], np.int64)
        self._classes = [int(one) for one in arrays["matrix_classes"]]
        self._view, self._names = view, names
        pooled = len(self._counts) > len(self._classes)
        self._left_out = names.count - len(self._classes) if pooled else 0
        self.labels = [names(one) for one in self._classes]
        if pooled:
            self.labels.append(f"{self._left_out:,} others")
        self._pairs = np.asarray(arrays["pairs"], np.int64)
        total, wrong = int(arrays["cases"][0]), int(arrays["mistakes"])
        self.head = f"{percent(1 - wrong / max(1, total))} right · {wrong:,} of {total:,} wrong"

    def height(self, width: float) -> float:
        count = len(self._counts)
        cell = max(_LEAST_CELL, (width - self._left(width)) / count)
        return LINE + min(70.0, width_of(self.labels, 10) + 8.0) + count * min(cell, 34.0) + LINE * 4

    def _left(self, width: float) -> float:
        return min(width * 0.3, width_of(self.labels, 11) + 8.0)

    def _grid(self, area: QRectF) -> QRectF:
        """The square of all cells."""
        left = self._left(area.width())
        top = LINE + min(70.0, width_of(self.labels, 10) + 8.0)
        foot = LINE * (3 if len(self._pairs) else 1)
        side = min(area.width() - left, area.height() - top - foot)
        return QRectF(area.left() + left, area.top() + top, max(10.0, side), max(10.0, side))

    def paint(self, painter: QPainter, area: QRectF, tokens: Theme) -> None:
        grid, count = self._grid(area), len(self._counts)
        cell = grid.width() / count
        painter.setFont(theme.sans(11))
        painter.setPen(theme.colour(tokens.muted))
        painter.drawText(
            QRectF(area.left(), area.top(), area.width(), LINE),
            LEFT,
            elided(painter, self.head, area.width()),
        )
        self._paint_labels(painter, grid, area, tokens)
        paint_cells(painter, grid, self._counts, tokens, numbers=cell >= _NUMBERS)
        at = self._cell_at(self._view.state.get("mouse", QPointF(-1, -1)) + area.topLeft(), area)
        if at is not None:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour(tokens.text), 1.5))
            painter.drawRect(
                QRectF(grid.left() + at[1] * cell, grid.top() + at[0] * cell, cell, cell).adjusted(
                    1, 1, -1, -1
                )
            )
        self._paint_foot(painter, QRectF(area.left(), grid.bottom() + 2, area.width(), LINE), tokens)

    def _paint_labels(self, painter: QPainter, grid: QRectF, area: QRectF, tokens: Theme) -> None:
        cell = grid.width() / len(self._counts)
        step = max(1, int(np.ceil(12.0 / cell)))
        painter.setFont(theme.sans(min(11, max(8, int(cell)))))
        painter.setPen(theme.colour(tokens.text))
        left = grid.left() - area.left() - 6
        flat = all(painter.fontMetrics().horizontalAdvance(one) < cell - 2 for one in self.labels)
        for at in range(0, len(self.labels), step):
            row = QRectF(area.left(), grid.top() + at * cell, left, cell * step)
            painter.drawText(row, RIGHT, elided(painter, self.labels[at], left))
            above = QRectF(
                grid.left() + at * cell, area.top() + LINE, cell, grid.top() - area.top() - LINE - 3
            )
            if flat:
                painter.drawText(
                    above, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, self.labels[at]
                )
                continue
            painter.save()
            painter.translate(above.left(), above.bottom())
            painter.rotate(-90)
            painter.drawText(
                QRectF(0, 0, above.height(), cell * step),
                LEFT,
                elided(painter, self.labels[at], above.height()),
            )
            painter.restore()

    def _paint_foot(self, painter: QPainter, line: QRectF, tokens: Theme) -> None:
        painter.setFont(theme.sans(10))
        painter.setPen(theme.colour(tokens.faint))
        words = "rows: true · columns: predicted · click a cell for its samples"
        if self._left_out:
            words = f"the {len(self._classes)} classes with most mistakes of {self._names.count:,} · {words}"
        painter.drawText(line, LEFT, elided(painter, words, line.width()))
        painter.setPen(theme.colour(tokens.muted))
        for true, said, count in self._pairs[:2].tolist():
            line = line.translated(0, LINE - 2)
            words = f"{self._names(true)} taken for {self._names(said)}: {count:,}"
            painter.drawText(line, LEFT, elided(painter, words, line.width()))

    def _cell_at(self, place: QPointF, area: QRectF) -> tuple[int, int] | None:
        grid, count = self._grid(area), len(self._counts)
        if not grid.contains(place):
            return None
        cell = grid.width() / count
        row, column = int((place.y() - grid.top()) / cell), int((place.x() - grid.left()) / cell)
        return min(count - 1, row), min(count - 1, column)

    def text_at(self, place: QPointF, area: QRectF) -> str:
        at = self._cell_at(place, area)
        if at is None:
            return ""
        true, said = self.labels[at[0]], self.labels[at[1]]
        count, whole = int(self._counts[at]), int(self._counts[at[0]].sum())
        return f"{true} as {said}: {grouped(count)} of {grouped(whole)} · {percent(count / max(1, whole))}"

    def click(self, place: QPointF, area: QRectF) -> str | None:
        at = self._cell_at(place, area)
        if at is None or not self._counts[at] or max(at) >= len(self._classes):
            return None
        cell = self._classes[at[0]], self._classes[at[1]]
        self._view.state["cell"] = cell
        self._view.options_chosen.emit({"true_class": cell[0], "predicted_class": cell[1]})
        return WORST


def paint_cells(
    painter: QPainter, grid: QRectF, counts: Any, tokens: Theme, *, numbers: bool = False
) -> None:
    """A confusion matrix in a square: the shade of a cell is its share of its row."""
    shares = counts / np.maximum(1, counts.sum(1, keepdims=True))
    cell = grid.width() / len(counts)
    gap = 1.0 if cell > 5 else 0.0
    painter.setFont(theme.mono(int(min(11, max(8, cell * 0.36)))))
    for row, column in np.ndindex(counts.shape):
        box = QRectF(grid.left() + column * cell, grid.top() + row * cell, cell - gap, cell - gap)
        painter.fillRect(box, theme.colour(tokens.raised))
        share = float(shares[row, column])
        if share:
            painter.fillRect(
                box, theme.colour(POSITIVE if row == column else NEGATIVE, 0.15 + 0.85 * share**0.6)
            )
        if numbers and counts[row, column]:
            painter.setPen(theme.colour("#101318" if share > 0.35 else tokens.text))
            words = f"{counts[row, column]}"
            if painter.fontMetrics().horizontalAdvance(words) <= cell - 2:
                painter.drawText(box, MIDDLE, words)


class TablePage(Page):
    """Precision, recall and F1 of each class; a click on a heading sorts."""

    title = TABLE

    def __init__(self, arrays: Arrays, names: Names, view: PagedView) -> None:
        self._view = view
        self._figures = np.asarray(arrays["figures"], np.float64)
        listed = [int(one) for one in arrays["listed"]]
        self.names = [names(one) for one in listed]
        self._heads = ["precision", "recall", "F1", "IoU", "true"]
        self._columns = [0, 1, 2, 3, 4]
        if not len(arrays.get("shape", ())):  # IoU is for pixels
            self._heads, self._columns = ["precision", "recall", "F1", "true"], [0, 1, 2, 4]
        self._count = names.count
        total, right = int(arrays["cases"][0]), int(arrays["cases"][2])
        with np.errstate(all="ignore"):
            means = np.array([self._mean(column) for column in range(3)])
        self.head = f"{percent(right / max(1, total))} right · mean F1 {_share(means[2])}"
        if len(listed) < names.count:
            self.head += f" · the {len(listed):,} most frequent of {names.count:,} classes"

    def _mean(self, column: int) -> float:
        known = self._figures[:, column][np.isfinite(self._figures[:, column])]
        return float(known.mean()) if known.size else float("nan")

    @property
    def stretches(self) -> bool:
        return False

    def height(self, width: float) -> float:
        return LINE * (len(self.names) + 2) + 4

    def rows(self) -> list[int]:
        """The classes in the order in which they are shown."""
        by = self._view.state.get("sorted", -1)
        if by < 0 or by >= len(self._columns):
            return list(range(len(self.names)))
        values = self._figures[:, self._columns[by]]
        return [int(at) for at in np.argsort(np.where(np.isfinite(values), values, np.inf), kind="stable")]

    def _column(self, area: QRectF) -> float:
        named = min(area.width() * 0.34, width_of(self.names, 11) + 12.0)
        return min(76.0, (area.width() - named - 6) / len(self._heads))

    def paint(self, painter: QPainter, area: QRectF, tokens: Theme) -> None:
        column = self._column(area)
        first = area.width() - column * len(self._heads) - 6
        paint_head(painter, area, self.head, tokens)
        chosen = self._view.state.get("sorted", -1)
        for at, head in enumerate(self._heads):
            painter.setPen(theme.colour(tokens.text if at == chosen else tokens.faint))
            box = QRectF(first + at * column, area.top() + LINE, column, LINE)
            painter.drawText(box, RIGHT, elided(painter, f"{head} ↑" if at == chosen else head, column - 3))
        for place, row in enumerate(self.rows()):
            top = area.top() + LINE * (place + 2)
            if -LINE < top < area.bottom():
                self._paint_row(painter, QRectF(area.left(), top, area.width(), LINE), row, first, tokens)

    def _paint_row(self, painter: QPainter, line: QRectF, row: int, first: float, tokens: Theme) -> None:
        column = self._column(line)
        painter.setPen(QPen(theme.colour(tokens.hairline), 1))
        painter.drawLine(line.topLeft(), line.topRight())
        painter.setFont(theme.sans(11))
        painter.setPen(theme.colour(tokens.text))
        painter.drawText(line, LEFT, elided(painter, self.names[row], first - 4))
        painter.setFont(theme.mono(10))
        for at, which in enumerate(self._columns):
            value = float(self._figures[row, which])
            box = QRectF(first + at * column, line.top(), column, LINE)
            if which < 4 and np.isfinite(value):
                bar = QRectF(box.right() - (column - 8) * value, box.bottom() - 3, (column - 8) * value, 2)
                painter.fillRect(bar, theme.colour(POSITIVE if value >= 0.5 else NEGATIVE, 0.8))
            painter.setPen(theme.colour(tokens.muted))
            painter.drawText(box, RIGHT, _share(value) if which < 4 else _count(int(value)))

    def text_at(self, place: QPointF, area: QRectF) -> str:
        at = int((place.y() - area.top()) / LINE) - 2
        if not 0 <= at < len(self.names):
            return "Click a heading to sort." if at == -1 else ""
        row = self.rows()[at]
        figures = self._figures[row]
        shares = zip(("precision", "recall", "F1"), figures, strict=False)
        parts = [f"{name} {_share(float(value))}" for name, value in shares]
        return f"{self.names[row]}: {', '.join(parts)} · true {int(figures[4]):,}, said {int(figures[5]):,}"

    def click(self, place: QPointF, area: QRectF) -> str | None:
        first = area.width() - self._column(area) * len(self._heads) - 6
        if not LINE <= place.y() - area.top() < 2 * LINE:
            return None
        at = int((place.x() - first) // self._column(area))
        before = self._view.state.get("sorted", -1)
        self._view.state["sorted"] = -1 if at == before or not 0 <= at < len(self._heads) else at
        return self.title


def _count(value: int) -> str:
    return grouped(value) if value < 100_000 else scaled(value)


def _share(value: float) -> str:
    return f"{value:.3f}" if np.isfinite(value) else "–"
