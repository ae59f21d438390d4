"""The parts of the canvas, as its menu, keys and overlays use them. `view` puts them together."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QGraphicsView

from app.canvas.clipboard import CanvasClipboard
from app.canvas.gesture_runner import GestureRunner
from app.canvas.gestures.base import Canvas
from app.canvas.looking import Looking
from app.canvas.name_fields import NameFields


class Peeking(Protocol):
    """Looks inside a placement."""

    def open(self, key: str) -> bool: ...


class CanvasParts(Canvas, Protocol):
    """What `CanvasView` is made of. `widget` is the view itself."""

    @property
    def widget(self) -> QGraphicsView: ...
    @property
    def clipboard(self) -> CanvasClipboard: ...
    @property
    def gestures(self) -> GestureRunner: ...
    @property
    def names(self) -> NameFields: ...
    @property
    def peek(self) -> Peeking: ...
    @property
    def looking(self) -> Looking: ...

    def cursor_place(self) -> QPointF: ...
    def reveal(self, node: str) -> None: ...
    def rename(self) -> None: ...
