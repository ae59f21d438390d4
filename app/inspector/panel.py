"""Declares the panel of the inspector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.panels.declaration import Panel, PanelContext, PanelPlace

if TYPE_CHECKING:
    from app.inspector.inspector import Inspector


class InspectorDeclaration(Panel["Inspector"]):
    id = "inspector"
    title = "Inspector"
    place = PanelPlace.RIGHT
    shortcut = "Ctrl+2"
    extent = 300
    order = 20
    covers_canvas_when_narrow = True

    def make(self, context: PanelContext) -> Inspector:
        from app.inspector.inspector import Inspector

        inspector = Inspector(context.session, context.controller)
        inspector.samples_wanted.connect(context.show_samples)
        inspector.data_wanted.connect(context.show_data)
        inspector.lens_wanted.connect(context.show_lens)
        inspector.keys_free.connect(context.focus_canvas)
        return inspector
