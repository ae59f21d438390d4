"""Where the canvas looks: zoom, scroll, fit, and the wheel and pinch that change them. Changes no node."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QInputDevice, QNativeGestureEvent, QWheelEvent
from PySide6.QtWidgets import QGraphicsView

from app.canvas.gestures.zoom import Zoom
from app.canvas.items.measures import Level
from app.canvas.items.scene import CanvasScene
from app.state.session import Session

MIN_ZOOM, MAX_ZOOM = 0.04, 4.0
_LEAST = 200


class Sight(QGraphicsView):
    """A view of a scene that can be looked at from near and far."""

    zoom_changed = Signal(float)

    def __init__(self, canvas: CanvasScene) -> None:
        self.canvas = canvas
        self.session: Session = canvas.session
        self.level = Level.FULL
        self.covered = 0
        """Pixels at the right edge that something lies over."""
        self._pinch: Zoom | None = None
        self._looks: dict[str, tuple[float, QPointF]] = {}
        """How each graph was left: the zoom, and the place in the middle."""
        super().__init__(canvas)

    def sight_changed(self) -> None:
        """Something else is in sight now."""

    def zooming(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> Zoom:
        """A zoom gesture that starts at this place of the scene."""
        raise NotImplementedError

    @property
    def zoom(self) -> float:
        return self.transform().m11()

    def visible_rect(self) -> QRectF:
        """The part of the scene in sight."""
        return self.mapToScene(self.viewport().rect()).boundingRect()

    def free_rect(self) -> QRect:
        """The part of the viewport that nothing lies over; all of it where little would be left."""
        whole = self.viewport().rect()
        return whole.adjusted(0, 0, -self.covered, 0) if whole.width() - self.covered >= _LEAST else whole

    def viewport_point(self, place: QPointF) -> QPoint:
        return self.mapFromScene(place)

    def zoom_to(self, factor: float) -> None:
        """Zoom, keeping the middle of the view where it is. 1.0 is 100 %."""
        self.zoom_at(factor, self.mapToScene(self.viewport().rect().center()))

    def zoom_at(self, factor: float, place: QPointF) -> None:
        """Zoom, keeping a place of the scene where it is on screen."""
        factor = max(MIN_ZOOM, min(MAX_ZOOM, factor))
        if abs(factor - 1.0) < 0.01:
            factor = 1.0
        if abs(factor - self.zoom) < 1e-9:
            return
        before = self.viewportTransform().map(place)
        self.resetTransform()
        self.scale(factor, factor)
        after = self.viewportTransform().map(place)
        self.scroll_by(after - before)
        self.level = Level.at(factor)
        self.viewport().update()
        self.zoom_changed.emit(factor)
        self.sight_changed()

    def fit(self) -> None:
        """Show the whole drawing, at most at 100 %."""
        content = self.canvas.content_rect()
        if content.isEmpty():
            self.zoom_to(1.0)
            self.centre(QPointF(0.0, 0.0))
            return
        room = self.free_rect().adjusted(28, 44, -28, -48)
        factor = min(room.width() / content.width(), room.height() / content.height(), 1.0)
        self.zoom_to(max(factor, MIN_ZOOM))
        self.centre(content.center() + QPointF(0.0, 2.0 / self.zoom))

    def look_from(self, left: str, now: str) -> None:
        """Leave one graph and look at another as it was left, or at all of it for the first time."""
        self._looks[left] = (self.zoom, self.mapToScene(self.viewport().rect().center()))
        if now not in self._looks:
            self.fit()
            return
        zoom, middle = self._looks[now]
        self.zoom_to(zoom)
        self.scroll_by(self.viewportTransform().map(middle) - QPointF(self.viewport().rect().center()))

    def look_anew(self) -> None:
        """Show the whole drawing of another project: how its graphs were left is not known."""
        self._looks.clear()
        self.fit()

    def centre(self, place: QPointF) -> None:
        """Bring a place of the scene to the middle of what can be seen."""
        middle = QPointF(self.free_rect().center())
        self.scroll_by(self.viewportTransform().map(place) - middle)

    def reveal(self, node: str) -> None:
        """Choose a node and bring it into sight."""
        item = self.canvas.nodes.get(node)
        if item is None:
            return
        self.session.select(frozenset({node}))
        if self.level is Level.BLOCKS:
            self.zoom_to(1.0)
        if not self.visible_rect().adjusted(20, 20, -20, -20).contains(item.rect):
            self.centre(item.rect.center())

    def scroll_place(self) -> tuple[int, int]:
        return self.horizontalScrollBar().value(), self.verticalScrollBar().value()

    def scroll_to(self, x: int, y: int) -> None:
        self.horizontalScrollBar().setValue(x)
        self.verticalScrollBar().setValue(y)

    def scroll_by(self, by: QPointF) -> None:
        """Move the view by pixels on screen."""
        x, y = self.scroll_place()
        self.scroll_to(x + round(by.x()), y + round(by.y()))

    def scene_point(self, at: QPointF) -> QPointF:
        inverse, _ = self.viewportTransform().inverted()
        return inverse.map(at)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self.sight_changed()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.accept()
        pad = event.pointingDevice().type() == QInputDevice.DeviceType.TouchPad
        if pad and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.scroll_by(-QPointF(event.pixelDelta()))
            return
        turn = self.zooming(self.scene_point(event.position()), event.modifiers())
        turn.turn(event.angleDelta().y() or event.angleDelta().x())

    def pinch(self, event: QNativeGestureEvent) -> bool:
        kind = event.gestureType()
        ends = kind == Qt.NativeGestureType.EndNativeGesture
        if self._pinch is None and not ends:
            self._pinch = self.zooming(self.scene_point(event.position()), event.modifiers())
        if kind == Qt.NativeGestureType.ZoomNativeGesture and self._pinch is not None:
            self._pinch.by(1.0 + event.value())
        if ends:
            self._pinch = None
        return True
