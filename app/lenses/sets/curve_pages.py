"""Pages with curves of a classifier: ROC, one class against the rest, and whether its confidence is right."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from app.lenses.painter import Arrays
from app.lenses.sets.class_pages import CALIBRATION, ROC
from app.lenses.sets.naming import Names, colour_of
from app.lenses.sets.paged import LEFT, LINE, MIDDLE, RIGHT, Page, PagedView, elided, paint_head
from app.style import theme
from app.style.theme import NEGATIVE, POSITIVE, Theme
from app.widgets.numbers import percent

_NEAR = 14.0
"""Pixels within which a curve is pointed at."""


def unit_plot(painter: QPainter, plot: QRectF, across: str, up: str, tokens: Theme) -> None:
    """A square from 0 to 1 in both directions: three hairlines, the diagonal, the names of the axes."""
    painter.setPen(QPen(theme.colour(tokens.hairline), 1))
    for share in (0.0, 0.5, 1.0):
        y = plot.bottom() - share * plot.height()
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
    painter.setPen(QPen(theme.colour(tokens.faint), 1, Qt.PenStyle.DashLine))
    painter.drawLine(plot.bottomLeft(), plot.topRight())
    painter.setFont(theme.mono(10))
    painter.setPen(theme.colour(tokens.muted))
    for share in (0.0, 0.5, 1.0):
        y = plot.bottom() - share * plot.height()
        painter.drawText(QRectF(plot.left() - 26, y - 8, 22, 16), RIGHT, f"{share:g}")
        x = plot.left() + share * plot.width()
        painter.drawText(QRectF(x - 14, plot.bottom() + 1, 28, 14), MIDDLE, f"{share:g}")
    painter.setFont(theme.sans(10))
    painter.setPen(theme.colour(tokens.faint))
    painter.drawText(QRectF(plot.left(), plot.bottom() + 13, plot.width(), 14), MIDDLE, across)
    painter.save()
    painter.translate(plot.left() - 36, plot.bottom())
    painter.rotate(-90)
    painter.drawText(QRectF(0, -6, plot.height(), 14), MIDDLE, up)
    painter.restore()


class RocPage(Page):
    """A curve for each class, and the area below it; the least at the top of the list."""

    title = ROC

    def __init__(self, arrays: Arrays, names: Names, view: PagedView) -> None:
        self._curves = np.asarray(arrays["roc"], np.float64)
        self._areas = np.asarray(arrays["auc"], np.float64)
        self._classes = [int(one) for one in arrays["roc_classes"]]
        self._names = [names(one) for one in self._classes]
        self._view = view
        seen, used = int(arrays["cases"][0]), int(arrays["cases"][1])
        self.head = f"mean AUC {self._areas.mean():.4f}"
        if len(self._classes) < names.count and names.count > 2:
            self.head += f" · {len(self._classes)} of {names.count:,} classes"
        if used < seen:
            self.head += f" · {used:,} of {seen:,} places"

    def height(self, width: float) -> float:
        plot = min(width - 44.0, 230.0)
        return LINE + plot + 34 + (0 if width > 420 else LINE * min(len(self._classes), 12) + 6)

    def _plot(self, area: QRectF) -> QRectF:
        beside = area.width() > 420
        wide = area.width() - 52 - (190 if beside else 0)
        below = 34 + (0 if beside else LINE * min(len(self._classes), 12) + 6)
        side = max(40.0, min(wide, area.height() - LINE - below))
        return QRectF(area.left() + 42, area.top() + LINE + 4, side, side - 4)

    def _nearest(self, place: QPointF, plot: QRectF) -> tuple[int, float, float] | None:
        """The curve that is pointed at, and where on it."""
        if not plot.adjusted(-6, -6, 6, 6).contains(place):
            return None
        x = plot.left() + self._curves[:, :, 0] * plot.width()
        y = plot.bottom() - self._curves[:, :, 1] * plot.height()
        far = np.hypot(x - place.x(), y - place.y())
        one, at = np.unravel_index(int(far.argmin()), far.shape)
        if far[one, at] > 3 * _NEAR:
            return None
        return int(one), float(self._curves[one, at, 0]), float(self._curves[one, at, 1])

    def paint(self, painter: QPainter, area: QRectF, tokens: Theme) -> None:
        plot = self._plot(area)
        paint_head(painter, area, self.head, tokens)
        unit_plot(painter, plot, "false positive rate", "true positive rate", tokens)
        mouse = self._view.state.get("mouse", QPointF(-99, -99)) + area.topLeft()
        near = self._nearest(mouse, plot)
        listed = self._listed(mouse, area)
        marked = near[0] if near is not None else listed
        for at in [*range(len(self._curves)), *([marked] if marked is not None else [])]:
            dim = marked is not None and at != marked
            pen = QPen(
                theme.colour(colour_of(self._classes[at]), 0.25 if dim else 1.0), 2.2 if at == marked else 1.3
            )
            painter.setPen(pen)
            points = [
                QPointF(plot.left() + x * plot.width(), plot.bottom() - y * plot.height())
                for x, y in self._curves[at].tolist()
            ]
            painter.drawPolyline(QPolygonF(points))
        self._paint_list(painter, area, tokens, marked)

    def _list_box(self, area: QRectF) -> QRectF:
        plot = self._plot(area)
        if area.width() > 420:
            return QRectF(plot.right() + 20, plot.top(), area.right() - plot.right() - 20, plot.height())
        return QRectF(area.left(), plot.bottom() + 32, area.width(), area.bottom() - plot.bottom() - 32)

    def _order(self) -> list[int]:
        return [int(at) for at in np.argsort(self._areas, kind="stable")]

    def _listed(self, place: QPointF, area: QRectF) -> int | None:
        box = self._list_box(area)
        at = int((place.y() - box.top()) // LINE)
        order = self._order()[: max(1, int(box.height() // LINE))]
        return order[at] if box.contains(place) and 0 <= at < len(order) else None

    def _paint_list(self, painter: QPainter, area: QRectF, tokens: Theme, marked: int | None) -> None:
        box = self._list_box(area)
        order = self._order()[: max(1, int(box.height() // LINE))]
        for line, at in enumerate(order):
            row = QRectF(box.left(), box.top() + line * LINE, min(box.width(), 240.0), LINE)
            painter.fillRect(
                QRectF(row.left(), row.center().y() - 4, 8, 8), theme.colour(colour_of(self._classes[at]))
            )
            painter.setFont(theme.sans(11))
            painter.setPen(theme.colour(tokens.text if at == marked else tokens.muted))
            painter.drawText(
                row.adjusted(14, 0, -56, 0), LEFT, elided(painter, self._names[at], row.width() - 72)
            )
            painter.setFont(theme.mono(10))
            painter.drawText(row, RIGHT, f"{self._areas[at]:.4f}")

    def text_at(self, place: QPointF, area: QRectF) -> str:
        near = self._nearest(place, self._plot(area))
        if near is not None:
            one, false, true = near
            rates = f"false positives {percent(false)}, true positives {percent(true)}"
            return f"{self._names[one]}: {rates} · AUC {self._areas[one]:.4f}"
        listed = self._listed(place, area)
        return (
            "" if listed is None else f"{self._names[listed]} against the rest: AUC {self._areas[listed]:.4f}"
        )


class CalibrationPage(Page):
    """How many predictions are right among those of one confidence; on the diagonal it can be trusted."""

    title = CALIBRATION

    def __init__(self, arrays: Arrays, view: PagedView) -> None:
        self._bins = np.asarray(arrays["bins"], np.float64)
        self._view = view
        self.head = f"expected calibration error {percent(float(arrays['ece']))}"

    def height(self, width: float) -> float:
        return LINE + min(width - 44.0, 230.0) + 34 + 40

    def _plot(self, area: QRectF) -> QRectF:
        side = max(40.0, min(area.width() - 52, area.height() - LINE - 76, 460.0))
        return QRectF(area.left() + 42, area.top() + LINE + 4, side, side - 4)

    def paint(self, painter: QPainter, area: QRectF, tokens: Theme) -> None:
        plot, count = self._plot(area), len(self._bins)
        paint_head(painter, area, self.head, tokens)
        wide = plot.width() / count
        most = self._bins[:, 0].max() or 1.0
        for at, (held, sure, right) in enumerate(self._bins.tolist()):
            if not held:
                continue
            left = plot.left() + at * wide
            high = right * plot.height()
            bar = QRectF(left + 1, plot.bottom() - high, wide - 2, high)
            painter.fillRect(bar, theme.colour(POSITIVE, 0.75))
            off = QRectF(left + 1, plot.bottom() - max(sure, right) * plot.height(), wide - 2, 0)
            off.setHeight(abs(sure - right) * plot.height())
            painter.fillRect(off, theme.colour(NEGATIVE, 0.45))
            foot = QRectF(left + 1, plot.bottom() + 30, wide - 2, max(1.0, 34 * held / most))
            painter.fillRect(foot, theme.colour(tokens.faint, 0.7))
        unit_plot(painter, plot, "confidence", "share that is right", tokens)
        painter.setPen(theme.colour(tokens.faint))
        painter.setFont(theme.sans(10))
        told = QRectF(area.left(), plot.bottom() + 28, 40, 14)
        painter.drawText(told, LEFT, "count")

    def text_at(self, place: QPointF, area: QRectF) -> str:
        plot, count = self._plot(area), len(self._bins)
        if not plot.adjusted(0, 0, 0, 70).contains(place):
            return ""
        at = min(count - 1, int((place.x() - plot.left()) / plot.width() * count))
        held, sure, right = self._bins[at].tolist()
        span = f"confidence {at / count:.2f} to {(at + 1) / count:.2f}: {int(held):,}"
        return f"{span} · mean {percent(sure)}, right {percent(right)}" if held else span
