"""Room for what comes: what is unpacked pushes what stands to the right, and frames grow with what they hold;
what was laid out without knowing its cards is spread so that none covers another.

Works on the layout of one graph.
"""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QRectF

from app.canvas.items import measures as m
from app.canvas.items.card import describe
from app.canvas.items.grid import PORT_Y, snap
from engine.document import edits
from engine.document.project import Frame, Graph, Layout, Point, Project

_EDGE = (-24.0, -40.0, 24.0, 24.0)
"""What a frame leaves around its nodes; at the top it has its title."""

_GAP, _PITCH, _WIDEST = 48.0, 216.0, 1080.0
"""Between two cards of a line, from line to line (cards grow with their pictures), and the longest line."""

Box = tuple[float, ...]


def spread(project: Project, name: str) -> Project:
    """A graph in rows and columns, with columns as wide as their cards and the ports of a row level.

    One long row goes on in lines below each other, about as long as each other.
    """
    areas = _areas(project, project.graphs[name])
    columns, rows = (sorted({getattr(area, side)() for area in areas.values()}) for side in ("x", "y"))
    widths = {
        column: max(area.width() for area in areas.values() if area.x() == column) + _GAP
        for column in columns
    }
    whole = sum(widths.values())
    most = whole / ceil(whole / _WIDEST) if len(rows) == 1 else whole
    x, line, left = 0.0, 0, dict[float, tuple[float, int]]()
    for column, wide in widths.items():
        if x + wide / 2 > most:
            x, line = 0.0, line + 1
        left[column] = (x, line)
        x = snap(x + wide)
    moved = {}
    for key, area in areas.items():
        x, line = left[area.x()]
        level = PORT_Y - (m.PILL_HEIGHT / 2 if area.height() == m.PILL_HEIGHT else PORT_Y)
        moved[key] = Point(x, (rows.index(area.y()) + line) * _PITCH + level)
    return edits.move(project, name, moved)


def with_room(project: Project, name: str, inner: frozenset[str], box: Box, before: Layout) -> Project:
    """The project after a placement in `box` was unpacked into these nodes.

    Where they would cover others they begin where it stood and push the rest right. `before` tells the
    frames and notes that came with them.
    """
    graph = project.graphs[name]
    areas = _areas(project, graph)
    shift = push = 0.0
    if _covers(areas, inner):
        left, right = min(areas[key].left() for key in inner), max(areas[key].right() for key in inner)
        shift, push = snap(box[0] - left), snap(max(0.0, right - left - (box[2] - box[0])))
    moves = {key: shift if key in inner else push for key in areas if key in inner or _right(areas[key], box)}
    moved = {key: Point(areas[key].x() + by, areas[key].y()) for key, by in moves.items() if by}
    if moved:
        project = edits.move(project, name, moved)
    held = QRectF()
    for key in inner:
        held = held.united(areas[key].translated(shift, 0.0))
    for key, frame in graph.layout.frames.items():
        changed = _with_frame(frame, box, push, held) if key in before.frames else _pushed(frame, shift)
        if changed != frame:
            place = {side: getattr(changed, side) for side in ("x", "y", "width", "height")}
            project = edits.change_frame(project, name, key, **place)
    for key, note in graph.layout.notes.items():
        by = shift if key not in before.notes else push if note.x >= box[2] - 1.0 else 0.0
        if by:
            project = edits.change_note(project, name, key, x=note.x + by)
    return project


def _with_frame(frame: Frame, box: Box, push: float, held: QRectF) -> Frame:
    """A frame further right goes along; one that is cut grows, and one that held the placement holds them."""
    if frame.x >= box[2] - 1.0:
        return _pushed(frame, push)
    area = QRectF(frame.x, frame.y, frame.width, frame.height)
    if frame.x + frame.width >= box[2] - 1.0:
        area.setWidth(frame.width + push)
    if QRectF(frame.x, frame.y, frame.width, frame.height).contains(QRectF(box[0], box[1], 1.0, 1.0)):
        area = area.united(held.adjusted(*_EDGE))
    return Frame(frame.title, area.x(), area.y(), area.width(), area.height())


def _pushed(frame: Frame, by: float) -> Frame:
    return Frame(frame.title, frame.x + by, frame.y, frame.width, frame.height)


def _right(area: QRectF, box: Box) -> bool:
    return area.x() >= box[2] - 1.0


def _areas(project: Project, graph: Graph) -> dict[str, QRectF]:
    """What the cards with a place cover."""
    found = {}
    for key, at in graph.layout.positions.items():
        if key in graph.nodes:
            card = describe(project, graph, graph.nodes[key], None, ())
            found[key] = QRectF(at.x, at.y, card.width, card.height)
    return found


def _covers(areas: dict[str, QRectF], inner: frozenset[str]) -> bool:
    others = [area for key, area in areas.items() if key not in inner]
    return any(areas[key].intersects(other) for key in inner & areas.keys() for other in others)
