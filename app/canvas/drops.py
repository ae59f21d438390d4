"""Drags from the palette over the canvas: they become a gesture that lasts until they leave or drop.

A part of the view; what a drop does is the gesture's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent

from app.canvas.gestures.base import Gesture, Modifiers
from app.canvas.gestures.drop_layer import DropLayer, read_mime
from app.canvas.viewport import Sight

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


class Drops(Sight):
    """The part of the view that is dropped on."""

    gesture: Gesture | None
    _mouse: QPoint | None

    if TYPE_CHECKING:

        def begin(self, gesture: Gesture, at: QPointF, modifiers: Modifiers) -> None: ...
        def cancel_gesture(self) -> bool: ...
        def _refresh_gesture(self) -> None: ...
        def _end_gesture(self, at: QPointF) -> None: ...

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        read = read_mime(event.mimeData())
        if read is None:
            event.ignore()
            return
        self.begin(
            DropLayer(cast("CanvasView", self), *read), self.scene_point(event.position()), event.modifiers()
        )
        event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if isinstance(self.gesture, DropLayer):
            self.gesture.update(self.scene_point(event.position()))
            self._refresh_gesture()
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        if isinstance(self.gesture, DropLayer):
            self.cancel_gesture()

    def dropEvent(self, event: QDropEvent) -> None:
        if not isinstance(self.gesture, DropLayer):
            event.ignore()
            return
        self._mouse = event.position().toPoint()
        event.acceptProposedAction()
        self._end_gesture(self.scene_point(event.position()))
        self.setFocus(Qt.FocusReason.MouseFocusReason)
