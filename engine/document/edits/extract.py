"""Group: nodes of a graph move into a new definition, and a placement takes their place.

Wires that cross become named inputs and outputs of its border, and so do open ports: an input that needs a
wire, an output that nothing reads. Paths in objectives, rates and lenses are updated. The reverse is in
`unpack`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from engine.document import names, query
from engine.document.edits.border import MOST
from engine.document.edits.definitions import fresh_definition
from engine.document.edits.editing import (
    EditError,
    changed_graph,
    check_extent,
    graph_of,
    node_of,
    with_graph,
)
from engine.document.edits.renaming import check_free_definition, follow
from engine.document.expression import ExpressionError, rename
from engine.document.held_expressions import names_read, read_by, rewritten
from engine.document.path_params import tied_elsewhere
from engine.document.project import (
    IN_NODE,
    INPUT,
    MAIN,
    OUTPUT,
    End,
    Frame,
    Graph,
    Layout,
    LensPin,
    Node,
    Point,
    Project,
    Wire,
)
from nodes.data.source import DataSource
from nodes.layers.structure import Block, Network
from nodes.param import JSON
from nodes.registry import REGISTRY
from nodes.shown_text import quoted
from nodes.spec import Role

_GRID = 8.0
_STAYS = {
    Role.OBJECTIVE: "an objective",
    Role.OUTPUT: "an output of the drawing",
    Role.SAMPLER: "a sampler",
}
"""Roles that belong to the whole project and not to a definition."""


def extract(
    project: Project, graph_name: str, ids: Iterable[str], name: str = "", layer: str = Block.type
) -> tuple[Project, str]:
    """Move these nodes into a new definition and place it as a block or a network; also gives the placement.

    Raises `EditError` for data sources, objectives, outputs and samplers, and for a selection that a path
    leaves and enters again, which would make a cycle.
    """
    graph, chosen = graph_of(project, graph_name), frozenset(ids)
    wanted = name or fresh_definition(project, "Network" if layer == Network.type else "Block")
    check_free_definition(project, wanted)
    if layer not in (Block.type, Network.type):
        raise EditError(f"{Block.type} or {Network.type}", quoted(layer))
    _check_movable(graph, chosen)
    placement = placement_id(graph, wanted, chosen)
    followed = follow(
        project,
        lambda step: f"{placement}.{step.node}" if step.graph == graph_name and step.node in chosen else None,
    )
    graph = _with_own_paths(followed.graphs[graph_name], graph, chosen)
    border = _crossing(followed, graph, chosen)
    moved, parameters, passed = _with_parameters(graph, graph_name, chosen)
    definition, outer = _divided(graph, chosen, moved, border, parameters)
    inner, lenses = _divided_pins(graph, placement)
    followed = with_graph(followed, wanted, msgspec.structs.replace(definition, lenses=inner))
    nodes = {key: kept for key, kept in graph.nodes.items() if key not in chosen}
    nodes[placement] = Node(placement, layer, {"definition": wanted, **passed})
    removed, added = border.rejoined(graph, chosen, placement)
    made = changed_graph(
        followed,
        graph_name,
        removed=removed,
        added=added,
        nodes=nodes,
        layout=msgspec.structs.replace(outer, positions=_positions(graph, chosen, placement)),
        lenses=lenses,
    )
    check_extent(made)
    return made, placement


def _with_own_paths(followed: Graph, before: Graph, chosen: frozenset[str]) -> Graph:
    """What moves names what moves with it as before: both are in the definition then."""
    own = {key: before.nodes[key] for key in chosen if followed.nodes[key] is not before.nodes[key]}
    return msgspec.structs.replace(followed, nodes={**followed.nodes, **own}) if own else followed


def _positions(graph: Graph, chosen: frozenset[str], placement: str) -> dict[str, Point]:
    """Where nodes stand, with the placement in the middle of those that it replaces."""
    place = centre_of(graph.layout.positions.get(key, Point(0.0, 0.0)) for key in chosen)
    positions = {key: at for key, at in graph.layout.positions.items() if key not in chosen}
    return {**positions, placement: place}


def _divided_pins(graph: Graph, placement: str) -> tuple[tuple[LensPin, ...], tuple[LensPin, ...]]:
    """The lenses that moving nodes show, seen from the definition; and those that stay, as cards do."""
    start = f"{placement}."
    inner = [pin for pin in graph.lenses if pin.target.startswith(start) and pin.place == IN_NODE]
    moved = [msgspec.structs.replace(pin, target=pin.target.removeprefix(start)) for pin in inner]
    return tuple(moved), tuple(pin for pin in graph.lenses if pin not in inner)


def centre_of(places: Iterable[Point]) -> Point:
    """The middle of the corners of some nodes, on the grid."""
    held = list(places) or [Point(0.0, 0.0)]
    xs, ys = [at.x for at in held], [at.y for at in held]
    return Point(*(round((min(side) + max(side)) / 2 / _GRID) * _GRID for side in (xs, ys)))


def placement_id(graph: Graph, definition: str, gone: Collection[str] = ()) -> str:
    """An id for a placement of this definition: its name in small letters, with a number where that is
    taken."""
    small = definition[0].lower() + definition[1:]
    taken = graph.nodes.keys() - set(gone)
    if small not in taken and small != definition and names.is_node_id(small):
        return small
    stem = names.stem(small.rstrip("0123456789") or small)
    number = 1
    while f"{stem}{number}" in taken or f"{stem}{number}" == definition:
        number += 1
    return f"{stem}{number}"


# What may move ----------------------------------------------------------------------------------------------


def _check_movable(graph: Graph, chosen: frozenset[str]) -> None:
    if not chosen:
        raise EditError("something selected", "nothing")
    for key in sorted(chosen):
        declared = REGISTRY.get(node_of(graph, key).layer)
        what = _STAYS.get(declared.role) if declared is not None else None
        if declared is not None and issubclass(declared, DataSource):
            what = "a data set"
        if what:
            raise EditError(
                "layers that compute", f"{key}, {what}", "It belongs to the drawing; leave it out."
            )
    if (tie := tied_elsewhere(graph, chosen)) is not None:
        raise EditError(
            "layers with the one whose weights they take", f"{tie[0]} without {tie[1]}", "Select both."
        )
    between = _between(graph, chosen)
    if between:
        raise EditError(
            "nodes that no path leaves and enters again",
            f"a path through {quoted(', '.join(sorted(between)))}",
            "Select what lies between as well.",
        )


def _between(graph: Graph, chosen: frozenset[str]) -> frozenset[str]:
    """Nodes outside that both depend on the chosen ones and feed them."""
    known = query.index(graph)

    def reached(step: Any) -> set[str]:
        seen: set[str] = set()
        waiting = [other for key in chosen for other in step(key) if other not in chosen]
        while waiting:
            key = waiting.pop()
            if key not in seen:
                seen.add(key)
                waiting += [other for other in step(key) if other not in chosen]
        return seen

    return frozenset(reached(known.after) & reached(known.before))


# The border -------------------------------------------------------------------------------------------------


class _Border(NamedTuple):
    """Names of the ends that wires cross at: sources outside that enter, sources inside that leave.

    `open_inputs` are ports inside without a wire; `outputs` include those that nothing reads yet.
    """

    inputs: dict[End, str]
    outputs: dict[End, str]
    open_inputs: dict[End, str]

    def inner_wires(self, graph: Graph, chosen: Collection[str]) -> tuple[Wire, ...]:
        wires = []
        for wire in graph.wires:
            if wire.target.node in chosen:
                inside = wire.source.node in chosen
                source = wire.source if inside else End(INPUT, self.inputs[wire.source])
                wires.append(wire if inside else Wire(source, wire.target, wire.order))
        wires += [Wire(End(INPUT, port), target) for target, port in self.open_inputs.items()]
        wires += [Wire(source, End(OUTPUT, port)) for source, port in self.outputs.items()]
        return tuple(wires)

    def rejoined(
        self, graph: Graph, chosen: Collection[str], placement: str
    ) -> tuple[list[Wire], list[Wire]]:
        """The wires to remove from the graph, and those to add."""
        gone = [wire for wire in graph.wires if wire.source.node in chosen or wire.target.node in chosen]
        come = [Wire(source, End(placement, port)) for source, port in self.inputs.items()]
        come += [
            Wire(End(placement, self.outputs[wire.source]), wire.target, wire.order)
            for wire in gone
            if wire.source.node in chosen and wire.target.node not in chosen
        ]
        return gone, come


def _crossing(project: Project, graph: Graph, chosen: frozenset[str]) -> _Border:
    """Inputs are named by the port that they enter, outputs by the one that they leave; the main flow
    first, then from top to bottom."""
    at = graph.layout.positions

    def rank(wire: Wire) -> tuple[object, ...]:
        node = graph.nodes[wire.target.node]
        port = next((p for p in query.input_ports(project, node, graph) if p.name == wire.target.port), None)
        place = at.get(wire.target.node, Point(0.0, 0.0))
        return (bool(port and port.side), place.y, place.x, wire)

    entering = [w for w in graph.wires if w.target.node in chosen and w.source.node not in chosen]
    leaving = [w for w in graph.wires if w.source.node in chosen and w.target.node not in chosen]
    inputs: dict[End, str] = {}
    for wire in sorted(entering, key=rank):
        if wire.source not in inputs:
            inputs[wire.source] = _free(wire.target.port, inputs.values())
    open_inputs: dict[End, str] = {}
    for end in _unfed(project, graph, chosen):
        open_inputs[end] = _free(end.port, (*inputs.values(), *open_inputs.values()))
    ends = {wire.source for wire in leaving} | _unread(project, graph, chosen)
    outputs: dict[End, str] = {}
    for end in sorted(ends, key=lambda end: (*reversed(at.get(end.node, Point(0.0, 0.0))), end)):
        outputs[end] = _free(end.port, outputs.values())
    entered = len(inputs) + len(open_inputs)
    if max(entered, len(outputs)) > MOST:
        raise EditError(f"at most {MOST} wires in and {MOST} out", f"{entered} and {len(outputs)}")
    return _Border(inputs, outputs, open_inputs)


def _unfed(project: Project, graph: Graph, chosen: frozenset[str]) -> list[End]:
    """Input ports of chosen nodes that need a wire and have none, from left to right."""
    at, into = graph.layout.positions, query.index(graph).into
    return [
        End(key, port.name)
        for key in sorted(chosen, key=lambda key: (*at.get(key, Point(0.0, 0.0)), key))
        for port in query.input_ports(project, graph.nodes[key], graph)
        if not port.optional and not into[(key, port.name)]
    ]


def _unread(project: Project, graph: Graph, chosen: frozenset[str]) -> set[End]:
    """The main outputs of chosen nodes that nothing reads."""
    read = {wire.source.node for wire in graph.wires}
    ports = {key: query.output_ports(project, graph.nodes[key], graph) for key in chosen - read}
    return {End(key, found[0].name) for key, found in ports.items() if found}


def _free(wanted: str, taken: Collection[str]) -> str:
    number, name = 2, wanted
    while name in taken:
        name = f"{wanted.rstrip('0123456789') or 'port'}{number}"
        number += 1
    return name


# Inside and outside -----------------------------------------------------------------------------------------


def _with_parameters(
    graph: Graph, graph_name: str, chosen: Collection[str]
) -> tuple[dict[str, Node], dict[str, JSON], dict[str, JSON]]:
    """The nodes inside the definition, the parameters that they read, and the values that the placement
    passes.

    The repeat index of the definition around becomes a parameter: inside, `i` counts the new one's copies.
    """
    nodes = {key: graph.nodes[key] for key in graph.nodes if key in chosen}
    if graph_name == MAIN:
        return nodes, {}, {}
    read = frozenset[str]().union(*(_read(node) for node in nodes.values()))
    parameters: dict[str, JSON] = {key: value for key, value in graph.parameters.items() if key in read}
    passed: dict[str, JSON] = {key: f"={key}" for key in parameters}
    if "i" in read:
        index = _free("index", graph.parameters.keys())
        parameters[index], passed[index] = 0, "=i"
        nodes = {key: _reindexed(node, index) for key, node in nodes.items()}
    return nodes, parameters, passed


def _read(node: Node) -> frozenset[str]:
    return read_by(node.when) if query.is_placeholder(node) else names_read(node)


def _reindexed(node: Node, index: str) -> Node:
    if "i" not in _read(node):
        return node
    try:
        return rewritten(node, lambda text: rename(text, "i", index))
    except ExpressionError as error:
        raise EditError(f"{error.expected} in {node.id}", error.received) from error


def _divided(
    graph: Graph,
    chosen: Collection[str],
    nodes: dict[str, Node],
    border: _Border,
    parameters: dict[str, JSON],
) -> tuple[Graph, Layout]:
    """The definition, and the layout that stays outside. A frame moves inside where only moved nodes are on
    it.
    """
    layout = graph.layout
    inside = {key: frame for key, frame in layout.frames.items() if _holds_only(frame, layout, chosen)}
    notes = {
        key: note
        for key, note in layout.notes.items()
        if any(_holds(frame, Point(note.x, note.y)) for frame in inside.values())
    }
    positions = {key: layout.positions[key] for key in nodes if key in layout.positions}
    definition = Graph(
        nodes,
        border.inner_wires(graph, chosen),
        (*border.inputs.values(), *border.open_inputs.values()),
        tuple(border.outputs.values()),
        parameters,
        Layout(positions, inside, notes),
        parameter_info=tuple(info for info in graph.parameter_info if info.name in parameters),
    )
    outer = msgspec.structs.replace(
        layout, frames=_lacking(layout.frames, inside), notes=_lacking(layout.notes, notes)
    )
    return definition, outer


def _holds_only(frame: Frame, layout: Layout, chosen: Collection[str]) -> bool:
    held = [key for key, at in layout.positions.items() if _holds(frame, at)]
    return bool(held) and all(key in chosen for key in held)


def _holds(frame: Frame, at: Point) -> bool:
    return frame.x <= at.x <= frame.x + frame.width and frame.y <= at.y <= frame.y + frame.height


def _lacking(things: Mapping[str, Any], gone: Collection[str]) -> dict[str, Any]:
    return {key: thing for key, thing in things.items() if key not in gone} if gone else dict(things)
