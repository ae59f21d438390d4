"""Move: the chosen nodes follow the mouse on the grid; with Alt a copy of them is put down instead."""

from __future__ import annotations

from typing import Self

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from app.canvas.editing.placing import name_of
from app.canvas.gestures.base import Canvas, Gesture, Modifiers, Press
from app.canvas.gestures.choosing import choose
from app.canvas.items.grid import snap
from app.canvas.items.measures import Level
from app.style import theme
from engine.document import edits
from engine.document.project import Point

_MANY = 16
"""More nodes than this are moved as outlines, and put down at the end …"""
_CROWD = 200
"""… and more than this as one outline of them all."""


class MoveSelection(Gesture):
    """Takes the node under the mouse and all that are chosen with it."""

    order = 30
    cursor = Qt.CursorShape.SizeAllCursor

    def __init__(self, canvas: Canvas, grabbed: str) -> None:
        super().__init__(canvas)
        self._grabbed = grabbed

    @classmethod
    def for_press(cls, canvas: Canvas, press: Press) -> Self | None:
        return cls(canvas, press.node.card.id) if press.is_left and press.node is not None else None

    def start(self, at: QPointF, modifiers: Modifiers) -> None:
        super().start(at, modifiers)
        choose(self.canvas, self._grabbed, modifiers)
        self._copies = bool(modifiers & Qt.KeyboardModifier.AltModifier)
        chosen = self.session.selection | {self._grabbed}
        graph = self.scene.graph
        self._keys = [key for key in chosen if key in graph.nodes]
        self._before = {
            key: Point(self.scene.nodes[key].x(), self.scene.nodes[key].y()) for key in self._keys
        }
        self._outlined = self._copies or len(self._keys) > _MANY
        self._shift = Point(0.0, 0.0)
        self._outline = [self.scene.nodes[key].rect for key in self._keys] if self._outlined else []
        self._outline_bounds = self._bounds_of_outline()
        if len(self._outline) > _CROWD:
            self._outline = [self._outline_bounds]
        self._guides: list[QLineF] = []
        self._lines = self._lines_of_others()

    def update(self, at: QPointF) -> None:
        if self._grabbed not in self._before or not self.has_begun(at):
            return
        base = self._before[self._grabbed]
        moved = Point(snap(base.x + at.x() - self.origin.x()), snap(base.y + at.y() - self.origin.y()))
        shift = Point(moved.x - base.x, moved.y - base.y)
        if shift == self._shift:
            return
        self._shift = shift
        if not self._outlined:
            self._place(shift)
        self._guides = self._aligned(moved)

    def end(self, at: QPointF) -> None:
        self.update(at)
        if self._shift == Point(0.0, 0.0):
            return
        graph, shift = self.session.view.graph, self._shift
        places = {key: Point(p.x + shift.x, p.y + shift.y) for key, p in self._before.items()}
        if self._copies:
            self.canvas.editor.paste_copies(frozenset(self._keys), shift)
            return
        what = name_of(self.canvas.editor.geometry, self._keys)
        if not self.session.attempt(lambda p: edits.move(p, graph, places), f"Move {what}"):
            self.cancel()

    def cancel(self) -> None:
        if not self._outlined and self._shift != Point(0.0, 0.0):
            self._place(Point(0.0, 0.0))
        self._shift = Point(0.0, 0.0)

    def paint(self, painter: QPainter) -> None:
        pen = QPen(theme.colour(theme.current().accent), 1.0)  # lines that let through cost 20 times as much
        pen.setCosmetic(True)
        painter.setPen(pen)
        if self._outlined and self.began:
            painter.setBrush(theme.colour(theme.current().accent, 0.12))
            painter.translate(*self._shift)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.drawRects(self._outline)
            painter.translate(-self._shift.x, -self._shift.y)
        for line in self._guides:
            painter.drawLine(line)

    def extent(self) -> QRectF:
        rect = self._outline_bounds.translated(*self._shift) if self._outlined else QRectF()
        for line in self._guides:
            rect = rect.united(QRectF(line.p1(), line.p2()).normalized().adjusted(-2, -2, 2, 2))
        return rect

    def _place(self, shift: Point) -> None:
        present = [key for key in self._keys if key in self.scene.nodes]
        for key in present:
            at = self._before[key]
            self.scene.place_node(key, Point(at.x + shift.x, at.y + shift.y))
        self.scene.relay(present)

    def _bounds_of_outline(self) -> QRectF:
        rect = QRectF()
        for outline in self._outline:
            rect = rect.united(outline)
        return rect

    def _lines_of_others(
        self,
    ) -> tuple[dict[float, list[tuple[float, float]]], dict[float, list[tuple[float, float]]]]:
        """Port lines and left edges of what stands still in sight: what a moved node may line up with."""
        level: dict[float, list[tuple[float, float]]] = {}
        upright: dict[float, list[tuple[float, float]]] = {}
        if self._outlined or self.canvas.camera.level is Level.BLOCKS:
            return level, upright
        held = set(self._keys)
        for key in self.scene.hit_testing.nodes_in(self.canvas.camera.visible_rect()):
            if key not in held:
                item = self.scene.nodes[key]
                left, top, right, bottom = item.box
                level.setdefault(top + item.card.first_port, []).append((left, right))
                upright.setdefault(left, []).append((top, bottom))
        return level, upright

    def _aligned(self, at: Point) -> list[QLineF]:
        card = self.scene.nodes[self._grabbed].card
        level, upright = self._lines
        found = []
        y = at.y + card.first_port
        if y in level:
            ends = [*level[y], (at.x, at.x + card.width)]
            found.append(QLineF(min(e[0] for e in ends) - 8, y, max(e[1] for e in ends) + 8, y))
        if at.x in upright:
            ends = [*upright[at.x], (at.y, at.y + card.height)]
            found.append(QLineF(at.x, min(e[0] for e in ends) - 8, at.x, max(e[1] for e in ends) + 8))
        return found
