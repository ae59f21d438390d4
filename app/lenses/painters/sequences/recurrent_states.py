"""Paints states over time: the hidden state in the node; all states, cells and gates in the view."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from app.lenses.painter import Arrays, Context, Painter, Subject, picture
from app.lenses.painters.sequences.over_time import OverTimeSheet, TimedQuantity, read_quantities
from app.lenses.painters.sequences.sheet import draw_sharp, heat
from app.lenses.painters.sequences.sheet_canvas import SheetCanvas
from app.lenses.room import Room
from app.style.theme import Theme

_ROOM = Room(1, 1, 184.0, 64.0)


class RecurrentStatesPainter(Painter[SheetCanvas]):
    """A click on a quantity shows it alone, another one all of them."""

    kind = "recurrent_states"
    empty = "Press Play to see what states and gates are at each step."

    def room(self, subject: Subject) -> Room | None:
        return _ROOM

    def thumbnail(self, arrays: Arrays, room: Room, context: Context, theme: Theme) -> QImage | None:
        read = read_quantities(arrays)
        if read is None:
            return None
        return picture(room, theme, lambda painter, area, now: _small(painter, area, now, read.all[0]))

    def view(self) -> SheetCanvas:
        made = SheetCanvas()
        made.chosen.connect(lambda place: _enlarge(made, place))
        return made

    def show(self, view: SheetCanvas, arrays: Arrays, context: Context) -> bool:
        read = read_quantities(arrays)
        if read is None:
            return False
        before = view.sheet.enlarged if isinstance(view.sheet, OverTimeSheet) else None
        view.show_sheet(
            OverTimeSheet(read, before if before is not None and before < len(read.all) else None)
        )
        return True

    def note(self, view: SheetCanvas, moment: str, context: Context) -> str:
        left_out = view.sheet.left_out() if isinstance(view.sheet, OverTimeSheet) else ""
        return " · ".join(filter(None, (left_out, moment)))


def _enlarge(view: SheetCanvas, place: int) -> None:
    if isinstance(view.sheet, OverTimeSheet):
        view.show_sheet(OverTimeSheet(view.sheet.read, None if place < 0 else place))


def _small(painter: QPainter, area: QRectF, theme: Theme, quantity: TimedQuantity) -> None:
    values = quantity.values.T
    draw_sharp(painter, area, heat(values, theme, signed=quantity.is_signed, scale=quantity.scale))
