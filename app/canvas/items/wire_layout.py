"""Where cards stand, by cells of the plane, and the courses of wires between them.

The course of a wire follows from the places of the cards and from the wires that sort before it, never from
what was drawn earlier: the same drawing has the same picture. Knows items, not projects.
"""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Iterable, Iterator, Sequence, Set
from typing import Generic, TypeVar

from PySide6.QtCore import QRectF

from app.canvas.items import measures as m
from app.canvas.items.back_items import FrameItem
from app.canvas.items.node_item import NodeItem
from app.canvas.items.routing import Lane, Place, Rect, Route, bounds, route, runs_back
from app.canvas.items.wire_item import WireItem

_CELL = 256.0
_MOST_CELLS = 1024
"""Cells of a box that are kept one by one; a larger one, as of a wire to a lost node, is kept apart."""
_MANY = 500
"""Wires near a card that moved from which on all wires are laid anew: choosing them would be more work."""
_WORK = 20_000
"""Cards near wires that are looked at for one drawing, at most: some 50 microseconds each."""
_ALWAYS, _EASY, _NEVER = 6, 9, 13
"""Bits of the number of cards near a wire: up to the first it goes around them whatever others do, up to the
second it is looked whether one is before it, and from the third on it never goes around."""
_STRETCHES = 80_000
"""Level stretches of others that all wires together keep clear of, at most."""


Key = TypeVar("Key", bound=Hashable)


class Plane(Generic[Key]):
    """Boxes by cell. `moved` holds where a box was before it changed first; who reads it empties it."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], set[Key]] = {}
        self._boxes: dict[Key, Rect] = {}
        self._large: set[Key] = set()
        self.moved: dict[Key, Rect | None] = {}

    def put(self, key: Key, box: Rect) -> None:
        if self._boxes.get(key) == box:
            return
        self.take(key)
        self._boxes[key] = box
        self.moved.setdefault(key, None)
        if _count(box) > _MOST_CELLS:
            self._large.add(key)
            return
        for cell in _over(box):
            self._cells.setdefault(cell, set()).add(key)

    def take(self, key: Key) -> None:
        box = self._boxes.pop(key, None)
        if box is not None:
            self.moved.setdefault(key, box)
            if key in self._large:
                self._large.discard(key)
                return
            for cell in _over(box):
                self._cells[cell].discard(key)

    def clear(self) -> None:
        self._cells.clear()
        self._boxes.clear()
        self._large.clear()
        self.moved.clear()

    def keys(self) -> Set[Key]:
        return self._boxes.keys()

    def box(self, key: Key) -> Rect | None:
        return self._boxes.get(key)

    def within(self, region: Rect) -> list[Key]:
        """The boxes that meet a region."""
        left, top, right, bottom = region
        boxes = self._boxes
        found = set(self._large)
        if _count(region) > max(_MOST_CELLS, len(boxes)):
            found.update(boxes)
        else:
            for cell in _over(region):
                found |= self._cells.get(cell, set())
        return [
            key
            for key in found
            if boxes[key][0] < right
            and boxes[key][2] > left
            and boxes[key][1] < bottom
            and boxes[key][3] > top
        ]

    def boxes_within(self, region: Rect) -> list[Rect]:
        return sorted(self._boxes[key] for key in self.within(region))

    def crowd(self, region: Rect) -> int:
        """How many things are about a region, those that lie over several cells counted in each."""
        if _count(region) > _MOST_CELLS:
            return 1 << _NEVER
        return sum(len(self._cells.get(cell, ())) for cell in _over(region))


def _count(box: Rect) -> int:
    """Cells that a box lies over."""
    columns = int(box[2] // _CELL) - int(box[0] // _CELL) + 1
    return max(0, columns) * max(0, int(box[3] // _CELL) - int(box[1] // _CELL) + 1)


def _over(box: Rect) -> Iterator[tuple[int, int]]:
    for column in range(int(box[0] // _CELL), int(box[2] // _CELL) + 1):
        for row in range(int(box[1] // _CELL), int(box[3] // _CELL) + 1):
            yield column, row


def _whole_cells(box: Rect) -> Rect:
    """The cells that a box lies over, and a little more, so that their neighbours do not only touch them."""
    left, top = (edge // _CELL * _CELL - 1.0 for edge in box[:2])
    right, bottom = ((edge // _CELL + 1.0) * _CELL + 1.0 for edge in box[2:])
    return left, top, right, bottom


class Crowds:
    """How many cards are near each wire, and so which wires go around cards and which run straight.

    That depends on the present drawing alone. To go around cards is work that grows with their number: where
    a drawing has too much of it, the wires with the most cards near them run straight, and nobody could see
    all of them go around.
    """

    def __init__(self) -> None:
        self._counts: dict[WireItem, int] = {}
        self._work = [0] * (_NEVER + 1)
        """Cards near the wires of each number of bits."""
        self._level = _NEVER - 1

    def clear(self) -> None:
        self._counts.clear()
        self._work, self._level = [0] * (_NEVER + 1), _NEVER - 1

    def put(self, wire: WireItem, count: int) -> None:
        self.take(wire)
        self._counts[wire] = count
        self._work[_bits(count)] += count

    def take(self, wire: WireItem) -> None:
        before = self._counts.pop(wire, None)
        if before is not None:
            self._work[_bits(before)] -= before

    def is_routed(self, wire: WireItem) -> bool:
        """Whether the wire goes around cards: it has some before it, and not too many."""
        return 0 < _bits(self._counts.get(wire, 0)) <= self._level

    def decide(self, nodes: int) -> set[WireItem]:
        """Decide anew for a drawing of so many nodes; returns the wires for which it is decided otherwise."""
        before, self._level = self._level, self._affordable(nodes)
        low, high = sorted((before, self._level))
        return (
            {wire for wire, count in self._counts.items() if low < _bits(count) <= high}
            if low < high
            else set()
        )

    def _affordable(self, nodes: int) -> int:
        """Where many wires share few cards, none is routed: each would keep clear of the others."""
        wires = len(self._counts)
        if wires > 500 and wires > 3 * nodes:
            return -1
        level, work = _ALWAYS, sum(self._work[: _ALWAYS + 1])
        while level < _NEVER - 1 and work + self._work[level + 1] <= _WORK:
            level += 1
            work += self._work[level]
        return level


def _bits(count: int) -> int:
    return min(count.bit_length(), _NEVER)


class Lanes:
    """The level stretches of routed wires, by bands of height."""

    def __init__(self) -> None:
        self._lanes: dict[WireItem, Lane] = {}
        self._bands: dict[int, set[WireItem]] = {}

    def put(self, wire: WireItem, lane: Lane) -> None:
        self._lanes[wire] = lane
        self._bands.setdefault(int(lane[0] // _CELL), set()).add(wire)

    def of(self, wire: WireItem) -> Lane | None:
        return self._lanes.get(wire)

    def take(self, wire: WireItem) -> None:
        lane = self._lanes.pop(wire, None)
        if lane is not None:
            self._bands[int(lane[0] // _CELL)].discard(wire)

    def clear(self) -> None:
        self._lanes.clear()
        self._bands.clear()

    def within(self, region: Rect) -> list[tuple[WireItem, Lane]]:
        """Wires whose lanes meet a region, or the bands it lies in."""
        found = []
        first, last = int(region[1] // _CELL), int(region[3] // _CELL)
        near: Sequence[int] = range(first, last + 1)
        if len(near) > len(self._bands):
            near = [band for band in self._bands if first <= band <= last]
        for band in near:
            for wire in self._bands.get(band, ()):
                lane = self._lanes[wire]
                if lane[1] < region[2] and lane[2] > region[0]:
                    found.append((wire, lane))
        return sorted(found, key=lambda entry: entry[1])


class Wiring:
    """Gives wires their courses; those that run along together get a lane each.

    Wires are laid in the order of the document's wires, and each keeps clear only of those before it.
    """

    def __init__(self, plane: Plane[str], nodes: dict[str, NodeItem], frames: dict[str, FrameItem]) -> None:
        self._plane, self._nodes, self._frames = plane, nodes, frames
        self._lanes = Lanes()
        self._regions = Plane[WireItem]()
        """Where a change of a card or a lane can matter to a wire."""
        self._waiting: set[WireItem] = set()
        """Wires to be laid anew when the drawing is next settled."""
        self._edges: list[Lane] = []
        self._crowds = Crowds()
        self._most = 0

    def clear(self) -> None:
        self._lanes.clear()
        self._regions.clear()
        self._waiting.clear()
        self._crowds.clear()
        self._edges, self._most = [], 0

    def forget(self, wire: WireItem) -> None:
        """The wire is gone: those that kept clear of it are laid anew with the next."""
        lane = self._lanes.of(wire)
        self._lanes.take(wire)
        self._regions.take(wire)
        self._crowds.take(wire)
        if lane is not None:
            self._waiting |= self._after(wire, lane)
        self._waiting.discard(wire)

    def ends(self, wire: WireItem) -> tuple[Place, Place] | None:
        source = self._nodes.get(wire.wire.source.node)
        target = self._nodes.get(wire.wire.target.node)
        if source is None or target is None:
            return None
        start = source.place(wire.wire.source.port, output=True)
        end = target.place(wire.wire.target.port, output=False)
        return (start.x(), start.y()), (end.x(), end.y())

    def preview(self, wires: Iterable[WireItem]) -> None:
        """Lay these wires anew and no other, while their cards move; the rest follows with `settle`."""
        for wire in sorted(set(wires), key=lambda item: item.wire):
            self._look_around(wire)
            self._waiting |= self._lay(wire)[1]

    def settle(self, wires: Iterable[WireItem] = ()) -> set[WireItem]:
        """Lay these wires anew and all others for which something changed; returns whose course differs."""
        self._waiting.update(wires, self._near_moved())
        for wire in self._waiting:
            self._look_around(wire)
        self._waiting |= self._crowds.decide(len(self._nodes))
        most = _most(len(self._regions.keys() | self._waiting))
        if most != self._most:
            self._most = most
            self._waiting.update(self._regions.keys())
        edges = sorted(edge for frame in self._frames.values() for edge in _edges(frame))
        if edges != self._edges:
            self._edges = edges
            self._waiting.update(self._regions.keys())
        queue = [(wire.wire, id(wire), wire) for wire in self._waiting]
        heapq.heapify(queue)
        self._waiting, known, changed = set(), {entry[2] for entry in queue}, set[WireItem]()
        while queue:
            wire = heapq.heappop(queue)[2]
            differs, after = self._lay(wire)
            if differs:
                changed.add(wire)
            for other in after - known:
                known.add(other)
                heapq.heappush(queue, (other.wire, id(other), other))
        return changed

    def _near_moved(self) -> set[WireItem]:
        """Wires near the cards that came, went, moved or grew since the last time."""
        found, about = set[WireItem](), set[WireItem]()
        for key, before in self._plane.moved.items():
            now = self._plane.box(key)
            for box in (before, now) if before != now else ():
                if box is None or len(found) == len(self._regions.keys()):
                    continue
                if self._regions.crowd(box) > _MANY:  # to lay all anew is less work than to choose
                    found.update(self._regions.keys())
                else:
                    found.update(self._regions.within(box))
                    about.update(self._regions.within(_whole_cells(box)))
        self._plane.moved.clear()
        self._regions.moved.clear()
        return found | {wire for wire in about - found if self._look_around(wire)}

    def _look_around(self, wire: WireItem) -> bool:
        """Count the cards near a wire; returns whether it now runs straight and did not, or the other way."""
        before, ends = self._crowds.is_routed(wire), self.ends(wire)
        self._crowds.put(wire, self._in_the_way(*ends) if ends is not None else 0)
        return before != self._crowds.is_routed(wire)

    def _in_the_way(self, source: Place, target: Place) -> int:
        """How many cards a wire between two places may have to go around; 0 where nothing is before it."""
        count = self._plane.crowd(bounds(source, target))
        if runs_back(source, target) or _bits(count) > _EASY:
            return count
        low, high = min(source[1], target[1]), max(source[1], target[1])
        return count if self._plane.within((source[0] + 1, low - 1, target[0] - 1, high + 1)) else 0

    def _after(self, wire: WireItem, lane: Lane) -> set[WireItem]:
        """Wires that sort after this one and read its lane."""
        band = lane[0] // _CELL * _CELL
        near = self._regions.within((lane[1] - 1.0, band - 1.0, lane[2] + 1.0, band + _CELL + 1.0))
        return {other for other in near if other.wire > wire.wire}

    def _lay(self, wire: WireItem) -> tuple[bool, set[WireItem]]:
        """Lay one wire; returns whether its course differs, and who must be laid anew for it."""
        before, ends = self._lanes.of(wire), self.ends(wire)
        self._lanes.take(wire)
        if ends is None:
            self._regions.take(wire)
            return False, self._after(wire, before) if before is not None else set()
        differs = self._lay_between(wire, *ends)
        now = self._lanes.of(wire)
        after: set[WireItem] = set()
        for lane in (before, now) if before != now else ():
            if lane is not None:
                after |= self._after(wire, lane)
        return differs, after

    def _lay_between(self, wire: WireItem, source: Place, target: Place) -> bool:
        region = bounds(source, target)
        if not self._crowds.is_routed(wire):
            self._regions.put(wire, region)
            return wire.set_route(Route((source, target)))
        near = [entry for entry in self._lanes.within(region) if entry[0].wire < wire.wire][: self._most]
        mine = [lane for other, lane in near if other.wire.source == wire.wire.source]
        rest = [lane for other, lane in near if other.wire.source != wire.wire.source]
        found = route(source, target, self._plane.boxes_within(region), [*rest, *self._edges], mine)
        lane = found.lane()
        self._regions.put(wire, _with_course(region, found))
        if lane is not None:
            self._lanes.put(wire, lane)
        return wire.set_route(found, labelled=lane is None or all(lane[0] != other[0] for other in mine))


def _most(wires: int) -> int:
    """Level stretches that a wire of a drawing of so many keeps clear of, in powers of two."""
    return 1 << max(6, min(10, (_STRETCHES // max(1, wires)).bit_length() - 1))


def _with_course(region: Rect, course: Route) -> Rect:
    """A region that holds the course too, and the label at it."""
    xs, ys = zip(*course.points, strict=True)
    whole = QRectF(region[0], region[1], region[2] - region[0], region[3] - region[1])
    along = QRectF(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))
    whole = whole.united(along.adjusted(-m.LABEL, -m.LABEL, m.LABEL, m.LABEL))
    return whole.left(), whole.top(), whole.right(), whole.bottom()


def _edges(frame: FrameItem) -> tuple[Lane, Lane]:
    """The level sides of a frame: a wire along one would hide it."""
    rect = frame.rect
    return ((rect.top(), rect.left(), rect.right()), (rect.bottom(), rect.left(), rect.right()))
