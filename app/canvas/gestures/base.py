"""What every gesture of the mouse has: start, update, end, cancel. One class per gesture.

A gesture changes the project only at its end, as one step; so a cancelled one leaves no trace.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

Modifiers = Qt.KeyboardModifier
START_DISTANCE = 4.0
"""Pixels on screen that a press may wander before it is a drag."""


class Gesture:
    """Base: does nothing. Points are on the scene."""

    cursor: Qt.CursorShape | None = None

    def __init__(self, view: CanvasView) -> None:
        self.view = view
        self.scene = view.canvas
        self.session = view.session
        self.origin = QPointF()
        self.began = False

    def start(self, at: QPointF, modifiers: Modifiers) -> None:
        """The press."""
        self.origin = QPointF(at)
        self.modifiers = modifiers

    def update(self, at: QPointF) -> None:
        """The mouse moved."""

    def end(self, at: QPointF) -> None:
        """The release: now the project may change."""

    def cancel(self) -> None:
        """Esc: everything is as before the press."""

    def paint(self, painter: QPainter) -> None:
        """What is drawn over everything else while the gesture lasts (scene coordinates)."""

    def extent(self) -> QRectF:
        """What `paint` covers now, so that no more than that is repainted."""
        return QRectF()

    def has_begun(self, at: QPointF) -> bool:
        """Whether the press has become a drag; stays true once it was."""
        if not self.began:
            self.began = (at - self.origin).manhattanLength() * self.view.zoom >= START_DISTANCE
        return self.began
