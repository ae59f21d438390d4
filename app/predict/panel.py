"""Declares the panel of predictions, a tab of the area below the canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.panels.declaration import Panel, PanelContext, PanelPlace
from app.state.actions import RUN

if TYPE_CHECKING:
    from app.predict.predict_panel import PredictPanel


class PredictDeclaration(Panel["PredictPanel"]):
    id = "predict"
    title = "Predict"
    menu_title = "predictions"
    place = PanelPlace.LOWER
    shortcut = "Ctrl+7"
    order = 60
    menu = RUN
    search_words = "inference apply classify new data results"

    def make(self, context: PanelContext) -> PredictPanel:
        from app.predict.predict_panel import PredictPanel

        return PredictPanel(context.session, context.controller, context.run_list)

    def opened(self, widget: PredictPanel) -> None:
        widget.setFocus()

    def leave_room(self, widget: PredictPanel, width: int) -> None:
        widget.leave_room(width)
