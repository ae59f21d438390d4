"""The gesture that goes on: begun by a press or a drag from the palette, moved, ended, cancelled, painted."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsView

from app.canvas.gestures.base import Canvas, Gesture, Modifiers, Press
from app.canvas.gestures.registry import gesture_for
from app.canvas.items.measures import Level


class GestureRunner:
    """At most one gesture at a time on one view. `on_begin` is called before a gesture starts."""

    def __init__(self, view: QGraphicsView, canvas: Canvas, on_begin: Callable[[], None]) -> None:
        self._view, self._canvas, self._on_begin = view, canvas, on_begin
        self.current: Gesture | None = None
        self.is_space_held = False
        self._painted = QRectF()

    def press(self, button: Qt.MouseButton, at: QPointF, modifiers: Modifiers) -> None:
        """A mouse button went down: begin what a press here begins, unless a gesture goes on."""
        if self.current is None:
            gesture = gesture_for(self._canvas, self._press(button, at, modifiers))
            if gesture is not None:
                self.begin(gesture, at, modifiers)

    def _press(self, button: Qt.MouseButton, at: QPointF, modifiers: Modifiers) -> Press:
        hit, camera = self._canvas.drawing.hit_testing, self._canvas.camera
        port = hit.port_at(at) if camera.level is not Level.BLOCKS else None
        node = hit.node_at(at) if port is None else None
        wire = hit.wire_at(at, 6.0 / min(1.0, camera.zoom)) if not (port or node) else None
        annotation = hit.back_at(at) if not (port or node or wire) else None
        return Press(button, at, modifiers, self.is_space_held, port, node, wire, annotation)

    def begin(self, gesture: Gesture, at: QPointF, modifiers: Modifiers) -> None:
        """Make this the gesture that the mouse goes on with."""
        self.cancel()
        self._on_begin()
        self.current = gesture
        gesture.start(at, modifiers)
        if gesture.cursor is not None:
            self._view.viewport().setCursor(gesture.cursor)
        self._refresh()

    def update(self, at: QPointF) -> None:
        """The mouse moved."""
        if self.current is not None:
            self.current.update(at)
            self._refresh()

    def end(self, at: QPointF) -> None:
        """The release."""
        gesture, self.current = self.current, None
        if gesture is not None:
            gesture.end(at)
            self._after()

    def cancel(self) -> bool:
        """Esc: change nothing. Returns whether there was a gesture."""
        gesture, self.current = self.current, None
        if gesture is None:
            return False
        gesture.cancel()
        self._after()
        return True

    def hold_space(self, held: bool) -> None:
        """With Space held, the left button pans."""
        self.is_space_held = held
        if self.current is None:
            self._show_cursor()

    def paint(self, painter: QPainter) -> None:
        if self.current is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.current.paint(painter)

    def _after(self) -> None:
        self._canvas.drawing.settle()
        self._refresh()
        self._show_cursor()

    def _show_cursor(self) -> None:
        held = self.is_space_held
        shape = Qt.CursorShape.OpenHandCursor if held else Qt.CursorShape.ArrowCursor
        self._view.viewport().setCursor(shape)

    def _refresh(self) -> None:
        """Repaint what the gesture covered and covers."""
        viewport = self._view.viewport()
        extent = self.current.extent() if self.current is not None else QRectF()
        if self._canvas.camera.level is not Level.FULL:
            viewport.update()
        else:
            for rect in (self._painted, extent):
                if not rect.isNull():
                    viewport.update(self._view.mapFromScene(rect).boundingRect().adjusted(-3, -3, 3, 3))
        self._painted = extent
