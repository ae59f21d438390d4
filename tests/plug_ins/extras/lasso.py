"""Lasso select: Alt and a drag on empty canvas selects the nodes whose middles the drawn loop encloses."""

from __future__ import annotations

from typing import Self

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from app.canvas.gestures.base import Canvas, Gesture, Modifiers, Press
from app.style import theme


class Lasso(Gesture):
    order = 55

    @classmethod
    def for_press(cls, canvas: Canvas, press: Press) -> Self | None:
        is_asked = (
            press.is_left and press.is_on_ground and bool(press.modifiers & Qt.KeyboardModifier.AltModifier)
        )
        return cls(canvas) if is_asked else None

    def start(self, at: QPointF, modifiers: Modifiers) -> None:
        super().start(at, modifiers)
        self._before, self._loop = self.session.selection, QPolygonF([at])

    def update(self, at: QPointF) -> None:
        if self.has_begun(at):
            self._loop.append(at)
            inside = (
                key
                for key in self.scene.hit_testing.nodes_in(self._loop.boundingRect())
                if self._loop.containsPoint(self.scene.nodes[key].rect.center(), Qt.FillRule.OddEvenFill)
            )
            self.session.select(frozenset(inside))

    def cancel(self) -> None:
        self.session.select(self._before)

    def paint(self, painter: QPainter) -> None:
        pen = QPen(theme.colour(theme.current().accent), 1.0)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.drawPolygon(self._loop)

    def extent(self) -> QRectF:
        return self._loop.boundingRect().adjusted(-2, -2, 2, 2)
