"""Paints a distribution over classes or tokens, with temperature, top-k and top-p to play with."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from app.lenses.distribution.shares import Controls, ShareTable, share_table
from app.lenses.distribution.view import ROW, DistributionView, draw_rows
from app.lenses.painter import Arrays, Context, Painter, Subject, picture
from app.lenses.room import Room
from app.style.theme import Theme

_ROOM = Room(1, 1, 248.0, 120.0)


class DistributionPainter(Painter[DistributionView]):
    """In the node the likeliest classes at temperature 1."""

    kind = "distribution"
    empty = "Press Play to see the scores of all classes."

    def room(self, subject: Subject) -> Room | None:
        return _ROOM

    def thumbnail(self, arrays: Arrays, room: Room, context: Context, theme: Theme) -> QImage | None:
        table = share_table(dict(arrays), Controls(), context.info)
        return None if table is None else picture(room, theme, partial(_small, table))

    def view(self) -> DistributionView:
        return DistributionView()

    def show(self, view: DistributionView, arrays: Arrays, context: Context) -> bool:
        return view.show_scores(dict(arrays), context.info)


def _small(table: ShareTable, painter: QPainter, area: QRectF, theme: Theme) -> None:
    count = min(len(table.names), int((area.height() - 6) // ROW) - 1)
    draw_rows(painter, area.adjusted(6, 2, -6, -2), table, count, -1, theme)
