"""Declares the panel in which the samples of a data set are browsed, a tab of the area below the canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.panels.declaration import Panel, PanelContext, PanelPlace
from app.state.actions import RUN

if TYPE_CHECKING:
    from app.browse.browse_panel import BrowsePanel


class BrowseDeclaration(Panel["BrowsePanel"]):
    id = "browse"
    title = "Data"
    menu_title = "the samples of the data"
    place = PanelPlace.LOWER
    shortcut = "Ctrl+8"
    order = 70
    menu = RUN
    search_words = "browse samples look data worst loss exclude split training validation"

    def make(self, context: PanelContext) -> BrowsePanel:
        from app.browse.browse_panel import BrowsePanel

        return BrowsePanel(context.session, context.controller, context.run_list)

    def opened(self, widget: BrowsePanel) -> None:
        widget.list.setFocus()

    def leave_room(self, widget: BrowsePanel, width: int) -> None:
        widget.leave_room(width)
