"""Declares the panel of pinned samples, a tab of the area below the canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.panels.declaration import Panel, PanelContext, PanelPlace
from app.state.actions import RUN

if TYPE_CHECKING:
    from app.lens_pins.pins_page import PinsPage


class PinsDeclaration(Panel["PinsPage"]):
    id = "pins"
    title = "Try it"
    menu_title = "the pinned samples"
    place = PanelPlace.LOWER
    shortcut = "Ctrl+J"
    order = 80
    menu = RUN
    search_words = "pin pinned sample draw type drop place try live answer"

    def make(self, context: PanelContext) -> PinsPage:
        from app.lens_pins.pins_page import PinsPage

        return PinsPage(context.session, context.controller)
