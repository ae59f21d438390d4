"""Zoom: wheel and pinch, at the point under the mouse."""

from __future__ import annotations

from PySide6.QtCore import QPointF

from app.canvas.gestures.base import Gesture, Modifiers

STEP = 1.0015
"""Factor per eighth of a degree of the wheel: one notch (120) is about a fifth."""


class Zoom(Gesture):
    """Each turn of the wheel is a gesture of its own; a pinch goes on until the fingers leave."""

    def start(self, at: QPointF, modifiers: Modifiers) -> None:
        super().start(at, modifiers)
        self._before = (self.view.zoom, self.view.scroll_place())

    def turn(self, angle: float) -> None:
        """The wheel turned by so many eighths of a degree."""
        self.by(STEP**angle)

    def by(self, factor: float) -> None:
        self.view.zoom_at(self.view.zoom * factor, self.origin)

    def cancel(self) -> None:
        zoom, place = self._before
        self.view.zoom_to(zoom)
        self.view.scroll_to(*place)
