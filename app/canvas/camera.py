"""Which part of the scene is seen: zoom, scroll, fit. Changes no node."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, QPointF, QRect, QRectF, Signal
from PySide6.QtWidgets import QGraphicsView

from app.canvas.items.measures import PICTURES_FROM, Level

MIN_ZOOM, MAX_ZOOM = 0.04, 4.0
_LEAST = 200


class Camera(QObject):
    """The zoom and the scroll of one view. `content_rect` is what `fit` shows, in scene coordinates."""

    zoom_changed = Signal(float)
    moved = Signal()  # another part of the scene is seen

    def __init__(self, view: QGraphicsView, content_rect: Callable[[], QRectF]) -> None:
        super().__init__(view)
        self._view, self._content_rect = view, content_rect
        self.level = Level.FULL
        self.covered = 0
        """Pixels at the right edge that something lies over."""
        self._places: dict[str, tuple[float, QPointF]] = {}
        """How each graph was last seen: the zoom, and the place in the middle."""
        self._fitted: tuple[float, tuple[int, int]] | None = None

    @property
    def zoom(self) -> float:
        return self._view.transform().m11()

    def visible_rect(self) -> QRectF:
        """The part of the scene that is seen."""
        return self._view.mapToScene(self._view.viewport().rect()).boundingRect()

    def free_rect(self) -> QRect:
        """The part of the viewport that nothing lies over; all of it where little would be left."""
        whole = self._view.viewport().rect()
        return whole.adjusted(0, 0, -self.covered, 0) if whole.width() - self.covered >= _LEAST else whole

    def viewport_point(self, place: QPointF) -> QPoint:
        return self._view.mapFromScene(place)

    def zoom_to(self, factor: float) -> None:
        """Zoom, keeping the middle of the view where it is. 1.0 is 100 %."""
        self.zoom_at(factor, self._view.mapToScene(self._view.viewport().rect().center()))

    def zoom_at(self, factor: float, place: QPointF) -> None:
        """Zoom, keeping a place of the scene where it is on screen."""
        factor = max(MIN_ZOOM, min(MAX_ZOOM, factor))
        if abs(factor - 1.0) < 0.01:
            factor = 1.0
        if abs(factor - self.zoom) < 1e-9:
            return
        before = self._view.viewportTransform().map(place)
        self._view.resetTransform()
        self._view.scale(factor, factor)
        after = self._view.viewportTransform().map(place)
        self.scroll_by(after - before)
        self.level = Level.at(factor)
        self._view.viewport().update()
        self.zoom_changed.emit(factor)
        self.moved.emit()

    def fit(self) -> None:
        """Show the whole drawing, at most at 100 %."""
        content = self._content_rect()
        if content.isEmpty():
            self.zoom_to(1.0)
            self.centre(QPointF(0.0, 0.0))
            return
        room = self.free_rect().adjusted(28, 44, -28, -48)
        factor = min(room.width() / content.width(), room.height() / content.height(), 1.0)
        self.zoom_to(max(factor, MIN_ZOOM))
        self.centre(content.center() + QPointF(0.0, 2.0 / self.zoom))
        self._fitted = (self.zoom, self.scroll_place())

    @property
    def is_fitted(self) -> bool:
        """Whether the whole drawing is in sight, as `fit` left it."""
        return self._fitted == (self.zoom, self.scroll_place())

    def fit_if_unmoved(self) -> None:
        """More was drawn since the whole drawing was fitted: fit it again, unless somebody has moved."""
        if self.is_fitted:
            self.fit()

    def fit_again(self) -> None:
        """The view took another size: the whole drawing stays in sight, but nodes keep their pictures."""
        before = self.level
        self.fit()
        if before is Level.FULL and self.level is not Level.FULL:
            self.zoom_to(PICTURES_FROM)
            self.centre(self._content_rect().center())
            self._fitted = (self.zoom, self.scroll_place())

    def show_graph_from(self, left: str, now: str) -> None:
        """Leave one graph and show another as it was last seen, or all of it for the first time."""
        self._places[left] = (self.zoom, self._view.mapToScene(self._view.viewport().rect().center()))
        if now not in self._places:
            self.fit()
            return
        zoom, middle = self._places[now]
        self.zoom_to(zoom)
        at = QPointF(self._view.viewport().rect().center())
        self.scroll_by(self._view.viewportTransform().map(middle) - at)

    def reset(self) -> None:
        """Show the whole drawing of another project; where its graphs were scrolled to is not known."""
        self._places.clear()
        self.fit()

    def centre(self, place: QPointF) -> None:
        """Bring a place of the scene to the middle of what can be seen."""
        middle = QPointF(self.free_rect().center())
        self.scroll_by(self._view.viewportTransform().map(place) - middle)

    def scroll_place(self) -> tuple[int, int]:
        return self._view.horizontalScrollBar().value(), self._view.verticalScrollBar().value()

    def scroll_to(self, x: int, y: int) -> None:
        self._view.horizontalScrollBar().setValue(x)
        self._view.verticalScrollBar().setValue(y)

    def scroll_by(self, by: QPointF) -> None:
        """Move the view by pixels on screen."""
        x, y = self.scroll_place()
        self.scroll_to(x + round(by.x()), y + round(by.y()))

    def scene_point(self, at: QPointF) -> QPointF:
        inverse, _ = self._view.viewportTransform().inverted()
        return inverse.map(at)
