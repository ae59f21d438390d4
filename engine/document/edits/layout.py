"""Places for nodes that have none: a drawing that a person or a program wrote opens so that it can be read.

Columns from left to right as values flow. Knows nothing of how large cards are.
"""

from __future__ import annotations

from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter
from itertools import accumulate

from engine.document import edits
from engine.document.project import Graph, Project

COLUMN, ROW, WIDEST = 240.0, 192.0, 24
"""Between two columns and two rows; how many columns a line has, before the next goes on below it."""


def with_places(project: Project) -> Project:
    """The project with a place for every node; those that have one keep it, the others stand below them."""
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
    taken: set[tuple[int, int]] = set()
    before = _before(graph, missing)
    for key in _order(before):
        column[key] = 1 + max((column[other] for other in before[key]), default=-1)
        row[key] = min((row[other] for other in before[key]), default=0)
        while (column[key], row[key]) in taken:
            row[key] += 1
        taken.add((column[key], row[key]))
    height: dict[int, int] = {}
    for key, at in column.items():
        height[at // WIDEST] = max(height.get(at // WIDEST, 0), row[key] + 1)
    first = [0, *accumulate(height[line] for line in sorted(height))]
    return {
        key: (left + COLUMN * (at % WIDEST), top + ROW * (first[at // WIDEST] + row[key]))
        for key, at in column.items()
    }


def _before(graph: Graph, missing: frozenset[str]) -> dict[str, list[str]]:
    """Of each node that has no place, those of its kind that feed it, in the order of the drawing."""
    found: dict[str, list[str]] = {key: [] for key in graph.nodes if key in missing}
    for wire in graph.wires:
        if wire.source.node in missing and wire.target.node in missing:
            found[wire.target.node].append(wire.source.node)
    return found


def _order(before: dict[str, list[str]]) -> Iterable[str]:
    """Each after those that feed it; where that goes round in a circle, which is told elsewhere, as drawn."""
    try:
        return tuple(TopologicalSorter(before).static_order())
    except CycleError:
        for key in before:
            before[key] = []
        return tuple(before)
