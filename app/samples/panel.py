"""Declares the panel of the samples, which is hidden until somebody asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.panels.declaration import Panel, PanelContext, PanelPlace

if TYPE_CHECKING:
    from app.samples.samples_panel import SamplesPanel


class SamplesDeclaration(Panel["SamplesPanel"]):
    id = "samples"
    title = "Samples"
    place = PanelPlace.LOWER_RIGHT
    shortcut = "Ctrl+4"
    extent = 380
    order = 40
    shown_at_first = False
    floating_size = (760, 700)

    def make(self, context: PanelContext) -> SamplesPanel:
        from app.samples.samples_panel import SamplesPanel

        return SamplesPanel(context.session, context.controller)

    def floating_changed(self, widget: SamplesPanel, floats: bool) -> None:
        widget.set_floats(floats)
