"""Paints exemplars: the samples that excite a unit most, with the place where they do."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from app.lenses.painter import Arrays, Context, Painter, Subject, picture
from app.lenses.room import Room
from app.lenses.sets.exemplars_page import ExemplarsPage
from app.lenses.sets.paged import PagedView
from app.lenses.sets.sample_pictures import SamplePictures, draw_image
from app.lenses.sets.told import of_set
from app.style import theme as style
from app.style.theme import Theme

_ROOM = Room(1, 1, 132.0, 100.0)
_UNITS, _EACH = 4, 5
"""Units and samples of each in a node."""


class ExemplarsPainter(Painter[PagedView]):
    """Rows of the first units in the node; one unit at a time in the view."""

    kind = "exemplars"
    empty = "Press Play to see which samples excite the units of this layer."

    def room(self, subject: Subject) -> Room | None:
        return _ROOM

    def thumbnail(self, arrays: Arrays, room: Room, context: Context, theme: Theme) -> QImage | None:
        if "samples" not in arrays:
            return None
        return picture(room, theme, partial(_small, arrays, SamplePictures(arrays, context.info)))

    def view(self) -> PagedView:
        return PagedView()

    def show(self, view: PagedView, arrays: Arrays, context: Context) -> bool:
        if "samples" not in arrays:
            return False
        view.state["set"] = arrays["set"]
        view.show_pages([ExemplarsPage(arrays, context.info, view)])
        return True

    def note(self, view: PagedView, moment: str, context: Context) -> str:
        held = view.state.get("set")
        return moment if held is None else f"{of_set(held)} · {moment}"


def _small(arrays: Arrays, samples: SamplePictures, painter: QPainter, area: QRectF, tokens: Theme) -> None:
    """A row for each of the first units."""
    rows = np.asarray(arrays["samples"], np.int64)[:_UNITS, :_EACH]
    high = area.height() / _UNITS
    for row, places in enumerate(rows.tolist()):
        line = QRectF(area.left() + 3, area.top() + row * high, area.width() - 6, high)
        if not samples.are_pictures:
            samples.paint(painter, line, places[0], tokens)
            continue
        painter.setFont(style.mono(8))
        painter.setPen(style.colour(tokens.muted))
        painter.drawText(QRectF(line.left(), line.top(), 16, high), f"{int(arrays['units'][row])}")
        side = min(high - 2, (line.width() - 18) / _EACH)
        for column, place in enumerate(places):
            image = samples.image(place)
            if image is not None:
                x = line.left() + 18 + column * (line.width() - 18) / _EACH
                draw_image(painter, QRectF(x, line.top() + 1, side, side), image)
