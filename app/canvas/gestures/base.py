"""What every gesture of the mouse has: when it begins, start, update, end, cancel. One class per gesture.

A gesture changes the project only at its end, as one step; so a cancelled one changes nothing. Every class of
this folder that says when it begins is found by itself, and so is one that an installed package declares.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol, Self

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from app.canvas.camera import Camera
from app.canvas.editing.drawing_editor import DrawingEditor
from app.canvas.items.back_items import FrameItem, NoteItem
from app.canvas.items.motion import Slide
from app.canvas.items.node_item import NodeItem, PortAt
from app.canvas.items.scene import CanvasScene
from app.canvas.items.wire_item import WireItem
from app.state.session import Session

Modifiers = Qt.KeyboardModifier
START_DISTANCE = 4.0
"""Pixels on screen that a press may move before it is a drag."""


class Canvas(Protocol):
    """What a gesture may use of the canvas."""

    @property
    def session(self) -> Session: ...
    @property
    def drawing(self) -> CanvasScene: ...
    @property
    def camera(self) -> Camera: ...
    @property
    def editor(self) -> DrawingEditor: ...
    @property
    def slide(self) -> Slide: ...

    def open_search(self, at: QPointF | None = None, wire_from: PortAt | None = None) -> None: ...
    def add_port(self, side: str) -> None: ...


@dataclass(frozen=True)
class Press:
    """A mouse button that goes down at a place of the scene. At most one of the items there is given."""

    button: Qt.MouseButton
    at: QPointF
    modifiers: Modifiers
    is_space_held: bool = False
    port: PortAt | None = None
    node: NodeItem | None = None
    wire: WireItem | None = None
    annotation: FrameItem | NoteItem | None = None

    @property
    def is_left(self) -> bool:
        return self.button == Qt.MouseButton.LeftButton

    @property
    def is_on_ground(self) -> bool:
        """Whether nothing is under the mouse."""
        return not any((self.port, self.node, self.wire, self.annotation))


class Gesture:
    """Base: does nothing. Points are on the scene."""

    order: ClassVar[int] = 100
    """Gestures are asked in this order; the first that begins is the one."""
    cursor: Qt.CursorShape | None = None

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.scene = canvas.drawing
        self.session = canvas.session
        self.origin = QPointF()
        self.began = False

    @classmethod
    def for_press(cls, canvas: Canvas, press: Press) -> Self | None:
        """The gesture that begins with this press; None where none of this class does."""
        del canvas, press
        return None

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
            distance = (at - self.origin).manhattanLength() * self.canvas.camera.zoom
            self.began = distance >= START_DISTANCE
        return self.began
