"""Paints Grad-CAM: the heat over the picture, beside the picture itself."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QImage

from app.lenses.painter import Arrays, Context, Painter, Subject, picture
from app.lenses.painters.gradients.drawn_heat import draw_heat, show_heat
from app.lenses.painters.gradients.grown_view import GrownView
from app.lenses.painters.gradients.heat import Heat, read_heat
from app.lenses.room import Room
from app.style.theme import Theme

_ROOM = Room(1, 1, 132.0, 64.0, crisp=True)


class GradCamPainter(Painter[GrownView]):
    """The picture, and the heat over the picture in grey."""

    kind = "grad_cam"
    empty = "Press Play to see which places of a sample raise the score of its class."

    def room(self, subject: Subject) -> Room | None:
        return _ROOM

    def thumbnail(self, arrays: Arrays, room: Room, context: Context, theme: Theme) -> QImage | None:
        heat = _read(arrays, context)
        return picture(room, theme, partial(draw_heat, heat, small=True, over=True)) if heat else None

    def view(self) -> GrownView:
        return GrownView()

    def show(self, view: GrownView, arrays: Arrays, context: Context) -> bool:
        return show_heat(view, _read(arrays, context), over=True)

    def note(self, view: GrownView, moment: str, context: Context) -> str:
        heat = view.shown
        if isinstance(heat, Heat) and not heat.decides:
            return f"no answer depends on this layer: its own channel · {moment}"
        if isinstance(heat, Heat) and heat.is_nothing:
            return f"no place raises the score · {moment}"
        return moment


def _read(arrays: Arrays, context: Context) -> Heat | None:
    if "maps" not in arrays:
        return None
    count, high, wide = (int(one) for one in arrays["maps"])
    return read_heat(
        arrays, context.info, f"{count:,} maps of {high}×{wide}", decides=bool(arrays["decides"])
    )
