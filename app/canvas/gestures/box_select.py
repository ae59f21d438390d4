"""Box select: a rectangle drawn on empty canvas chooses what it touches; a mere click chooses nothing."""

from __future__ import annotations

from typing import Self

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from app.canvas.gestures.base import Canvas, Gesture, Modifiers, Press
from app.style import theme


class BoxSelect(Gesture):
    """With Shift or Ctrl the nodes in the box join those chosen before."""

    order = 60

    @classmethod
    def for_press(cls, canvas: Canvas, press: Press) -> Self | None:
        return cls(canvas) if press.is_left and press.is_on_ground else None

    def start(self, at: QPointF, modifiers: Modifiers) -> None:
        super().start(at, modifiers)
        self._before = self.session.selection
        if not self._before:
            self.session.set_spotlight("")
        adds = modifiers & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier)
        self._kept = self._before if adds else frozenset[str]()
        self._box = QRectF(at, at)

    def update(self, at: QPointF) -> None:
        if self.has_begun(at):
            self._box = QRectF(self.origin, at).normalized()
            self.session.select(self._kept | frozenset(self.scene.hit_testing.nodes_in(self._box)))

    def end(self, at: QPointF) -> None:
        self.update(at)
        if not self.began:
            self.session.select(self._kept)
            self.scene.choose_wires(frozenset())

    def cancel(self) -> None:
        self.session.select(self._before)

    def paint(self, painter: QPainter) -> None:
        if self.began:
            now = theme.current()
            pen = QPen(theme.colour(now.accent), 1.0)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.setBrush(theme.colour(now.accent, 0.10))
            painter.drawRect(self._box)

    def extent(self) -> QRectF:
        return self._box if self.began else QRectF()
