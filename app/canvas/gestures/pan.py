"""Pan: the canvas follows the hand (middle button, or space and the left one)."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt

from app.canvas.gestures.base import Gesture, Modifiers


class Pan(Gesture):
    """Keeps the point that was taken under the mouse."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def start(self, at: QPointF, modifiers: Modifiers) -> None:
        super().start(at, modifiers)
        self._before = self.view.scroll_place()

    def update(self, at: QPointF) -> None:
        self.view.scroll_by((self.origin - at) * self.view.zoom)

    def cancel(self) -> None:
        self.view.scroll_to(*self._before)
