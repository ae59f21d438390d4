"""How many nodes a drawing has once every block is written out, counted without writing any out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.document.changes import same_border
from engine.document.edits.editing import COUNTED, DEEPEST
from engine.document.expression import ExpressionError
from engine.document.held_expressions import names_read, worked_out
from engine.document.project import MAIN, Graph, Node, Project
from engine.document.query import is_placement
from engine.expand.site import defaults
from nodes.layers.structure import Placement
from nodes.param import ParamError
from nodes.registry import REGISTRY

MOST_STEPS = 100_000
"""The most placements and copies that are looked at."""


def size_fault(project: Project, most: int) -> tuple[str, str]:
    """What is expected of the size of a drawing, and what was received; empty where it is small enough."""
    size = size_of(project)
    if size <= most:
        return "", ""
    return f"at most {most:,} nodes once blocks are repeated", f"{size:,}" if size < COUNTED else "far more"


def size_of(project: Project) -> int:
    """The nodes and copies of the expansion of `main`, at most `COUNTED`; as many where it takes too long.

    A placement that cannot be expanded counts as one node.
    """
    return min(_Count(project).of(MAIN, {}, 0), COUNTED)


def same_size(project: Project, before: Project) -> bool:
    """Whether two projects have as many nodes in the same placements, so that they are of one size."""
    old = before.graphs
    return project.graphs.keys() == old.keys() and all(
        graph is old[name] or _same_placements(graph, old[name]) for name, graph in project.graphs.items()
    )


def _same_placements(graph: Graph, old: Graph) -> bool:
    if len(graph.nodes) != len(old.nodes) or not same_border(graph, old):
        return False
    differing = [
        node
        for one, other in ((graph.nodes, old.nodes), (old.nodes, graph.nodes))
        for key, node in one.items()
        if other.get(key) is not node
    ]
    return not any(is_placement(node) for node in differing)


class _Count:
    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[tuple[str, str], int] = {}
        self._read: dict[str, frozenset[str]] = {}
        self._placed: dict[str, list[Node]] = {}
        self._steps = MOST_STEPS

    def of(self, name: str, names: Mapping[str, Any], depth: int) -> int:
        """The nodes of one copy of a graph whose expressions have these names."""
        graph = self._project.graphs[name]
        read = {key: names.get(key) for key in sorted(self._names_read(name))}
        key = (name, repr(read))
        if key not in self._known:
            inside = (
                0 if depth > DEEPEST else sum(self._inside(node, names, depth) for node in self._of(name))
            )
            self._known[key] = min(COUNTED, len(graph.nodes) + inside)
        return self._known[key]

    def _inside(self, node: Node, names: Mapping[str, Any], depth: int) -> int:
        """The nodes in all copies of a placement, and one for each copy."""
        self._steps -= 1
        if self._steps < 0:
            return COUNTED
        try:
            if node.when and not worked_out(node.when, names):
                return 0
            name, copies, given = self._placement(node, names)
        except (ExpressionError, ParamError):
            return 0
        if name == MAIN or name not in self._project.graphs:
            return 0
        if "i" not in self._names_read(name):
            return min(COUNTED, copies * (1 + self.of(name, given, depth + 1)))
        total = 0
        for i in range(copies):
            self._steps -= 1
            total += 1 + self.of(name, {**given, "i": i}, depth + 1)
            if self._steps < 0 or total >= COUNTED:
                return COUNTED
        return total

    def _placement(self, node: Node, names: Mapping[str, Any]) -> tuple[str, int, Mapping[str, Any]]:
        """Name of the definition, number of copies, and the values of its parameters."""
        params = {key: worked_out(value, names) for key, value in node.params.items()}
        own = REGISTRY[node.layer].params
        layer = REGISTRY.make(node.layer, {key: value for key, value in params.items() if key in own})
        assert isinstance(layer, Placement)
        graph = self._project.graphs.get(layer.definition, Graph())
        given = {key: value for key, value in params.items() if key in graph.parameters}
        return layer.definition, layer.values.get("repeat", 1), defaults(graph, given)

    def _of(self, name: str) -> list[Node]:
        """The placements in a graph that are expanded."""
        if name not in self._placed:
            nodes = self._project.graphs[name].nodes.values()
            self._placed[name] = [node for node in nodes if is_placement(node) and not node.bypassed]
        return self._placed[name]

    def _names_read(self, name: str) -> frozenset[str]:
        """The names that the placements in a graph read."""
        if name not in self._read:
            self._read[name] = frozenset().union(*(names_read(node) for node in self._of(name)))
        return self._read[name]
