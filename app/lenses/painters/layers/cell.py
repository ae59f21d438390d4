"""Paints one element of an output with the terms that made it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from app.lenses.cell import paint
from app.lenses.cell.shown import ShownCell, shown_of
from app.lenses.cell.view import CellView
from app.lenses.painter import Arrays, Context, Painter, Subject, picture
from app.lenses.room import Room
from app.style import theme as style
from app.style.theme import Theme

_ROOM = Room(1, 1, 184.0, 92.0)
_LINE = 13.0
"""Height of a term inside a node."""


class CellPainter(Painter[CellView]):
    """In the node the window, the kernel and the products, or the terms that add most."""

    kind = "cell_terms"
    empty = "Press Play to see how one value of the output is made."

    def room(self, subject: Subject) -> Room | None:
        return _ROOM

    def thumbnail(self, arrays: Arrays, room: Room, context: Context, theme: Theme) -> QImage | None:
        shown = shown_of(dict(arrays), context.info)
        return None if shown is None else picture(room, theme, partial(_small, shown))

    def view(self) -> CellView:
        return CellView()

    def show(self, view: CellView, arrays: Arrays, context: Context) -> bool:
        shown = shown_of(dict(arrays), context.info)
        if shown is not None:
            view.show_element(shown)
        return shown is not None


def _small(shown: ShownCell, painter: QPainter, area: QRectF, theme: Theme) -> None:
    painter.setFont(style.mono(9))
    painter.setPen(style.colour(theme.text))
    line = QRectF(area.left() + 6, area.top() + 3, area.width() - 12, 14)
    painter.drawText(line, paint.LEFT, shown.headline)
    below = QRectF(line.left(), line.bottom() + 4, line.width(), area.bottom() - line.bottom() - 10)
    if shown.window is not None and shown.grid is not None:
        _small_window(shown, painter, below, theme)
    elif shown.groups:
        _small_terms(shown, painter, below, theme)
    else:
        painter.setPen(style.colour(theme.muted))
        painter.drawText(below, int(Qt.TextFlag.TextWordWrap), shown.formula(0))


def _small_window(shown: ShownCell, painter: QPainter, area: QRectF, theme: Theme) -> None:
    """The window and, of a convolution, the kernel and the products of its first channel."""
    assert shown.window is not None
    patch = shown.patch(0)
    grids = [(patch, paint.scale_of(shown.window.maps))]
    if shown.has_kernel:
        kernel = shown.window.kernel[0]
        products = patch * kernel
        grids += [(kernel, paint.scale_of(shown.window.kernel)), (products, paint.scale_of(products))]
    rows, columns = patch.shape
    gap = 12.0
    side = min((area.width() - gap * (len(grids) - 1)) / len(grids) / columns, area.height() / rows)
    for place, (values, scale) in enumerate(grids):
        left = area.left() + place * (side * columns + gap)
        box = QRectF(left, area.top(), side * columns, side * rows)
        paint.grid(painter, box, values, scale, theme)
        if place:
            paint.sign(painter, QPointF(left - gap / 2, box.center().y()), "×="[place - 1], theme)


def _small_terms(shown: ShownCell, painter: QPainter, area: QRectF, theme: Theme) -> None:
    """The terms that add most, each with its bar."""
    rows = shown.ordered(0)[: int(area.height() // _LINE)]
    values = shown.cell.table[:, -1]
    largest = float(abs(values).max(initial=0.0)) or 1.0
    for place, row in enumerate(rows):
        line = QRectF(area.left(), area.top() + place * _LINE, area.width(), _LINE)
        painter.setFont(style.mono(8))
        painter.setPen(style.colour(theme.muted))
        painter.drawText(QRectF(line.left(), line.top(), 52, _LINE), paint.LEFT, shown.term_place(int(row)))
        value = float(values[row])
        painter.drawText(QRectF(line.left() + 54, line.top(), 40, _LINE), paint.RIGHT, paint.short(value))
        bar = QRectF(line.left() + 100, line.top() + 2, line.width() - 100, _LINE - 4)
        paint.bar(painter, bar, value / largest, theme)
