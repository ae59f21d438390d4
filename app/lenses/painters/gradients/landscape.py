"""Paints the loss landscape: colours, contours, the way of the run and where the weights are."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QImage

from app.lenses.painter import Arrays, Context, Painter, Subject, picture
from app.lenses.painters.gradients.grown_view import GrownView
from app.lenses.painters.gradients.surface import (
    Surface,
    draw_surface,
    read_surface,
    surface_height,
    surface_text,
)
from app.lenses.room import Room
from app.style.theme import Theme

_ROOM = Room(1, 1, 96.0, 96.0, crisp=True)


class LandscapePainter(Painter[GrownView]):
    """The map alone in the node, with axes and scale in a view."""

    kind = "landscape"
    empty = "Pause the run to have the loss around its weights computed. Play first notes their way."

    def room(self, subject: Subject) -> Room | None:
        return _ROOM

    def thumbnail(self, arrays: Arrays, room: Room, context: Context, theme: Theme) -> QImage | None:
        surface = read_surface(arrays)
        return None if surface is None else picture(room, theme, partial(draw_surface, surface, small=True))

    def view(self) -> GrownView:
        return GrownView()

    def show(self, view: GrownView, arrays: Arrays, context: Context) -> bool:
        surface = read_surface(arrays)
        if surface is None:
            return False
        height, words = partial(surface_height, surface), partial(surface_text, surface)
        view.show_drawn(surface, partial(draw_surface, surface), height, words)
        return True

    def note(self, view: GrownView, moment: str, context: Context) -> str:
        surface = view.shown
        if not isinstance(surface, Surface):
            return moment
        parts = [surface.samples, moment]
        if surface.moved < surface.weights:
            parts.insert(1, f"{surface.moved:,} of {surface.weights:,} weights move")
        return " · ".join(parts)
