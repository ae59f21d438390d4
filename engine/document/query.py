"""Queries on a project: the ports of a node and which definitions are placed where.

The wire index is in `wiring`; its functions can be imported from here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

from engine.document.changes import Changes, GraphChanges, changes
from engine.document.expression import ExpressionError
from engine.document.held_expressions import has_expression, worked_out
from engine.document.project import MAIN, Graph, Node, Project
from engine.document.wiring import (
    Index,
    ancestors,
    cycle,
    descendants,
    hand_on,
    index,
    neighbours,
    would_cycle,
)
from nodes.layers.scan import Scan, scan_border
from nodes.param import JSON, ParamError
from nodes.registry import REGISTRY
from nodes.spec import Layer, Port, Role
from nodes.user_error import UserError

SomeLayer = TypeVar("SomeLayer", bound=Layer)
__all__ = [
    "Changes",
    "DefinitionCycleError",
    "GraphChanges",
    "Index",
    "ancestors",
    "border_ports",
    "changes",
    "cycle",
    "definition_of",
    "definition_order",
    "definitions_used",
    "descendants",
    "expression_names",
    "hand_on",
    "index",
    "input_ports",
    "is_placeholder",
    "is_placement",
    "layer_of",
    "neighbours",
    "output_ports",
    "placements",
    "would_cycle",
]

# Ports ------------------------------------------------------------------------------------------------------


def is_placeholder(node: Node) -> bool:
    """Whether the layer type is unknown (a missing plug-in, a newer version)."""
    return node.layer not in REGISTRY


def is_placement(node: Node) -> bool:
    return REGISTRY.role_of(node.layer) is Role.PLACEMENT


def definition_of(project: Project, node: Node) -> Graph | None:
    """The definition that a node places; None where it places none."""
    name = node.params.get("definition", "")
    return project.graphs.get(name) if isinstance(name, str) and name != MAIN else None


def first_copy(node: Node, path: str) -> str:
    """The path inside a placement at `path`; of its first copy where it is repeated."""
    return path if node.params.get("repeat", 1) == 1 else f"{path}.0"


def expression_names(graph: Graph, name: str = "") -> dict[str, JSON]:
    """The names that expressions in this graph may read, with their defaults; `i` is the repeat index."""
    return {} if name == MAIN else {**graph.parameters, "i": 0}


def layer_of(node: Node, names: Mapping[str, JSON] | None = None) -> Layer:
    """The declaration's instance.

    Expressions are evaluated over `names`, or left at the default where none fit.

    Raises `UnknownLayerError` or `ParamError`.
    """
    values: dict[str, JSON] = {}
    declared = REGISTRY[node.layer]
    for name, value in node.params.items():
        if declared.role is Role.PLACEMENT and name not in declared.params:
            continue
        if has_expression(value):
            try:
                values[name] = worked_out(value, names or {})
            except ExpressionError:
                continue
        else:
            values[name] = value
    return declared(**values)


def layers_of(graph: Graph, kind: type[SomeLayer]) -> dict[str, SomeLayer]:
    """The layers of this type by the names of their nodes; without those whose parameters cannot be read."""
    found = {}
    for node in graph.nodes.values():
        if node.layer == kind.type:
            with suppress(ParamError):
                layer = layer_of(node, expression_names(graph))
                if isinstance(layer, kind):
                    found[node.id] = layer
    return found


def input_ports(project: Project, node: Node, graph: Graph | None = None) -> tuple[Port, ...]:
    """The ports on the input side, known without running anything.

    A placement has the border of its definition; an unknown layer the ports that its wires name. `graph` is
    where the node stands; it is looked for where it is not given.
    """
    return _ports(project, node, graph, entering=True)


def output_ports(project: Project, node: Node, graph: Graph | None = None) -> tuple[Port, ...]:
    """The ports on the output side, see `input_ports`."""
    return _ports(project, node, graph, entering=False)


def _ports(project: Project, node: Node, graph: Graph | None, *, entering: bool) -> tuple[Port, ...]:
    if is_placeholder(node):
        return _wired_ports(graph or _home(project, node), node, entering=entering)
    declared = REGISTRY[node.layer]
    if declared.role is Role.PLACEMENT:
        definition = definition_of(project, node)
        if definition is None:
            return ()
        if declared is Scan:
            return _scan_ports(node, definition, graph, entering=entering)
        border = definition.inputs if entering else definition.outputs
        return border_ports(border)
    method = declared.input_ports if entering else declared.output_ports
    if method in (Layer.input_ports, Layer.output_ports):
        return declared.inputs if entering else declared.outputs
    names = expression_names(graph) if graph is not None else {}
    try:
        made = layer_of(node, names)
    except ParamError:
        return declared.inputs if entering else declared.outputs
    return made.input_ports() if entering else made.output_ports()


def _scan_ports(node: Node, definition: Graph, graph: Graph | None, *, entering: bool) -> tuple[Port, ...]:
    """The ports of a scan; those of its definition where it names inputs that are not there."""
    try:
        scan = layer_of(node, expression_names(graph) if graph is not None else {})
        assert isinstance(scan, Scan)
        border = scan_border(scan, definition.inputs, definition.outputs)
    except ParamError:
        return border_ports(definition.inputs if entering else definition.outputs)
    return border.input_ports() if entering else border.output_ports()


@lru_cache(maxsize=1024)
def border_ports(names: tuple[str, ...]) -> tuple[Port, ...]:
    """The ports of these names, as a definition has them on either side."""
    return tuple(Port(name, dtype="any") for name in names)


def _home(project: Project, node: Node) -> Graph | None:
    for graph in project.graphs.values():
        if graph.nodes.get(node.id) is node:
            return graph
    return None


def _wired_ports(graph: Graph | None, node: Node, *, entering: bool) -> tuple[Port, ...]:
    if graph is None:
        return ()
    known = index(graph)
    wires = (known.entering if entering else known.leaving).get(node.id, ())
    counts = Counter((wire.target if entering else wire.source).port for wire in wires)
    return tuple(Port(name, dtype="any", variadic=entering and counts[name] > 1) for name in sorted(counts))


# Definitions ------------------------------------------------------------------------------------------------


def placements(graph: Graph) -> dict[str, str]:
    """Which definition each placement in this graph places, by node id."""
    return {
        node.id: node.params["definition"]
        for node in graph.nodes.values()
        if is_placement(node) and isinstance(node.params.get("definition"), str)
    }


def definitions_used(project: Project, name: str) -> frozenset[str]:
    """The definitions that a graph places, and those that they place in turn."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        graph = project.graphs.get(waiting.pop())
        fresh = set(placements(graph).values()) - seen if graph is not None else set()
        seen |= fresh
        waiting.extend(fresh)
    return frozenset(seen)


class DefinitionCycleError(UserError, ValueError):
    """Definitions contain each other; `names` are those of the cycle."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__("definitions place each other in a circle")
        self.names = names


def definition_order(project: Project) -> tuple[str, ...]:
    """Every graph after those that it places.

    Raises `DefinitionCycleError` where definitions contain each other.
    """
    graphs = project.graphs
    placed = {name: sorted(set(placements(graph).values()) & graphs.keys()) for name, graph in graphs.items()}
    try:
        return tuple(TopologicalSorter(placed).static_order())
    except CycleError as error:
        raise DefinitionCycleError(tuple(error.args[1])) from error
