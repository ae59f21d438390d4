"""Declares the panel of the run that goes; the area below the canvas is named after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.panels.declaration import Panel, PanelContext, PanelPlace

if TYPE_CHECKING:
    from app.training.training import TrainingPanel


class TrainingDeclaration(Panel["TrainingPanel"]):
    id = "training"
    title = "Training"
    menu_title = "training panel"
    place = PanelPlace.LOWER
    shortcut = "Ctrl+3"
    extent = 272
    order = 30
    floating_size = (900, 320)

    def make(self, context: PanelContext) -> TrainingPanel:
        from app.training.training import TrainingPanel

        panel, runs = TrainingPanel(context.session, context.controller), context.run_list

        def count_earlier() -> None:
            panel.show_earlier(len(runs.records))

        runs.changed.connect(count_earlier)
        count_earlier()
        return panel

    def leave_room(self, widget: TrainingPanel, width: int) -> None:
        widget.leave_room(width)
