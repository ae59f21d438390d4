"""Pages of predicted numbers: against the true ones, what is left over, and the errors of each column."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from app.charts.ticks import AxisScale, scale_for
from app.lenses.painter import Arrays
from app.lenses.sets.paged import LEFT, LINE, MIDDLE, RIGHT, Page, PagedView, elided, paint_head
from app.style import theme
from app.style.theme import NEGATIVE, POSITIVE, Theme
from app.widgets.numbers import number, percent

AGAINST, RESIDUALS, COLUMNS = "Predicted and true", "Residuals", "Errors"
_NEAR = 12.0


class ScatterPage(Page):
    """Every predicted number over the true one; on the diagonal they are equal."""

    def __init__(self, arrays: Arrays, view: PagedView, *, residuals: bool = False) -> None:
        self.title = RESIDUALS if residuals else AGAINST
        self._view, self._residuals = view, residuals
        points = np.asarray(arrays["points"], np.float64)
        finite = np.isfinite(points).all(1)
        self._said, self._true = points[finite].T
        self._samples = np.asarray(arrays["samples"])[finite]
        self._columns = np.asarray(arrays["columns"])[finite]
        self._off = self._said - self._true
        mean, root, explained, bias = np.asarray(arrays["errors"], np.float64)[-1].tolist()
        whole = int(arrays["values"])
        if residuals:
            self.head = f"mean {number(bias)} · root mean square {number(root)}"
        else:
            self.head = f"R² {explained:.3f} · MAE {number(mean)} · RMSE {number(root)}"
        if len(points) < whole:
            self.head += f" · {len(points):,} of {whole:,} numbers"
        if len(points) > int(finite.sum()):
            self.head += f" · {len(points) - int(finite.sum()):,} not finite"

    @property
    def _shown(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Across and up."""
        return (self._said, self._off) if self._residuals else (self._true, self._said)

    def _scales(self) -> tuple[AxisScale, AxisScale]:
        across, up = self._shown
        if self._residuals and across.size:
            most = float(np.abs(up).max(initial=0.0)) or 1.0
            return scale_for(float(across.min()), float(across.max())), scale_for(-most, most)
        both = np.concatenate([across, up])
        if not both.size:
            both = np.zeros(1)
        scale = scale_for(float(both.min()), float(both.max()))
        return scale, scale

    def height(self, width: float) -> float:
        return LINE + min(width - 50.0, 240.0) + 34

    def _plot(self, area: QRectF) -> QRectF:
        high = max(40.0, area.height() - LINE - 36)
        wide = max(40.0, area.width() - 72)
        if not self._residuals:
            wide = high = min(wide, high)
        return QRectF(area.left() + 54, area.top() + LINE + 6, wide, high - 6)

    def _placed(self, plot: QRectF) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        (across, up), (x, y) = self._shown, self._scales()
        left = plot.left() + (across - x.low) / (x.high - x.low) * plot.width()
        top = plot.bottom() - (up - y.low) / (y.high - y.low) * plot.height()
        return left, top

    def paint(self, painter: QPainter, area: QRectF, tokens: Theme) -> None:
        plot, (x, y) = self._plot(area), self._scales()
        paint_head(painter, area, self.head, tokens)
        paint_axes(painter, plot, x, y, tokens)
        painter.setPen(QPen(theme.colour(tokens.faint), 1, Qt.PenStyle.DashLine))
        if self._residuals:
            zero = plot.bottom() - (0 - y.low) / (y.high - y.low) * plot.height()
            painter.drawLine(QPointF(plot.left(), zero), QPointF(plot.right(), zero))
        else:
            painter.drawLine(plot.bottomLeft(), plot.topRight())
        across, up = ("predicted", "predicted − true") if self._residuals else ("true", "predicted")
        painter.setFont(theme.sans(10))
        painter.setPen(theme.colour(tokens.faint))
        painter.drawText(QRectF(plot.left(), plot.bottom() + 15, plot.width(), 14), MIDDLE, across)
        painter.save()
        painter.translate(plot.left() - 50, plot.bottom())
        painter.rotate(-90)
        painter.drawText(QRectF(0, -5, plot.height(), 14), MIDDLE, up)
        painter.restore()
        self._paint_points(painter, plot, area, tokens)

    def _paint_points(self, painter: QPainter, plot: QRectF, area: QRectF, tokens: Theme) -> None:
        left, top = self._placed(plot)
        painter.setPen(Qt.PenStyle.NoPen)
        alpha = 0.75 if len(left) < 600 else 0.4
        for wrong, colour in ((False, POSITIVE), (True, NEGATIVE)):
            painter.setBrush(theme.colour(colour, alpha))
            for at in np.flatnonzero((self._off < 0) == wrong).tolist():
                painter.drawEllipse(QPointF(left[at], top[at]), 2.4, 2.4)
        mouse = self._view.state.get("mouse", QPointF(-99, -99)) + area.topLeft()
        near = self._nearest(mouse, plot)
        if near is not None:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour(tokens.text), 1.5))
            painter.drawEllipse(QPointF(left[near], top[near]), 5, 5)

    def _nearest(self, place: QPointF, plot: QRectF) -> int | None:
        left, top = self._placed(plot)
        if not left.size:
            return None
        far = np.hypot(left - place.x(), top - place.y())
        at = int(far.argmin())
        return at if far[at] <= _NEAR else None

    def text_at(self, place: QPointF, area: QRectF) -> str:
        at = self._nearest(place, self._plot(area))
        if at is None:
            return ""
        said, true, off = float(self._said[at]), float(self._true[at]), float(self._off[at])
        return (
            f"sample {int(self._samples[at]):,}: true {number(true)}, predicted {number(said)} · "
            f"off by {'+' if off > 0 else ''}{number(off)}"
        )


def paint_axes(painter: QPainter, plot: QRectF, x: AxisScale, y: AxisScale, tokens: Theme) -> None:
    """Hairlines at the ticks of the vertical axis, numbers at both."""
    painter.setFont(theme.mono(10))
    for tick in y.ticks:
        at = plot.bottom() - (tick - y.low) / (y.high - y.low) * plot.height()
        painter.setPen(QPen(theme.colour(tokens.hairline), 1))
        painter.drawLine(QPointF(plot.left(), at), QPointF(plot.right(), at))
        painter.setPen(theme.colour(tokens.muted))
        painter.drawText(QRectF(plot.left() - 46, at - 8, 42, 16), RIGHT, number(tick))
    for tick in x.ticks:
        at = plot.left() + (tick - x.low) / (x.high - x.low) * plot.width()
        painter.setPen(theme.colour(tokens.muted))
        painter.drawText(QRectF(at - 24, plot.bottom() + 1, 48, 14), MIDDLE, number(tick))


class ErrorsPage(Page):
    """Mean absolute error, root of the mean square, R² and bias of each column, and of all."""

    title = COLUMNS

    def __init__(self, arrays: Arrays, names: tuple[str, ...]) -> None:
        self._errors = np.asarray(arrays["errors"], np.float64)
        count, whole = len(self._errors) - 1, int(arrays["numbers"])
        self._rows = [names[at] if at < len(names) else f"value {at}" for at in range(count)]
        self._rows.append(f"all {whole:,}")
        self.head = f"the first {count} of {whole:,} columns" if count < whole else f"{whole:,} columns"

    @property
    def stretches(self) -> bool:
        return False

    def height(self, width: float) -> float:
        return LINE * (len(self._rows) + 2) + 4

    def paint(self, painter: QPainter, area: QRectF, tokens: Theme) -> None:
        heads = ("MAE", "RMSE", "R²", "bias")
        column = min(76.0, area.width() * 0.17)
        first = area.width() - column * len(heads) - 6
        paint_head(painter, area, self.head, tokens)
        for at, head in enumerate(heads):
            box = QRectF(first + at * column, area.top() + LINE, column, LINE)
            painter.drawText(box, RIGHT, head)
        for row, name in enumerate(self._rows):
            line = QRectF(area.left(), area.top() + LINE * (row + 2), area.width(), LINE)
            painter.setPen(QPen(theme.colour(tokens.hairline), 1))
            painter.drawLine(line.topLeft(), line.topRight())
            painter.setFont(theme.sans(11))
            painter.setPen(theme.colour(tokens.text))
            painter.drawText(line, LEFT, elided(painter, name, first - 4))
            painter.setFont(theme.mono(10))
            painter.setPen(theme.colour(tokens.muted))
            for at, value in enumerate(self._errors[row].tolist()):
                box = QRectF(first + at * column, line.top(), column, LINE)
                painter.drawText(box, RIGHT, number(value) if np.isfinite(value) else "–")

    def text_at(self, place: QPointF, area: QRectF) -> str:
        row = int((place.y() - area.top()) / LINE) - 2
        if not 0 <= row < len(self._rows):
            return ""
        mean, _, explained, bias = self._errors[row].tolist()
        share = f"{percent(explained)} of the variance explained" if np.isfinite(explained) else "constant"
        return f"{self._rows[row]}: off by {number(mean)} on average, {share}, bias {number(bias)}"
