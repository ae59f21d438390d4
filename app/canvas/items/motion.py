"""Short motion where it explains: nodes that make room for one put on a wire slide there.

The project has changed already; only the items lag behind. It stops at once when anything else happens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEasingCurve, QObject, QVariantAnimation

from engine.document.project import Point

if TYPE_CHECKING:
    from app.canvas.items.scene import CanvasScene

_DURATION_MS = 150


class Slide(QObject):
    """Moves items from where they were to where the project has them."""

    def __init__(self, scene: CanvasScene) -> None:
        super().__init__(scene)
        self._scene = scene
        self._from: dict[str, Point] = {}
        self._clock = QVariantAnimation(self)
        self._clock.setDuration(_DURATION_MS)
        self._clock.setStartValue(0.0)
        self._clock.setEndValue(1.0)
        self._clock.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._clock.valueChanged.connect(self._step)

    def start(self, before: dict[str, Point]) -> None:
        """Slide these nodes from these places."""
        self.stop()
        self._from = before
        self._step(0.0)
        self._clock.start()

    def stop(self) -> None:
        """Everything is where it belongs, now."""
        if self._clock.state() == QVariantAnimation.State.Running:
            self._clock.stop()
            self._step(1.0)
        self._from = {}

    def _step(self, share: object) -> None:
        assert isinstance(share, float)
        scene = self._scene
        places = scene.graph.layout.positions
        present = [key for key in self._from if key in scene.nodes and key in places]
        for key in present:
            start, end = self._from[key], places[key]
            at = Point(start.x + (end.x - start.x) * share, start.y + (end.y - start.y) * share)
            scene.place_node(key, at)
        scene.relay(present)
        if share >= 1.0:
            scene.settle()
