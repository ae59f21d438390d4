"""Where cards stand, by cells of the plane, and the courses of wires between them.

Keeps the place of every card, so that a wire asks only for the cards near it. Knows items, not projects.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.canvas.items.back_items import FrameItem
from app.canvas.items.node_item import NodeItem
from app.canvas.items.routing import Lane, Place, Rect, Route, bounds, route, runs_back
from app.canvas.items.wire_item import WireItem

_CELL = 256.0


class Plane:
    """Cards by cell."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], set[str]] = {}
        self._boxes: dict[str, Rect] = {}

    def put(self, key: str, box: Rect) -> None:
        if self._boxes.get(key) == box:
            return
        self.take(key)
        self._boxes[key] = box
        for cell in _over(box):
            self._cells.setdefault(cell, set()).add(key)

    def take(self, key: str) -> None:
        box = self._boxes.pop(key, None)
        if box is not None:
            for cell in _over(box):
                self._cells[cell].discard(key)

    def clear(self) -> None:
        self._cells.clear()
        self._boxes.clear()

    def box(self, key: str) -> Rect | None:
        return self._boxes.get(key)

    def within(self, region: Rect) -> list[str]:
        """The cards that meet a region."""
        left, top, right, bottom = region
        found: set[str] = set()
        for cell in _over(region):
            found |= self._cells.get(cell, set())
        boxes = self._boxes
        return [
            key
            for key in found
            if boxes[key][0] < right
            and boxes[key][2] > left
            and boxes[key][1] < bottom
            and boxes[key][3] > top
        ]

    def boxes_within(self, region: Rect) -> list[Rect]:
        return [self._boxes[key] for key in self.within(region)]


def _over(box: Rect) -> Iterator[tuple[int, int]]:
    for column in range(int(box[0] // _CELL), int(box[2] // _CELL) + 1):
        for row in range(int(box[1] // _CELL), int(box[3] // _CELL) + 1):
            yield column, row


class Lanes:
    """The level stretches of routed wires, by bands of height."""

    def __init__(self) -> None:
        self._lanes: dict[WireItem, Lane] = {}
        self._bands: dict[int, set[WireItem]] = {}

    def put(self, wire: WireItem, lane: Lane) -> None:
        self._lanes[wire] = lane
        self._bands.setdefault(int(lane[0] // _CELL), set()).add(wire)

    def take(self, wire: WireItem) -> None:
        lane = self._lanes.pop(wire, None)
        if lane is not None:
            self._bands[int(lane[0] // _CELL)].discard(wire)

    def clear(self) -> None:
        self._lanes.clear()
        self._bands.clear()

    def within(self, region: Rect) -> list[tuple[WireItem, Lane]]:
        """Wires whose lanes meet a region."""
        found = []
        for band in range(int(region[1] // _CELL), int(region[3] // _CELL) + 1):
            for wire in self._bands.get(band, ()):
                lane = self._lanes[wire]
                if lane[1] < region[2] and lane[2] > region[0]:
                    found.append((wire, lane))
        return sorted(found, key=lambda entry: entry[1])


class Wiring:
    """Gives wires their courses; those that run along together get a lane each."""

    def __init__(self, plane: Plane, nodes: dict[str, NodeItem], frames: dict[str, FrameItem]) -> None:
        self._plane, self._nodes, self._frames = plane, nodes, frames
        self._lanes = Lanes()

    def clear(self) -> None:
        self._lanes.clear()

    def forget(self, wire: WireItem) -> None:
        self._lanes.take(wire)

    def ends(self, wire: WireItem) -> tuple[Place, Place] | None:
        source = self._nodes.get(wire.wire.source.node)
        target = self._nodes.get(wire.wire.target.node)
        if source is None or target is None:
            return None
        start = source.place(wire.wire.source.port, output=True)
        end = target.place(wire.wire.target.port, output=False)
        return (start.x(), start.y()), (end.x(), end.y())

    def lay(self, wires: Iterable[WireItem]) -> None:
        """Lay these wires anew, in an order that does not depend on which came first."""
        held = set(wires)
        for wire in held:
            self._lanes.take(wire)
        edges = [edge for frame in self._frames.values() for edge in _edges(frame)]
        for wire in sorted(held, key=lambda item: item.wire):
            ends = self.ends(wire)
            if ends is not None:
                self._lay_one(wire, *ends, edges)

    def _lay_one(self, wire: WireItem, source: Place, target: Place, edges: list[Lane]) -> None:
        if not runs_back(source, target):
            low, high = min(source[1], target[1]), max(source[1], target[1])
            if not self._plane.within((source[0] + 1, low - 1, target[0] - 1, high + 1)):
                wire.set_route(Route((source, target)))
                return
        region = bounds(source, target)
        near = self._lanes.within(region)
        mine = [lane for other, lane in near if other.wire.source == wire.wire.source]
        rest = [lane for other, lane in near if other.wire.source != wire.wire.source]
        found = route(source, target, self._plane.boxes_within(region), [*rest, *edges], mine)
        lane = found.lane()
        wire.set_route(found, labelled=lane is None or all(lane[0] != other[0] for other in mine))
        if lane is not None:
            self._lanes.put(wire, lane)


def _edges(frame: FrameItem) -> tuple[Lane, Lane]:
    """The level sides of a frame: a wire along one would hide it."""
    rect = frame.rect
    return ((rect.top(), rect.left(), rect.right()), (rect.bottom(), rect.left(), rect.right()))
