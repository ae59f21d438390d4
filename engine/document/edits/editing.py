"""What all edits share: `EditError`, checks, and replacing a graph in a project.

An edit that would make the project invalid raises `EditError`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from engine.document import names, query
from engine.document.params import check_param, is_default, param_problems
from engine.document.project import INPUT, MAIN, OUTPUT, End, Graph, Node, Point, Project, Wire
from nodes.param import JSON, ParamError
from nodes.registry import REGISTRY, UnknownLayerError
from nodes.shown_text import quoted
from nodes.spec import Port
from nodes.user_error import UserError

MOST_NODES = 100_000
"""The most nodes in one graph."""
MOST_COPIES = 1_000_000
"""The most nodes in a project with every block written out as often as it repeats."""
COUNTED = 10**15
"""Such counts stop here: nested repeats soon give numbers of thousands of digits."""
DEEPEST = 64
"""The deepest nesting of definitions."""
FARTHEST = 1e7
"""The largest distance from the origin, in pixels."""


class EditError(UserError, ValueError):
    """An edit would make the project invalid.

    Reads *Expected … Received …* and, where it helps, what to do.
    """

    def __init__(self, expected: str, received: str, hint: str = "") -> None:
        super().__init__(f"Expected {expected}. Received {received}." + (f" {hint}" if hint else ""))
        self.expected, self.received, self.hint = expected, received, hint


def graph_of(project: Project, name: str) -> Graph:
    """The graph of this name. Raises `EditError` where there is none."""
    graph = project.graphs.get(name)
    if graph is None:
        raise EditError(f"a graph of this project ({', '.join(sorted(project.graphs))})", repr(name))
    return graph


def node_of(graph: Graph, node_id: str) -> Node:
    """The node of this id. Raises `EditError` where there is none."""
    node = graph.nodes.get(node_id)
    if node is None:
        raise EditError("a node of this graph", quoted(node_id))
    return node


def with_graph(project: Project, name: str, graph: Graph) -> Project:
    """The project with this graph under that name."""
    return msgspec.structs.replace(project, graphs={**project.graphs, name: graph})


def changed_graph(
    project: Project, name: str, *, removed: Iterable[Wire] = (), added: Iterable[Wire] = (), **changes: Any
) -> Project:
    """The project with fields of one graph replaced and wires removed and added.

    The wire index is updated rather than rebuilt, so that the next edit is cheap.
    """
    old = project.graphs[name]
    removed, added = tuple(removed), tuple(added)
    if removed or added:
        lost = set(removed)
        kept = [wire for wire in old.wires if wire not in lost] if lost else list(old.wires)
        changes["wires"] = (*kept, *added)
    new = msgspec.structs.replace(old, **changes)
    query.hand_on(old, new, removed, added)
    return with_graph(project, name, new)


def with_positions(graph: Graph, positions: dict[str, Point]) -> dict[str, Any]:
    """The change to a graph's fields that gives it these positions."""
    return {"layout": msgspec.structs.replace(graph.layout, positions=positions)}


def point(at: tuple[float, float]) -> Point:
    """A checked place on the canvas."""
    x, y = at
    if not all(isinstance(v, int | float) and -FARTHEST <= v <= FARTHEST for v in (x, y)):
        raise EditError(f"a place within {FARTHEST:g} pixels of the origin", quoted(tuple(at)))
    return Point(float(x), float(y))


def checked_node(project: Project, graph_name: str, node: Node, *, placeholders: bool = False) -> Node:
    """The node with its parameters in normal form. Raises `EditError` where it is not valid in this graph."""
    if not names.is_node_id(node.id):
        raise EditError(names.NODE_ID, quoted(node.id))
    if query.is_placeholder(node) and not placeholders:
        try:
            REGISTRY[node.layer]
        except UnknownLayerError as error:
            raise EditError("the type of a known layer", quoted(node.layer), f"{error}.") from error
    params: dict[str, Any] = {}
    for name, value in node.params.items():
        checked = checked_param(project, graph_name, node, name, value)
        if not is_default(project, node, name, checked):
            params[name] = checked
    made = node if params == node.params else msgspec.structs.replace(node, params=params)
    check_whole(project, graph_name, made)
    return made


def checked_param(project: Project, graph_name: str, node: Node, name: str, value: JSON) -> JSON:
    """The value as it is stored. Raises `EditError` where the parameter does not take it."""
    try:
        return check_param(project, graph_name, node, name, value)
    except ParamError as error:
        raise EditError(f"{error.expected} for {name}", error.received) from error


def check_whole(project: Project, graph_name: str, node: Node) -> None:
    """Raise `EditError` where parameters contradict each other or a placement would make definitions
    recursive.
    """
    for name, expected, received in param_problems(project, graph_name, node):
        raise EditError(f"{expected} for {name}", received)
    if query.is_placement(node):
        check_placement(project, graph_name, node)


def check_placement(project: Project, graph_name: str, node: Node) -> None:
    """Raise `EditError` where the node places an unknown definition, or one that contains this graph."""
    placed = node.params.get("definition", "")
    if not placed:
        return
    if placed == MAIN or placed not in project.graphs:
        known = ", ".join(sorted(project.graphs.keys() - {MAIN})) or "there are none yet"
        raise EditError(f"the name of a definition ({known})", quoted(placed))
    if placed == graph_name or graph_name in query.definitions_used(project, placed):
        raise EditError(
            f"a definition that does not contain {graph_name!r}",
            repr(placed),
            "A definition cannot place itself.",
        )


def check_room(graph: Graph, count: int) -> None:
    """Raise `EditError` where so many more nodes would be too many in this graph."""
    if len(graph.nodes) + count > MOST_NODES:
        raise EditError(nodes_expected(), "one more" if count == 1 else "more")


def nodes_expected() -> str:
    """What is expected of the number of nodes in a graph."""
    return f"at most {MOST_NODES:,} nodes in a graph"


def check_extent(project: Project) -> None:
    """Raise `EditError` where the project would be too large or too deep."""
    for expected, received in extent_faults(project):
        raise EditError(expected, received)


def extent_faults(project: Project) -> Iterator[tuple[str, str]]:
    """Expected and received, where nested repeats make too many nodes or definitions lie too deep."""
    copies, depth = extent(project)
    if copies > MOST_COPIES:
        yield f"at most {MOST_COPIES:,} nodes once blocks are repeated", f"{copies:,}"
    if depth > DEEPEST:
        yield depth_expected(), str(depth)


def depth_expected() -> str:
    """What is expected of the nesting of definitions."""
    return f"at most {DEEPEST} definitions inside each other"


def extent(project: Project) -> tuple[int, int]:
    """The number of nodes with every block written out, and the depth of nested definitions."""
    size: dict[str, int] = {}
    depth: dict[str, int] = {}
    for name in query.definition_order(project):
        graph = project.graphs[name]
        placed = query.placements(graph)
        size[name] = len(graph.nodes)
        depth[name] = 0
        for node_id, definition in placed.items():
            copies = repeat_of(graph, graph.nodes[node_id]) * size.get(definition, 0)
            size[name] = min(size[name] + copies, COUNTED)
            depth[name] = max(depth[name], 1 + depth.get(definition, 0))
    return max(size.values(), default=0), max(depth.values(), default=0)


def repeat_of(graph: Graph, node: Node) -> int:
    """How often a block repeats; an expression is evaluated with the definition's defaults."""
    if "repeat" not in node.params:
        return 1
    try:
        count = query.layer_of(node, {**graph.parameters, "i": 0}).values.get("repeat", 1)
    except ParamError:
        return 1
    return int(count)


# Wires ------------------------------------------------------------------------------------------------------


def source_port(project: Project, graph: Graph, end: End) -> Port:
    """The output port at this end. Raises `EditError` where there is none."""
    return _port(project, graph, end, entering=False)


def target_port(project: Project, graph: Graph, end: End) -> Port:
    """The input port at this end. Raises `EditError` where there is none."""
    return _port(project, graph, end, entering=True)


def _port(project: Project, graph: Graph, end: End, *, entering: bool) -> Port:
    border = OUTPUT if entering else INPUT
    side = "input" if entering else "output"
    if end.node == border:
        ports = query.border_ports(graph.outputs if entering else graph.inputs)
        owner = "the border of the definition"
    else:
        node = node_of(graph, end.node)
        if query.is_placeholder(node) and names.is_identifier(end.port):
            return Port(end.port, dtype="any", variadic=entering)
        ports = (query.input_ports if entering else query.output_ports)(project, node, graph)
        owner = end.node
    for port in ports:
        if port.name == end.port:
            return port
    known = ", ".join(port.name for port in ports) or "it has none"
    raise EditError(f"an {side} port of {owner} ({known})", quoted(end.port))
