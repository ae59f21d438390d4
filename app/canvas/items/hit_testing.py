"""Which items of the scene are at a point or in an area, and which of them is on top.

Items are nodes, ports, wires, notes and frames.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtWidgets import QGraphicsScene

from app.canvas.items import measures as m
from app.canvas.items.back_items import FrameItem, NoteItem
from app.canvas.items.node_item import NodeItem, PortAt, StackedItem
from app.canvas.items.wire_item import WireItem
from app.canvas.items.wire_layout import Plane
from engine.document.project import INPUT, OUTPUT, Graph, Wire

Key = TypeVar("Key")
Item = TypeVar("Item", bound=StackedItem)

_STEP = 2.0**-20
"""Between the ranks of two neighbours."""


class HitTesting:
    """The items of a scene, found by place. The dictionaries and the plane are the scene's own."""

    def __init__(
        self,
        scene: QGraphicsScene,
        plane: Plane[str],
        nodes: dict[str, NodeItem],
        frames: dict[str, FrameItem],
        notes: dict[str, NoteItem],
    ) -> None:
        self._scene = scene
        self.plane, self.nodes, self.frames, self.notes = plane, nodes, frames, notes

    def stack(self, graph: Graph, wires: dict[Wire, WireItem]) -> None:
        """Bring all items in the order of the drawing: what comes back by undo stands where it stood."""
        _stack(self.nodes, (*graph.nodes, INPUT, OUTPUT))
        _stack(wires, graph.wires)
        _stack(self.frames, graph.layout.frames)
        _stack(self.notes, graph.layout.notes)

    def node_at(self, point: QPointF) -> NodeItem | None:
        """The topmost node under a point."""
        x, y = point.x(), point.y()
        found = [self.nodes[key] for key in self.plane.within((x - 0.5, y - 0.5, x + 0.5, y + 0.5))]
        found = [item for item in found if item.holds(point)]
        return max(found, key=lambda item: item.zValue(), default=None)

    def port_at(self, point: QPointF, radius: float = m.HIT) -> PortAt | None:
        """The nearest port whose hit area holds the point."""
        x, y = point.x(), point.y()
        keys = self.plane.within((x - radius, y - radius, x + radius, y + radius))
        spots = [spot for key in keys if (spot := self.nodes[key].port_at(point, radius)) is not None]
        return min(spots, key=lambda spot: (spot.place - point).manhattanLength(), default=None)

    def wire_at(self, point: QPointF, reach: float = 6.0) -> WireItem | None:
        area = QRectF(point.x() - reach, point.y() - reach, 2 * reach, 2 * reach)
        near = [item for item in self._scene.items(area) if isinstance(item, WireItem)]
        return next((item for item in near if item.holds(point, reach)), None)

    def back_at(self, point: QPointF) -> FrameItem | NoteItem | None:
        """The note under a point, or the frame by whose title the point would take it."""
        held: list[FrameItem | NoteItem] = [*self.notes.values(), *self.frames.values()]
        return next((item for item in held if item.grips(point)), None)

    def nodes_in(self, area: QRectF) -> list[str]:
        """Real nodes (not the border) that meet an area."""
        keys = self.plane.within((area.left(), area.top(), area.right(), area.bottom()))
        return [key for key in keys if key not in (INPUT, OUTPUT)]

    def content_rect(self) -> QRectF:
        """All that is drawn, without shadows; empty where there is nothing."""
        rect = QRectF()
        held: list[NodeItem | FrameItem | NoteItem] = [*self.nodes.values(), *self.frames.values()]
        for item in (*held, *self.notes.values()):
            rect = rect.united(item.rect)
        return rect


def _stack(items: dict[Key, Item], order: Iterable[Key]) -> None:
    """Sort items by this order of their keys; only those that are out of order get another rank."""
    wanted = list(order)
    if len(wanted) != len(items):
        wanted = [key for key in wanted if key in items]
    if list(items) != wanted:
        for key in wanted:
            items[key] = items.pop(key)
    last = 0.0
    for item in items.values():
        if item.rank <= last:
            item.set_rank(last + _STEP)
        last = item.rank
