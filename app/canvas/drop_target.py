"""Drags from the palette over the canvas: a gesture that lasts until the drag leaves or drops."""

from __future__ import annotations

from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent

from app.canvas.gesture_runner import GestureRunner
from app.canvas.gestures.base import Canvas
from app.canvas.gestures.drop_layer import DropLayer, read_mime


class DropTarget:
    """Takes the drag events of one view."""

    def __init__(self, canvas: Canvas, gestures: GestureRunner) -> None:
        self._canvas, self._gestures = canvas, gestures

    @property
    def is_dragged_over(self) -> bool:
        return isinstance(self._gestures.current, DropLayer)

    def enter(self, event: QDragEnterEvent) -> None:
        read = read_mime(event.mimeData())
        if read is None:
            event.ignore()
            return
        at = self._canvas.camera.scene_point(event.position())
        self._gestures.begin(DropLayer(self._canvas, *read), at, event.modifiers())
        event.acceptProposedAction()

    def move(self, event: QDragMoveEvent) -> None:
        if self.is_dragged_over:
            self._gestures.update(self._canvas.camera.scene_point(event.position()))
            event.acceptProposedAction()
        else:
            event.ignore()

    def leave(self) -> None:
        if self.is_dragged_over:
            self._gestures.cancel()

    def drop(self, event: QDropEvent) -> bool:
        """Whether something was dropped."""
        if not self.is_dragged_over:
            event.ignore()
            return False
        event.acceptProposedAction()
        self._gestures.end(self._canvas.camera.scene_point(event.position()))
        return True
