"""Edits of nodes and wires: plain functions from a project to a project that shares all they did not change.

Each raises `EditError` for what would make the project invalid, and returns the same object where nothing
changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from engine.document import names, query
from engine.document.edits.editing import (
    EditError,
    changed_graph,
    check_extent,
    check_room,
    check_whole,
    checked_node,
    checked_param,
    graph_of,
    node_of,
    point,
    source_port,
    target_port,
    with_positions,
)
from engine.document.params import check_condition, is_default
from engine.document.project import End, Graph, Node, Point, Project, Wire
from nodes.param import JSON, ParamError
from nodes.registry import REGISTRY
from nodes.spec import Port


def fresh_id(graph: Graph, layer_type: str) -> str:
    """An id that is free in this graph: "conv2d" gives "conv1", then "conv2"."""
    stem = names.stem(layer_type)
    number = 1
    while f"{stem}{number}" in graph.nodes:
        number += 1
    return f"{stem}{number}"


def add_node(project: Project, graph_name: str, node: Node, at: tuple[float, float]) -> Project:
    """Add a node."""
    graph = graph_of(project, graph_name)
    if node.id in graph.nodes:
        raise EditError(
            "an id that is free in this graph", repr(node.id), f"Try {fresh_id(graph, node.layer)!r}."
        )
    check_room(graph, 1)
    node = checked_node(project, graph_name, node)
    positions = {**graph.layout.positions, node.id: point(at)}
    made = changed_graph(
        project, graph_name, nodes={**graph.nodes, node.id: node}, **with_positions(graph, positions)
    )
    if query.is_placement(node):
        check_extent(made)
    return made


def remove_nodes(project: Project, graph_name: str, ids: Iterable[str]) -> Project:
    """Remove nodes and the wires at them."""
    return _without(project, graph_name, ids, heal=False)


def remove_and_heal(project: Project, graph_name: str, ids: Iterable[str]) -> Project:
    """Remove nodes and wire the source of their main input to the targets of their main output."""
    return _without(project, graph_name, ids, heal=True)


def _without(project: Project, graph_name: str, ids: Iterable[str], *, heal: bool) -> Project:
    graph = graph_of(project, graph_name)
    gone = frozenset(ids)
    for node_id in gone:
        node_of(graph, node_id)
    if not gone:
        return project
    known = query.index(graph)
    lost = {wire for node in gone for wire in (*known.entering.get(node, ()), *known.leaving.get(node, ()))}
    healed = _healing(project, graph, gone) if heal else ()
    nodes = {node_id: node for node_id, node in graph.nodes.items() if node_id not in gone}
    positions = {node_id: at for node_id, at in graph.layout.positions.items() if node_id not in gone}
    kept = tuple(pin for pin in graph.lenses if pin.target.split(".")[0] not in gone)
    lenses = graph.lenses if len(kept) == len(graph.lenses) else kept
    return changed_graph(
        project,
        graph_name,
        removed=lost,
        added=healed,
        nodes=nodes,
        lenses=lenses,
        **with_positions(graph, positions),
    )


def _healing(project: Project, graph: Graph, gone: frozenset[str]) -> tuple[Wire, ...]:
    """The wires that controller removed nodes."""
    known = query.index(graph)

    def feeding(node_id: str) -> End | None:
        """The source of a node's main input, looking through removed nodes."""
        seen: set[str] = set()
        while node_id not in seen:
            seen.add(node_id)
            port = main_port(query.input_ports(project, graph.nodes[node_id], graph))
            wires = known.into[(node_id, port.name)] if port else ()
            if not wires:
                return None
            source = wires[0].source
            main = _main_output(project, graph, source.node) if source.node in gone else None
            if source.node not in gone:
                return source
            if main is None or main.name != source.port:
                return None
            node_id = source.node
        return None

    healed = []
    for node_id in sorted(gone):
        main = _main_output(project, graph, node_id)
        leaving = known.out_of[(node_id, main.name)] if main else ()
        targets = [wire for wire in leaving if wire.target.node not in gone]
        source = feeding(node_id) if targets else None
        if source is not None:
            healed += [Wire(source, wire.target, wire.order) for wire in targets]
    return tuple(healed)


def main_port(ports: tuple[Port, ...]) -> Port | None:
    """The main port: the first that is not a side port, preferring ports that are not `fed`."""
    main = [port for port in ports if not port.side]
    return min(main, key=lambda port: port.fed, default=None)


def _main_output(project: Project, graph: Graph, node_id: str) -> Port | None:
    return main_port(query.output_ports(project, graph.nodes[node_id], graph))


# Wires ------------------------------------------------------------------------------------------------------


def connect(
    project: Project,
    graph_name: str,
    source: tuple[str, str],
    target: tuple[str, str],
    *,
    replace: bool = False,
) -> Project:
    """Add a wire.

    An input port that takes one wire raises `EditError` for a second; with `replace` it drops the first.
    """
    graph = graph_of(project, graph_name)
    source, target = End(*source), End(*target)
    source_port(project, graph, source)
    port = target_port(project, graph, target)
    present = query.index(graph).into[target]
    if any(wire.source == source for wire in present):
        return project
    if present and not port.variadic and not replace:
        raise EditError(
            f"one wire into {target.node}.{target.port}",
            f"a second one from {source.node}.{source.port}",
            f"It is fed by {present[0].source.node}.{present[0].source.port}.",
        )
    removed = () if port.variadic else present
    if query.would_cycle(graph, source.node, target.node):
        raise EditError(
            "a drawing without loops",
            f"a wire from {source.node} back to {target.node}, which feeds it",
        )
    order = max((wire.order for wire in present), default=-1) + 1 if port.variadic else 0
    return changed_graph(project, graph_name, removed=removed, added=(Wire(source, target, order),))


def disconnect(project: Project, graph_name: str, wire: Wire) -> Project:
    """Remove one wire."""
    graph = graph_of(project, graph_name)
    if wire not in query.index(graph).entering.get(wire.target.node, ()):
        raise EditError("a wire of this graph", f"{'.'.join(wire.source)} → {'.'.join(wire.target)}")
    return changed_graph(project, graph_name, removed=(wire,))


def insert_on_wire(
    project: Project, graph_name: str, wire: Wire, node: Node, at: tuple[float, float]
) -> Project:
    """Insert a node into a wire.

    Its main input gets the source of the wire, its main output feeds the target. The node may be in the graph
    already if its main ports are free.
    """
    graph = graph_of(project, graph_name)
    cut = disconnect(project, graph_name, wire)
    if node.id in graph.nodes:
        cut = move(cut, graph_name, {node.id: point(at)})
    else:
        cut = add_node(cut, graph_name, node, at)
    placed = cut.graphs[graph_name]
    standing = placed.nodes[node.id]
    entrance = main_port(query.input_ports(cut, standing, placed))
    exit_ = main_port(query.output_ports(cut, standing, placed))
    if entrance is None or exit_ is None:
        missing = "input" if entrance is None else "output"
        raise EditError(
            "a layer with an input and an output on a wire", f"{node.layer}, which has no {missing}"
        )
    joined = connect(cut, graph_name, wire.source, (node.id, entrance.name))
    onward = Wire(End(node.id, exit_.name), wire.target, wire.order)
    if query.would_cycle(joined.graphs[graph_name], node.id, wire.target.node):
        raise EditError("a drawing without loops", f"{node.id} on a wire that leads back to it")
    return changed_graph(joined, graph_name, added=(onward,))


# Nodes ------------------------------------------------------------------------------------------------------


def set_param(project: Project, graph_name: str, node_id: str, name: str, value: JSON) -> Project:
    """Set a parameter, checked by its declaration. Wires at ports that disappear are removed."""
    graph = graph_of(project, graph_name)
    node = node_of(graph, node_id)
    checked = checked_param(project, graph_name, node, name, value)
    params = {**node.params, name: checked}
    if is_default(project, node, name, checked):
        del params[name]
    return _with_params(project, graph_name, node, params)


def reset_param(project: Project, graph_name: str, node_id: str, name: str) -> Project:
    """Reset a parameter to its default."""
    node = node_of(graph_of(project, graph_name), node_id)
    params = {key: value for key, value in node.params.items() if key != name}
    return _with_params(project, graph_name, node, params)


def _with_params(project: Project, graph_name: str, node: Node, params: dict[str, JSON]) -> Project:
    if params == node.params and all(type(params[key]) is type(node.params[key]) for key in params):
        return project
    graph = project.graphs[graph_name]
    placing = query.is_placement(node)
    changed = msgspec.structs.replace(node, params=params)
    if placing and params.get("definition") != node.params.get("definition"):
        changed = _of_other_definition(project, changed)
    check_whole(project, graph_name, changed)
    lost = _stranded(project, graph, node, changed)
    made = changed_graph(project, graph_name, removed=lost, nodes={**graph.nodes, node.id: changed})
    if placing:
        check_extent(made)
    return made


def _of_other_definition(project: Project, node: Node) -> Node:
    """A placement without the parameters that its new definition does not have."""
    definition = query.definition_of(project, node)
    known = {*REGISTRY[node.layer].params, *(definition.parameters if definition is not None else ())}
    kept = {name: value for name, value in node.params.items() if name in known}
    return msgspec.structs.replace(node, params=kept)


def _stranded(project: Project, graph: Graph, old: Node, new: Node) -> tuple[Wire, ...]:
    """The wires at ports that the changed node no longer has."""
    if query.is_placeholder(new):
        return ()
    known = query.index(graph)
    lost: list[Wire] = []
    entering = query.input_ports(project, new, graph)
    if entering != query.input_ports(project, old, graph):
        variadic = {port.name: port.variadic for port in entering}
        for port in {wire.target.port for wire in known.entering.get(old.id, ())}:
            wires = known.into[(old.id, port)]
            keep = 0 if port not in variadic else len(wires) if variadic[port] else 1
            lost += wires[keep:]
    leaving = query.output_ports(project, new, graph)
    if leaving != query.output_ports(project, old, graph):
        present = {port.name for port in leaving}
        lost += [wire for wire in known.leaving.get(old.id, ()) if wire.source.port not in present]
    return tuple(lost)


def move(project: Project, graph_name: str, positions: Mapping[str, tuple[float, float]]) -> Project:
    """Move nodes on the canvas."""
    graph = graph_of(project, graph_name)
    present = graph.layout.positions
    moved: dict[str, Point] = {}
    for node_id, at in positions.items():
        node_of(graph, node_id)
        if present.get(node_id) != (placed := point(at)):
            moved[node_id] = placed
    if not moved:
        return project
    return changed_graph(project, graph_name, **with_positions(graph, {**present, **moved}))


def set_bypassed(project: Project, graph_name: str, ids: Iterable[str], on: bool) -> Project:
    """Bypass nodes (their main input becomes their output), or end that."""
    return _flag(project, graph_name, ids, "bypassed", on)


def set_condition(project: Project, graph_name: str, ids: Iterable[str], text: str) -> Project:
    """Have nodes of a definition only where an expression holds (`=i == 0`); elsewhere they are bypassed.

    Empty text: they are always there.
    """
    graph = graph_of(project, graph_name)
    try:
        check_condition(text, graph, graph_name)
    except ParamError as error:
        raise EditError(error.expected, error.received) from error
    return _flag(project, graph_name, ids, "when", text)


def set_frozen(project: Project, graph_name: str, ids: Iterable[str], on: bool) -> Project:
    """Freeze the weights of nodes, or unfreeze them."""
    return _flag(project, graph_name, ids, "frozen", on)


def _flag(project: Project, graph_name: str, ids: Iterable[str], flag: str, on: bool | str) -> Project:
    graph = graph_of(project, graph_name)
    nodes = [node_of(graph, node_id) for node_id in ids]
    changed = {
        node.id: msgspec.structs.replace(node, **{flag: on}) for node in nodes if getattr(node, flag) != on
    }
    if not changed:
        return project
    return changed_graph(project, graph_name, nodes={**graph.nodes, **changed})
