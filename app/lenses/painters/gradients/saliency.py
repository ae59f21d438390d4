"""Paints saliency: heat beside a picture, bars of columns or steps, marks on tokens."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QImage

from app.lenses.painter import Arrays, Context, Painter, Subject, picture
from app.lenses.painters.gradients.drawn_heat import draw_heat, show_heat
from app.lenses.painters.gradients.grown_view import GrownView
from app.lenses.painters.gradients.heat import Heat, read_heat
from app.lenses.room import Room
from app.style.theme import Theme

_ROOM = Room(1, 1, 132.0, 72.0, crisp=True)


class SaliencyPainter(Painter[GrownView]):
    """The same drawing in the node, without words, and in a view."""

    kind = "saliency"
    empty = "Press Play to see which parts of a sample this reacts to."

    def room(self, subject: Subject) -> Room | None:
        return _ROOM

    def thumbnail(self, arrays: Arrays, room: Room, context: Context, theme: Theme) -> QImage | None:
        heat = _read(arrays, context)
        return picture(room, theme, partial(draw_heat, heat, small=True, over=False)) if heat else None

    def view(self) -> GrownView:
        return GrownView()

    def show(self, view: GrownView, arrays: Arrays, context: Context) -> bool:
        return show_heat(view, _read(arrays, context), over=False)

    def note(self, view: GrownView, moment: str, context: Context) -> str:
        heat = view.shown
        if isinstance(heat, Heat) and heat.is_nothing:
            return f"no gradient reaches the input · {moment}"
        return moment


def _read(arrays: Arrays, context: Context) -> Heat | None:
    if "method" not in arrays:
        return None
    names = ("|gradient|", "gradient × input", f"mean of {int(arrays.get('samples', 1))}")
    if arrays.get("signed"):
        names = ("gradient", *names[1:])
    return read_heat(arrays, context.info, names[int(arrays["method"])], decides=bool(arrays["decides"]))
