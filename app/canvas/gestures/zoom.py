"""Zoom: wheel and pinch, at the point under the mouse."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QNativeGestureEvent

from app.canvas.gestures.base import Canvas, Gesture, Modifiers

STEP = 1.0015
"""Factor per eighth of a degree of the wheel: one notch (120) is about a fifth."""


class Zoom(Gesture):
    """Each turn of the wheel is a gesture of its own; a pinch goes on until the fingers leave."""

    def start(self, at: QPointF, modifiers: Modifiers) -> None:
        super().start(at, modifiers)
        self._before = (self.canvas.camera.zoom, self.canvas.camera.scroll_place())

    def turn(self, angle: float) -> None:
        """The wheel turned by so many eighths of a degree."""
        self.by(STEP**angle)

    def by(self, factor: float) -> None:
        self.canvas.camera.zoom_at(self.canvas.camera.zoom * factor, self.origin)

    def cancel(self) -> None:
        zoom, place = self._before
        self.canvas.camera.zoom_to(zoom)
        self.canvas.camera.scroll_to(*place)


class Pinch:
    """Two fingers on a touch pad or screen: one zoom from the first to the last event."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._zoom: Zoom | None = None

    def take(self, event: QNativeGestureEvent, at: QPointF) -> None:
        kind = event.gestureType()
        ends = kind == Qt.NativeGestureType.EndNativeGesture
        if self._zoom is None and not ends:
            self._zoom = Zoom(self._canvas)
            self._zoom.start(at, event.modifiers())
        if kind == Qt.NativeGestureType.ZoomNativeGesture and self._zoom is not None:
            self._zoom.by(1.0 + event.value())
        if ends:
            self._zoom = None
