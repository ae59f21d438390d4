"""Automatic layout for nodes without a position, as in a file written by hand or by a program.

Columns follow the flow from left to right.
"""

from __future__ import annotations

from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter
from itertools import accumulate

from engine.document import edits
from engine.document.project import Graph, Project

COLUMN, ROW, WIDEST = 240.0, 192.0, 24
"""Distance between columns and between rows, in pixels; columns per line before the layout wraps."""


def with_places(project: Project) -> Project:
    """The project with a position for every node; given ones are kept, the others are placed below them."""
    for name, graph in project.graphs.items():
        missing = frozenset(graph.nodes.keys() - graph.layout.positions.keys())
        if missing:
            project = edits.move(project, name, _places(graph, missing))
    return project


def _places(graph: Graph, missing: frozenset[str]) -> dict[str, tuple[float, float]]:
    present = [at for key, at in graph.layout.positions.items() if key in graph.nodes]
    left = min((at.x for at in present), default=0.0)
    top = max((at.y + 2 * ROW for at in present), default=0.0)
    column: dict[str, int] = {}
    row: dict[str, int] = {}
    taken: dict[int, _Rows] = {}
    before = _before(graph, missing)
    for key in _order(before):
        column[key] = 1 + max((column[other] for other in before[key]), default=-1)
        wanted = min((row[other] for other in before[key]), default=0)
        row[key] = taken.setdefault(column[key], _Rows()).take(wanted)
    height: dict[int, int] = {}
    for key, at in column.items():
        height[at // WIDEST] = max(height.get(at // WIDEST, 0), row[key] + 1)
    first = [0, *accumulate(height[line] for line in sorted(height))]
    return {
        key: (left + COLUMN * (at % WIDEST), top + ROW * (first[at // WIDEST] + row[key]))
        for key, at in column.items()
    }


class _Rows:
    """The rows of one column. Each taken row knows one further down that may be free."""

    def __init__(self) -> None:
        self._next: dict[int, int] = {}

    def take(self, wanted: int) -> int:
        """The first free row from this one on, which is taken from now on."""
        passed, row = [], wanted
        while row in self._next:
            passed.append(row)
            row = self._next[row]
        for one in (*passed, row):
            self._next[one] = row + 1
        return row


def _before(graph: Graph, missing: frozenset[str]) -> dict[str, list[str]]:
    """Of each node that has no place, those of its kind that feed it, in the order of the drawing."""
    found: dict[str, list[str]] = {key: [] for key in graph.nodes if key in missing}
    for wire in graph.wires:
        if wire.source.node in missing and wire.target.node in missing:
            found[wire.target.node].append(wire.source.node)
    return found


def _order(before: dict[str, list[str]]) -> Iterable[str]:
    """Nodes after those that feed them; in the order of the file where there is a cycle."""
    try:
        return tuple(TopologicalSorter(before).static_order())
    except CycleError:
        for key in before:
            before[key] = []
        return tuple(before)
