"""Pan: the scene moves with the mouse (middle button, or Space and the left one)."""

from __future__ import annotations

from typing import Self

from PySide6.QtCore import QPointF, Qt

from app.canvas.gestures.base import Canvas, Gesture, Modifiers, Press


class Pan(Gesture):
    """Keeps the point that was taken under the mouse."""

    order = 0
    cursor = Qt.CursorShape.ClosedHandCursor

    @classmethod
    def for_press(cls, canvas: Canvas, press: Press) -> Self | None:
        middle = press.button == Qt.MouseButton.MiddleButton
        return cls(canvas) if middle or (press.is_left and press.is_space_held) else None

    def start(self, at: QPointF, modifiers: Modifiers) -> None:
        super().start(at, modifiers)
        self._before = self.canvas.camera.scroll_place()

    def update(self, at: QPointF) -> None:
        self.canvas.camera.scroll_by((self.origin - at) * self.canvas.camera.zoom)

    def cancel(self) -> None:
        self.canvas.camera.scroll_to(*self._before)
