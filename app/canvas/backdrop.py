"""The ground of the canvas, and the whole drawing as one picture for zoom levels below 60 %."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QGraphicsView

from app.canvas.camera import Camera
from app.canvas.items.background import DotGround
from app.canvas.items.scene import CanvasScene
from app.style import theme


class Backdrop:
    """Paints for one view."""

    def __init__(self, view: QGraphicsView, scene: CanvasScene, camera: Camera) -> None:
        self._view, self._scene, self._camera = view, scene, camera
        self._ground = DotGround()
        self._picture, self._key = QPixmap(), cast(tuple[object, ...], ())

    def paint_ground(self, painter: QPainter) -> None:
        viewport = self._view.viewport()
        origin = self._view.viewportTransform().map(QPointF(0.0, 0.0))
        ratio = viewport.devicePixelRatioF()
        self._ground.paint(painter, viewport.rect(), viewport.size(), self._camera.zoom, origin, ratio)

    def picture(self) -> QPixmap:
        """Everything but the gesture, from afar: painted anew only when it looks different."""
        viewport, transform = self._view.viewport(), self._view.viewportTransform()
        ratio = viewport.devicePixelRatioF()
        key = (self._scene.overview.revision, transform, viewport.size(), ratio, theme.current().name)
        if key != self._key:
            self._key = key
            size = viewport.size() * ratio
            if self._picture.size() != size:
                self._picture = QPixmap(size)
                self._picture.setDevicePixelRatio(ratio)
            painter = QPainter(self._picture)
            self.paint_ground(painter)
            painter.setTransform(transform)
            camera = self._camera
            self._scene.overview.paint(painter, camera.visible_rect(), camera.zoom, camera.level)
            painter.end()
        return self._picture
