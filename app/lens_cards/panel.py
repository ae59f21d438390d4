"""Declares the panel of the lenses, which is hidden until somebody looks at something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.panels.declaration import Panel, PanelContext, PanelPlace
from engine.document.lens_pins import lens_cards
from engine.document.project import IN_PANEL, Project

if TYPE_CHECKING:
    from app.lens_cards.cards_panel import LensCardsPanel


class LensCardsDeclaration(Panel["LensCardsPanel"]):
    id = "lenses"
    title = "Lenses"
    menu_title = "the lenses"
    place = PanelPlace.LOWER_RIGHT
    shortcut = "Ctrl+L"
    extent = 736
    lower_height = 412
    order = 38
    search_words = "hide toggle panel look lens feature maps weights attention picture cards"
    shown_at_first = False
    floating_size = (1092, 840)

    def make(self, context: PanelContext) -> LensCardsPanel:
        from app.lens_cards.cards_panel import LensCardsPanel

        return LensCardsPanel(context.session, context.controller)

    def floating_changed(self, widget: LensCardsPanel, floats: bool) -> None:
        widget.set_floats(floats)

    def suits(self, project: Project) -> bool | None:
        return True if any(card.place == IN_PANEL for card in lens_cards(project)) else None

    @property
    def floating_shortcut(self) -> str:
        return "Ctrl+Shift+L"
