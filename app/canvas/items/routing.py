"""The course of a wire: straight or smooth where it runs forward, round the nodes where it runs back.

Pure geometry over points and rectangles `(x0, y0, x1, y1)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath

Rect = tuple[float, float, float, float]
Place = tuple[float, float]
Lane = tuple[float, float, float]
"""A level stretch: its height, and where it starts and ends."""
STUB = 12.0
"""How far a wire goes straight out of a port before it turns."""
CORNER = 8.0
CLEAR = 10.0
"""Room kept between a routed wire and the nodes that it passes."""
LANE = 24.0
"""Distance between wires that run side by side."""
NEARLY_LEVEL = 2.0
"""Ports of less difference in height are joined by a level line."""


@dataclass(frozen=True)
class Route:
    """A wire's course. `points` are the corners of a routed wire; a forward one has only its two ends."""

    points: tuple[Place, ...]

    @property
    def is_routed(self) -> bool:
        return len(self.points) > 2

    def lane(self) -> Lane | None:
        """Height and extent of its long level stretch, which others keep clear of."""
        if len(self.points) != 6:
            return None
        (x0, y), (x1, _) = self.points[2], self.points[3]
        return y, min(x0, x1), max(x0, x1)


def runs_back(source: Place, target: Place) -> bool:
    """Whether there is no room to go forward from one to the other."""
    room = 2 * STUB if abs(target[1] - source[1]) > NEARLY_LEVEL else 1.0
    return target[0] < source[0] + room


def bounds(source: Place, target: Place) -> Rect:
    """The region in which obstacles matter."""
    reach = 160.0
    return (
        min(source[0], target[0]) - reach,
        min(source[1], target[1]) - reach,
        max(source[0], target[0]) + reach,
        max(source[1], target[1]) + reach,
    )


def route(
    source: Place,
    target: Place,
    obstacles: Sequence[Rect],
    lanes: Sequence[Lane] = (),
    shared: Sequence[Lane] = (),
) -> Route:
    """The course between two ports.

    `obstacles` are cards near it, `lanes` level stretches to keep clear of, `shared` those of wires from the
    same port, along which it runs where it can.
    """
    direct = Route((source, target))
    boxes = np.asarray(obstacles, dtype=np.float64).reshape(-1, 4)
    back = runs_back(source, target)
    if not back and not _smooth_crosses(source, target, boxes):
        return direct
    for room in (_WIDE, _TIGHT):
        best, cost = _best_detour(source, target, boxes, (lanes, shared), room)
        if cost < _BLOCKED:
            return best
    return best if back else direct


_BLOCKED = 20_000.0
_Room = tuple[float, float]
"""How far a wire keeps from cards, and how far it goes straight out of a port."""
_WIDE: _Room = (CLEAR, STUB)
_TIGHT: _Room = (3.0, STUB / 2)


def _smooth_crosses(source: Place, target: Place, boxes: NDArray[np.float64]) -> bool:
    """Whether the smooth curve would run through a card; the two it starts and ends at are only touched."""
    if not len(boxes):
        return False
    curve = _samples(source, target)
    x, y = curve[:, 0, None], curve[:, 1, None]
    inside = (x > boxes[:, 0] + 2) & (x < boxes[:, 2] - 2) & (y > boxes[:, 1] + 2) & (y < boxes[:, 3] - 2)
    return bool(inside.any())


_T = np.linspace(0.0, 1.0, 25)[:, None]


def _samples(source: Place, target: Place) -> NDArray[np.float64]:
    pull = _pull(source, target)
    a, d = np.array(source), np.array(target)
    away = np.array((pull, 0.0))
    b, c = a + away, d - away
    points: NDArray[np.float64] = (
        (1 - _T) ** 3 * a + 3 * (1 - _T) ** 2 * _T * b + 3 * (1 - _T) * _T**2 * c + _T**3 * d
    )
    return points


def _pull(source: Place, target: Place) -> float:
    return max(16.0, min(abs(target[0] - source[0]) / 2, 120.0))


def _best_detour(
    source: Place,
    target: Place,
    boxes: NDArray[np.float64],
    taken: tuple[Sequence[Lane], Sequence[Lane]],
    room: _Room,
) -> tuple[Route, float]:
    """Out, up or down to a free lane, along it, and in: the cheapest by length and by what it would cross."""
    lanes, shared = taken
    outs, ins = _turns(source[0], +1, boxes, room), _turns(target[0], -1, boxes, room)
    levels = np.concatenate([_levels(source, target, boxes), [lane[0] for lane in shared]])
    out, into, level = (grid.ravel() for grid in np.meshgrid(outs, ins, levels, indexing="ij"))
    cost = np.abs(out - source[0]) + np.abs(into - target[0]) + np.abs(out - into)
    cost = cost + np.abs(level - source[1]) + np.abs(level - target[1])
    cost = cost + _crossed(source, target, (out, into, level), boxes, room[0]) * _BLOCKED
    beginning, ending = np.minimum(out, into), np.maximum(out, into)
    for height, left, right in lanes:
        cost = cost + ((np.abs(level - height) < LANE) & (beginning < right) & (ending > left)) * 400.0
    for height, _, _ in shared:
        cost = cost - (level == height) * 300.0
    best = int(np.argmin(cost))
    x0, x1, y = float(out[best]), float(into[best]), float(level[best])
    points = (source, (x0, source[1]), (x0, y), (x1, y), (x1, target[1]), target)
    return Route(points), float(cost[best])


_Columns = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


def _crossed(
    source: Place, target: Place, tries: _Columns, boxes: NDArray[np.float64], clear: float
) -> NDArray[np.int64]:
    """How many cards each try would run through, stretch by stretch."""
    out, into, level = tries
    start, end = np.full_like(out, source[1]), np.full_like(out, target[1])
    counts: NDArray[np.int64] = (
        _hits_vertical(out, source[1], level, boxes, clear)
        + _hits_vertical(into, target[1], level, boxes, clear)
        + _hits_level(level, out, into, boxes, clear)
        + _hits_level(start, np.full_like(out, source[0] + 1), out, boxes, 0.0)
        + _hits_level(end, into, np.full_like(out, target[0] - 1), boxes, 0.0)
    )
    return counts


def _turns(x: float, direction: int, boxes: NDArray[np.float64], room: _Room) -> NDArray[np.float64]:
    """Where a wire may turn after leaving a port: near it, or beyond a card that stands in the way."""
    clear, stub = room
    near = [x + direction * stub * step for step in (1.0, 1.5, 2.5)]
    edges = boxes[:, 2] + clear + 2 if direction > 0 else boxes[:, 0] - clear - 2
    ahead = edges[(edges - x) * direction > stub] if len(boxes) else np.empty(0)
    nearest = ahead[np.argsort(np.abs(ahead - x))][:4]
    return np.concatenate([np.array(near), nearest])


def _levels(source: Place, target: Place, boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Heights at which a wire may run along: between the two ends, and just above and below every card."""
    middle = (source[1] + target[1]) / 2
    found = [np.array([middle, source[1], target[1]])]
    if len(boxes):
        for away in (CLEAR + 6.0, CLEAR + 6.0 + 2 * LANE, CLEAR + 6.0 + 4 * LANE):
            found.extend((boxes[:, 1] - away, boxes[:, 3] + away))
    levels = np.unique(np.round(np.concatenate(found)))
    return levels[np.argsort(np.abs(levels - middle))][:96]


def _hits_vertical(
    x: NDArray[np.float64],
    y: float,
    level: NDArray[np.float64],
    boxes: NDArray[np.float64],
    clear: float,
) -> NDArray[np.int64]:
    x, low, high = x[:, None], np.minimum(y, level)[:, None], np.maximum(y, level)[:, None]
    inside = (x > boxes[:, 0] - clear) & (x < boxes[:, 2] + clear)
    counts: NDArray[np.int64] = (inside & (high > boxes[:, 1] - 2) & (low < boxes[:, 3] + 2)).sum(axis=1)
    return counts


def _hits_level(
    level: NDArray[np.float64],
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    boxes: NDArray[np.float64],
    clear: float,
) -> NDArray[np.int64]:
    y, left, right = level[:, None], np.minimum(start, end)[:, None], np.maximum(start, end)[:, None]
    inside = (y > boxes[:, 1] - clear) & (y < boxes[:, 3] + clear)
    counts: NDArray[np.int64] = (inside & (right > boxes[:, 0]) & (left < boxes[:, 2])).sum(axis=1)
    return counts


def painter_path(route: Route) -> QPainterPath:
    """The path to draw."""
    points = route.points
    path = QPainterPath(QPointF(*points[0]))
    if not route.is_routed:
        source, target = points
        if abs(source[1] - target[1]) <= NEARLY_LEVEL:
            level = (source[1] + target[1]) / 2  # the rings hide the rest
            path.moveTo(source[0], level)
            path.lineTo(target[0], level)
        else:
            pull = _pull(source, target)
            path.cubicTo(source[0] + pull, source[1], target[0] - pull, target[1], *target)
        return path
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        _round_corner(path, before, corner, after)
    path.lineTo(*points[-1])
    return path


def _round_corner(path: QPainterPath, before: Place, corner: Place, after: Place) -> None:
    into = max(abs(corner[0] - before[0]), abs(corner[1] - before[1]))
    out = max(abs(after[0] - corner[0]), abs(after[1] - corner[1]))
    radius = min(CORNER, into / 2, out / 2)
    if radius < 0.5:
        path.lineTo(*corner)
        return
    start = (
        corner[0] + _towards(corner[0], before[0]) * radius,
        corner[1] + _towards(corner[1], before[1]) * radius,
    )
    end = (
        corner[0] + _towards(corner[0], after[0]) * radius,
        corner[1] + _towards(corner[1], after[1]) * radius,
    )
    path.lineTo(*start)
    path.quadTo(*corner, *end)


def _towards(start: float, end: float) -> float:
    return 0.0 if abs(end - start) < 1e-9 else (1.0 if end > start else -1.0)


def label_place(route: Route, width: float) -> Place | None:
    """Where the middle of a label fits above the wire; None where no level stretch is long enough."""
    points = route.points
    stretches = pairwise(points) if route.is_routed or _is_level(points) else ()
    best: tuple[float, Place] | None = None
    for (x0, y0), (x1, y1) in stretches:
        length = abs(x1 - x0)
        if abs(y1 - y0) <= NEARLY_LEVEL and length >= width + 48.0 and (best is None or length > best[0]):
            best = (length, ((x0 + x1) / 2, y0))
    return best[1] if best else None


def _is_level(points: tuple[Place, ...]) -> bool:
    return abs(points[0][1] - points[-1][1]) <= NEARLY_LEVEL
