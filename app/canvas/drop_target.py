"""Drags from the palette or a form over the canvas: a gesture that lasts until the drag leaves or drops."""

from __future__ import annotations

from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent

from app.canvas.gesture_runner import GestureRunner
from app.canvas.gestures.base import Canvas, Gesture
from app.canvas.gestures.drop_layer import DropLayer, read_mime
from app.canvas.gestures.drop_parameter import DropParameter, read_parameter
from engine.document.project import MAIN


class DropTarget:
    """Takes the drag events of one view."""

    def __init__(self, canvas: Canvas, gestures: GestureRunner) -> None:
        self._canvas, self._gestures = canvas, gestures

    @property
    def is_dragged_over(self) -> bool:
        return isinstance(self._gestures.current, DropLayer | DropParameter)

    def enter(self, event: QDragEnterEvent) -> None:
        gesture = self._gesture(event)
        if gesture is None:
            event.ignore()
            return
        self._gestures.begin(gesture, self._canvas.camera.scene_point(event.position()), event.modifiers())
        event.acceptProposedAction()

    def _gesture(self, event: QDragEnterEvent) -> Gesture | None:
        """What begins when this is dragged over the canvas; None where it cannot be dropped here."""
        layer, row = read_mime(event.mimeData()), read_parameter(event.mimeData())
        if layer is not None:
            return DropLayer(self._canvas, *layer)
        inside = self._canvas.session.view.graph != MAIN
        return DropParameter(self._canvas, *row) if row is not None and inside else None

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
