"""Paints attention: a head's matrix in the node; matrices, lines, all heads and places of a picture."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from app.lenses.painter import Arrays, Context, Painter, Subject, picture
from app.lenses.painters.sequences.attention_matrix import seen_of
from app.lenses.painters.sequences.attention_reading import AttentionReading, read_attention
from app.lenses.painters.sequences.attention_view import AttentionView
from app.lenses.painters.sequences.sheet import draw_sharp, heat
from app.lenses.room import Room
from app.style.theme import Theme

_MOST = 4
"""Heads in a node."""
_SIDE = 64.0


class AttentionPainter(Painter[AttentionView]):
    """The first heads in the node; everything in the view."""

    kind = "attention_heads"
    empty = "Press Play to see what each position takes from the others."

    def room(self, subject: Subject) -> Room | None:
        heads = subject.layer.values.get("num_heads", 1) if subject.layer is not None else 1
        wide = _SIDE * min(2, int(heads)) + (4.0 if int(heads) > 1 else 32.0)
        return Room(1, 1, wide, 96.0 if int(heads) == 1 else 68.0 if int(heads) == 2 else 132.0)

    def thumbnail(self, arrays: Arrays, room: Room, context: Context, theme: Theme) -> QImage | None:
        reading = read_attention(arrays, context)
        if reading is None:
            return None
        return picture(room, theme, lambda painter, area, now: _heads(painter, area, now, reading))

    def view(self) -> AttentionView:
        return AttentionView()

    def show(self, view: AttentionView, arrays: Arrays, context: Context) -> bool:
        reading = read_attention(arrays, context)
        if reading is not None:
            view.show_reading(reading)
        return reading is not None


def _heads(painter: QPainter, area: QRectF, theme: Theme, reading: AttentionReading) -> None:
    shown = reading.small[:_MOST]
    columns = min(2, len(shown))
    rows = -(-len(shown) // columns)
    wide, high = (area.width() - 4.0 * (columns - 1)) / columns, (area.height() - 4.0 * (rows - 1)) / rows
    for index, values in enumerate(shown):
        row, column = divmod(index, columns)
        draw_sharp(
            painter,
            QRectF(area.left() + column * (wide + 4), area.top() + row * (high + 4), wide, high),
            heat(seen_of(values), theme, signed=False, shares=True),
        )
