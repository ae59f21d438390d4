"""Paints predictions of held-back samples: pages of samples, classes and errors, one at a time."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen

from app.lenses.painter import Arrays, Context, Painter, Subject, picture
from app.lenses.room import Room
from app.lenses.sets.class_pages import MatrixPage, TablePage, paint_cells
from app.lenses.sets.curve_pages import CalibrationPage, RocPage
from app.lenses.sets.naming import Names
from app.lenses.sets.number_pages import ErrorsPage, ScatterPage
from app.lenses.sets.paged import LEFT, Page, PagedView, Sentence
from app.lenses.sets.told import of_set
from app.lenses.sets.worst_pages import WorstPage
from app.style import theme as style
from app.style.theme import NEGATIVE, POSITIVE, Theme
from app.widgets.numbers import number, percent
from nodes.reading.dataset import DataInfo

_ROOM = Room(1, 1, 132.0, 148.0)
_NOTHING = "Compare this value with a target by a loss to see how good predictions are: no loss compares it."


class SetPredictionsPainter(Painter[PagedView]):
    """Pages in the view; the confusion matrix, or the predicted over the true numbers, in a node."""

    kind = "set_predictions"
    empty = "Press Play to see what the network says of samples that it does not train on."

    def room(self, subject: Subject) -> Room | None:
        return _ROOM

    def thumbnail(self, arrays: Arrays, room: Room, context: Context, theme: Theme) -> QImage | None:
        if "matrix" in arrays:
            return picture(room, theme, partial(_small_matrix, arrays))
        if "uncompared" in arrays:
            return picture(room, theme, partial(_no_comparison, arrays))
        if "labels" in arrays:
            return picture(room, theme, partial(_small_bars, arrays))
        return picture(room, theme, partial(_small_scatter, arrays)) if "points" in arrays else None

    def view(self) -> PagedView:
        return PagedView()

    def show(self, view: PagedView, arrays: Arrays, context: Context) -> bool:
        view.state["set"] = arrays.get("set")
        if "uncompared" in arrays:
            view.show_pages([Sentence("Predictions", _NOTHING)])
            return True
        if "losses" not in arrays:
            return False
        view.show_pages(_pages(view, arrays, context.info))
        return True

    def note(self, view: PagedView, moment: str, context: Context) -> str:
        held = view.state.get("set")
        return moment if held is None else f"{of_set(held)} · {moment}"


def _pages(view: PagedView, arrays: Arrays, info: DataInfo | None) -> list[Page]:
    if "points" in arrays:
        names = Names(0, info)
        pages: list[Page] = [WorstPage(arrays, names, info, view)]
        pages += [ScatterPage(arrays, view), ScatterPage(arrays, view, residuals=True)]
        if int(arrays["numbers"]) > 1:
            pages.append(ErrorsPage(arrays, ()))
        return pages
    count = int(arrays["classes"] if "classes" in arrays else arrays["labels"])
    names = Names(count, info)
    pages = [WorstPage(arrays, names, info, view)]
    if "matrix" in arrays:
        pages.append(MatrixPage(arrays, names, view))
    pages.append(TablePage(arrays, names, view))
    if "roc" in arrays:
        pages.append(RocPage(arrays, names, view))
    if "bins" in arrays:
        pages.append(CalibrationPage(arrays, view))
    return pages


def _small_matrix(arrays: Arrays, painter: QPainter, area: QRectF, tokens: Theme) -> None:
    total, _, right = (int(count) for count in arrays["cases"])
    painter.setFont(style.sans(9))
    painter.setPen(style.colour(tokens.text))
    line = QRectF(area.left() + 5, area.top() + 1, area.width() - 10, 14)
    painter.drawText(line, LEFT, f"{percent(right / max(1, total))} right")
    side = min(area.width() - 10, area.height() - 22)
    grid = QRectF(area.left() + (area.width() - side) / 2, area.top() + 17, side, side)
    paint_cells(painter, grid, np.asarray(arrays["matrix"], np.int64), tokens)


def _small_bars(arrays: Arrays, painter: QPainter, area: QRectF, tokens: Theme) -> None:
    """F1 of each of the first labels."""
    total, _, right = (int(count) for count in arrays["cases"])
    painter.setFont(style.sans(9))
    painter.setPen(style.colour(tokens.text))
    line = QRectF(area.left() + 5, area.top() + 1, area.width() - 10, 14)
    painter.drawText(line, LEFT, f"{percent(right / max(1, total))} right · F1")
    shares = np.nan_to_num(np.asarray(arrays["figures"], np.float64)[:24, 2])
    high = min(12.0, (area.height() - 22) / len(shares))
    for at, share in enumerate(shares.tolist()):
        bar = QRectF(area.left() + 5, area.top() + 18 + at * high, area.width() - 10, max(1.0, high - 2))
        painter.fillRect(bar, style.colour(tokens.hairline))
        bar.setWidth(bar.width() * share)
        painter.fillRect(bar, style.colour(POSITIVE if share >= 0.5 else NEGATIVE))


def _small_scatter(arrays: Arrays, painter: QPainter, area: QRectF, tokens: Theme) -> None:
    said, true = np.nan_to_num(np.asarray(arrays["points"], np.float64)).T
    explained = float(arrays["errors"][-1][2])
    painter.setFont(style.sans(9))
    painter.setPen(style.colour(tokens.text))
    line = QRectF(area.left() + 5, area.top() + 1, area.width() - 10, 14)
    painter.drawText(line, LEFT, f"R² {number(explained)}" if np.isfinite(explained) else "errors")
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    plot = QRectF(area.left() + 6, area.top() + 18, area.width() - 12, area.height() - 24)
    low, high = float(min(said.min(), true.min())), float(max(said.max(), true.max()))
    span = (high - low) or 1.0
    painter.setPen(QPen(style.colour(tokens.faint), 1, Qt.PenStyle.DashLine))
    painter.drawLine(plot.bottomLeft(), plot.topRight())
    painter.setPen(Qt.PenStyle.NoPen)
    for a, b in zip(said.tolist(), true.tolist(), strict=True):
        painter.setBrush(style.colour(NEGATIVE if a < b else POSITIVE, 0.7))
        x = plot.left() + (b - low) / span * plot.width()
        painter.drawEllipse(QPointF(x, plot.bottom() - (a - low) / span * plot.height()), 1.6, 1.6)


def _no_comparison(_arrays: Arrays, painter: QPainter, area: QRectF, theme: Theme) -> None:
    """No loss compares the value with what is true of it."""
    painter.setFont(style.sans(10))
    painter.setPen(style.colour(theme.muted))
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, "compared with nothing")
