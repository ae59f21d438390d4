"""Paints projections: samples as points in the plane, by their principal components or by t-SNE."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from app.lenses.painter import Arrays, Context, Painter, Subject, picture
from app.lenses.room import Room
from app.lenses.sets.paged import PagedView
from app.lenses.sets.projection_page import ProjectionPage
from app.lenses.sets.told import of_set
from app.style import theme as style
from app.style.theme import Theme

_ROOM = Room(1, 1, 132.0, 132.0)


class ProjectionPainter(Painter[PagedView]):
    """Points in the node; in the view with the sample that is pointed at and its neighbours."""

    kind = "projection"
    empty = "Press Play to see which samples are alike to this layer."

    def room(self, subject: Subject) -> Room | None:
        return _ROOM

    def thumbnail(self, arrays: Arrays, room: Room, context: Context, theme: Theme) -> QImage | None:
        if "places" not in arrays:
            return None
        page = ProjectionPage(arrays, context.info, {}, by_variance=False)
        return picture(room, theme, partial(_paint_points, page))

    def view(self) -> PagedView:
        return PagedView()

    def show(self, view: PagedView, arrays: Arrays, context: Context) -> bool:
        if "places" not in arrays:
            return False
        view.state["set"] = arrays["set"]
        by_variance = self.kind == "projection" or "fallback" in arrays
        view.show_pages([ProjectionPage(arrays, context.info, view.state, by_variance=by_variance)])
        return True

    def note(self, view: PagedView, moment: str, context: Context) -> str:
        held = view.state.get("set")
        return moment if held is None else f"{of_set(held)} · {moment}"


class NeighbourMapPainter(ProjectionPainter):
    """The same points, laid out by t-SNE."""

    kind = "neighbour_map"
    empty = "Pause to lay out samples by t-SNE: it takes seconds, and trains nothing meanwhile."


def _paint_points(page: ProjectionPage, painter: QPainter, area: QRectF, _tokens: Theme) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    points = page.placed(area.adjusted(3, 3, -3, -3))
    painter.setPen(Qt.PenStyle.NoPen)
    for colour in dict.fromkeys(page.colours):
        painter.setBrush(style.colour(colour, 0.85))
        for at in np.flatnonzero(np.array(page.colours) == colour).tolist():
            painter.drawEllipse(QPointF(*points[at].tolist()), 1.8, 1.8)
