"""Move a frame by its title, with the nodes that stand in it; or a note."""

from __future__ import annotations

from typing import Self

from PySide6.QtCore import QPointF, Qt

from app.canvas.gestures.base import Canvas, Gesture, Modifiers, Press
from app.canvas.items.back_items import FrameItem, NoteItem
from app.canvas.items.grid import snap
from engine.document import edits
from engine.document.project import Point, Project


class MoveFrame(Gesture):
    """What lies wholly inside a frame goes with it."""

    order = 50
    cursor = Qt.CursorShape.SizeAllCursor

    def __init__(self, canvas: Canvas, item: FrameItem | NoteItem) -> None:
        super().__init__(canvas)
        self._item = item

    @classmethod
    def for_press(cls, canvas: Canvas, press: Press) -> Self | None:
        return cls(canvas, press.annotation) if press.is_left and press.annotation is not None else None

    def start(self, at: QPointF, modifiers: Modifiers) -> None:
        super().start(at, modifiers)
        rect = self._item.rect
        inside = self.scene.hit_testing.nodes_in(rect) if isinstance(self._item, FrameItem) else []
        inside = [key for key in inside if rect.contains(self.scene.nodes[key].rect)]
        self._before = {key: Point(self.scene.nodes[key].x(), self.scene.nodes[key].y()) for key in inside}
        self._home = QPointF(rect.topLeft())
        self._shift = Point(0.0, 0.0)
        self.session.select(frozenset(inside))

    def update(self, at: QPointF) -> None:
        if self.has_begun(at):
            moved = at - self.origin
            self._place(Point(snap(moved.x()), snap(moved.y())))

    def end(self, at: QPointF) -> None:
        self.update(at)
        if self._shift == Point(0.0, 0.0):
            return
        frame = isinstance(self._item, FrameItem)
        if not self.session.attempt(self._edit, "Move frame" if frame else "Move note"):
            self.cancel()

    def cancel(self) -> None:
        self._place(Point(0.0, 0.0))

    def _edit(self, project: Project) -> Project:
        name, shift = self.session.view.graph, self._shift
        places = {key: Point(p.x + shift.x, p.y + shift.y) for key, p in self._before.items()}
        moved = edits.move(project, name, places)
        change = edits.change_frame if isinstance(self._item, FrameItem) else edits.change_note
        return change(moved, name, self._item.key, x=self._home.x() + shift.x, y=self._home.y() + shift.y)

    def _place(self, shift: Point) -> None:
        if shift == self._shift:
            return
        self._shift = shift
        self._item.setPos(self._home + QPointF(*shift))
        for key, at in self._before.items():
            self.scene.place_node(key, Point(at.x + shift.x, at.y + shift.y))
        self.scene.relay(self._before)
