"""Select a wire by a press on it."""

from __future__ import annotations

from typing import Self

from PySide6.QtCore import QPointF

from app.canvas.gestures.base import Canvas, Gesture, Modifiers, Press
from engine.document.project import Wire


class ChooseWire(Gesture):
    """Selects it at the press; the release does nothing more."""

    order = 40

    def __init__(self, canvas: Canvas, wire: Wire) -> None:
        super().__init__(canvas)
        self._wire = wire

    @classmethod
    def for_press(cls, canvas: Canvas, press: Press) -> Self | None:
        return cls(canvas, press.wire.wire) if press.is_left and press.wire is not None else None

    def start(self, at: QPointF, modifiers: Modifiers) -> None:
        super().start(at, modifiers)
        self.session.select(frozenset())
        self.scene.choose_wires(frozenset({self._wire}))
