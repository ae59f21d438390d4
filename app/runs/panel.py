"""Declares the panel of the list of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.panels.declaration import Panel, PanelContext, PanelPlace
from app.state.actions import RUN

if TYPE_CHECKING:
    from app.runs.runs import RunsPanel


class RunsDeclaration(Panel["RunsPanel"]):
    id = "runs"
    title = "Runs"
    menu_title = "the list of runs"
    place = PanelPlace.LOWER
    shortcut = "Ctrl+5"
    order = 50
    menu = RUN
    icon = "format-list-bulleted"
    search_words = "history past experiments"

    def make(self, context: PanelContext) -> RunsPanel:
        from app.runs.runs import RunsPanel

        return RunsPanel(context.session, context.run_list)

    def opened(self, widget: RunsPanel) -> None:
        widget.focus_list()

    def leave_room(self, widget: RunsPanel, width: int) -> None:
        widget.leave_room(width)
