"""What of a graph is drawn: all of it, in slices where it is large, and of a huge one only the first part.

The work of a scene grows with what is on it, and a file may hold as much as it likes. A slice takes a
fraction of a second, and between two the window answers.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from itertools import islice
from typing import Any, TypeVar

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from engine.document.project import Graph, Project, Wire

MOST = 10_000
"""Nodes that are drawn of one graph."""
SLICE = 700
"""Nodes that are drawn at once."""
WIRES = 3
"""Wires that are drawn for each node."""
MARKS = 300
"""Frames that are drawn, and notes."""

_NOTHING: frozenset[Any] = frozenset()
K = TypeVar("K")
V = TypeVar("V")


class DrawnPart(QObject):
    """How far the graph on show is drawn. `grew` hands on what was drawn before, and what is to be now."""

    completed = Signal()

    def __init__(
        self, project: Callable[[], Project], grew: Callable[[Project, Project], None], scene: QObject
    ) -> None:
        super().__init__(scene)
        self._project, self._grew = project, grew
        self._name, self._limit = "", MOST
        self._known: dict[tuple[int, int], tuple[Graph, Graph]] = {}
        self._timer = QTimer(self, interval=5)
        self._timer.timeout.connect(self._grow)

    def begin(self, name: str, nodes: Set[str] = _NOTHING, wires: Set[Wire] = _NOTHING) -> None:
        """The graph of this name is on show now; items of these nodes and wires are there already."""
        graph, drawn = self._project().graphs[name], 0
        is_large = _size(graph) > 2 * SLICE
        if is_large:
            drawn = max(len(nodes & graph.nodes.keys()), len(wires & set(graph.wires)) // WIRES)
            is_large = min(_size(graph), MOST) > drawn + 2 * SLICE
        self._name, self._limit = name, drawn + SLICE if is_large else MOST
        if is_large:
            self._timer.start()
        else:
            self._timer.stop()

    def complete(self) -> None:
        """Draw the rest at once."""
        while self._timer.isActive():
            self._grow()

    def of(self, graph: Graph) -> Graph:
        """The graph itself where all of it is drawn; the same value while nothing changes."""
        key = (id(graph), self._limit)
        if key not in self._known:
            if len(self._known) > 3:
                self._known.pop(next(iter(self._known)))
            self._known[key] = graph, _part(graph, self._limit)
        return self._known[key][1]

    def within(self, project: Project, name: str) -> Project:
        """The project with only the drawn part of one of its graphs."""
        graph = project.graphs.get(name)
        part = self.of(graph) if graph is not None else None
        if part is None or part is graph:
            return project
        return msgspec.structs.replace(project, graphs={**project.graphs, name: part})

    def _grow(self) -> None:
        project = self._project()
        before = self.within(project, self._name)
        self._limit += SLICE
        if self._limit >= min(_size(project.graphs[self._name]), MOST):
            self._limit = MOST
            self._timer.stop()
        self._grew(before, self.within(project, self._name))
        if not self._timer.isActive():
            self.completed.emit()


def told(graph: Graph) -> str:
    """What is said where not everything is drawn; empty where it is."""
    count = len(graph.nodes)
    if count <= MOST:
        return ""
    return f"Only the first {MOST:,} of the {count:,} nodes are drawn here. All of them count."


def _size(graph: Graph) -> int:
    return max(len(graph.nodes), len(graph.wires) // WIRES)


def _part(graph: Graph, limit: int) -> Graph:
    layout = graph.layout
    marks = max(len(layout.frames), len(layout.notes))
    if _size(graph) <= limit and marks <= MARKS:
        return graph
    nodes = _first(graph.nodes, limit)

    def is_drawn(end: str) -> bool:
        return end in nodes or end not in graph.nodes  # a side of the definition is

    inside = (wire for wire in graph.wires if is_drawn(wire.source.node) and is_drawn(wire.target.node))
    shown = msgspec.structs.replace(
        layout, frames=_first(layout.frames, MARKS), notes=_first(layout.notes, MARKS)
    )
    return msgspec.structs.replace(
        graph, nodes=nodes, wires=tuple(islice(inside, WIRES * limit)), layout=shown
    )


def _first(held: dict[K, V], most: int) -> dict[K, V]:
    return held if len(held) <= most else dict(islice(held.items(), most))
