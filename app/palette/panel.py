"""Declares the panel of the palette."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.panels.declaration import Panel, PanelContext, PanelPlace

if TYPE_CHECKING:
    from app.palette.palette import Palette


class PaletteDeclaration(Panel["Palette"]):
    id = "palette"
    title = "Palette"
    place = PanelPlace.LEFT
    shortcut = "Ctrl+1"
    extent = 208
    order = 10
    made_at_once = True

    def make(self, context: PanelContext) -> Palette:
        from app.palette.palette import Palette

        palette = Palette(context.session)
        palette.chosen.connect(context.add_layer)
        return palette
