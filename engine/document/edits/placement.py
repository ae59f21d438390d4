"""Placements of definitions, and edits of one placement: make unique, shared or own weights.

Each placement decides whether a definition is a block or a network.
"""

from __future__ import annotations

import msgspec

from engine.document import query
from engine.document.edits.definitions import add_definition, fresh_definition
from engine.document.edits.editing import EditError, changed_graph, graph_of, node_of, repeat_of
from engine.document.held_expressions import has_expression
from engine.document.path_params import nodes_with_paths, rewritten
from engine.document.project import MAIN, Graph, Node, Project
from nodes.layers.scan import Scan
from nodes.layers.structure import Block, Network, Placement
from nodes.param import JSON
from nodes.registry import REGISTRY
from nodes.shown_text import quoted


def shares_weights(node: Node) -> bool:
    """Whether all placements of this kind share weights."""
    declared = REGISTRY.get(node.layer)
    return declared is not None and issubclass(declared, Placement) and declared.shares_weights


def placements_of(project: Project, name: str) -> tuple[tuple[str, str], ...]:
    """Every node that places a definition: graph and id."""
    return tuple(
        (graph_name, key)
        for graph_name, graph in project.graphs.items()
        for key, placed in query.placements(graph).items()
        if placed == name
    )


def sharing(project: Project, graph_name: str, node_id: str) -> tuple[tuple[str, str], ...]:
    """All placements that share the weights of this one, itself included; a block or a layer shares with
    none.
    """
    node = node_of(graph_of(project, graph_name), node_id)
    if not shares_weights(node) or query.definition_of(project, node) is None:
        return ((graph_name, node_id),)
    placed = placements_of(project, str(node.params["definition"]))
    return tuple((name, key) for name, key in placed if shares_weights(project.graphs[name].nodes[key]))


def given_where_shared(project: Project, name: str) -> dict[str, JSON]:
    """The parameters of the placements of a network: another placement must have the same.

    Expressions are left out: they hold only in their own graph.
    """
    for graph, key in placements_of(project, name):
        node = project.graphs[graph].nodes[key]
        if shares_weights(node):
            return {param: value for param, value in node.params.items() if not has_expression(value)}
    return {}


def kind_of(project: Project, name: str) -> str:
    """The layer that a definition is placed as: "network" where any placement shares, "scan" where all run
    over time, "block", or "" for none."""
    placed = [project.graphs[graph].nodes[key] for graph, key in placements_of(project, name)]
    if not placed:
        return ""
    if any(shares_weights(node) for node in placed):
        return Network.type
    return Scan.type if all(node.layer == Scan.type for node in placed) else Block.type


def first_placement(project: Project, name: str, start: str = MAIN) -> str:
    """The path from `start` to the first placement of a definition, through others; "" for none."""
    waiting: list[tuple[str, str]] = [(start, "")]
    seen = {start}
    while waiting:
        graph, path = waiting.pop(0)
        for key, placed in query.placements(project.graphs[graph]).items():
            if placed not in project.graphs or placed == MAIN:
                continue
            node = project.graphs[graph].nodes[key]
            inner = query.first_copy(node, f"{path}.{key}" if path else key)
            if placed == name:
                return inner
            if placed not in seen:
                seen.add(placed)
                waiting.append((placed, inner))
    return ""


def copies_of(project: Project, name: str) -> int:
    """How many copies of a graph main has once every placement is written out."""
    count = {MAIN: 1}
    for outer in reversed(query.definition_order(project)):
        graph = project.graphs[outer]
        for key, placed in query.placements(graph).items():
            times = repeat_of(graph, graph.nodes[key])
            count[placed] = count.get(placed, 0) + count.get(outer, 0) * times
    return count.get(name, 0)


def placement_of(project: Project, graph_name: str, node_id: str) -> tuple[Node, str, Graph]:
    """A placement, the name of its definition, and the definition. Raises `EditError` for another node."""
    node = node_of(graph_of(project, graph_name), node_id)
    definition = query.definition_of(project, node) if query.is_placement(node) else None
    if definition is None:
        raise EditError("a block or a network with a definition", quoted(node_id))
    return node, str(node.params["definition"]), definition


def make_unique(project: Project, graph_name: str, node_id: str, wanted: str = "") -> tuple[Project, str]:
    """Make unique: give a placement its own copy of its definition. Also returns the copy's name.

    Objectives that update the definition update the copy too.
    """
    node, name, definition = placement_of(project, graph_name, node_id)
    if len(placements_of(project, name)) < 2:
        raise EditError(
            "a definition that is placed more than once", f"{name!r}, which only {node_id} places"
        )
    made = fresh_definition(project, wanted or name)
    project = add_definition(project, made, definition)
    own = msgspec.structs.replace(node, params={**node.params, "definition": made})
    graph = project.graphs[graph_name]
    project = changed_graph(project, graph_name, nodes={**graph.nodes, node_id: own})
    return _named_too(project, name, made) if shares_weights(node) else project, made


def _named_too(project: Project, name: str, copy: str) -> Project:
    """Paths that name a definition name its copy as well."""
    for graph_name, graph in project.graphs.items():

        def with_copy(path: str, graph: Graph = graph) -> tuple[str, ...]:
            head, dot, rest = path.partition(".")
            if head != name or head in graph.nodes:
                return (path,)
            return (path, f"{copy}{dot}{rest}")

        nodes = {key: rewritten(node, with_copy) for key, node in nodes_with_paths(graph).items()}
        if any(nodes[key] is not graph.nodes[key] for key in nodes):
            project = changed_graph(project, graph_name, nodes={**graph.nodes, **nodes})
    return project


def set_kind(project: Project, graph_name: str, node_id: str, layer: str) -> Project:
    """Place the same definition as a block (weights of its own), as a network (shared weights) or as a scan
    (over time). Wires at ports that it no longer has are removed.
    """
    node, _, _ = placement_of(project, graph_name, node_id)
    if layer not in (Block.type, Network.type, Scan.type):
        raise EditError(f"{Block.type}, {Network.type} or {Scan.type}", quoted(layer))
    if node.layer == layer:
        return project
    graph = project.graphs[graph_name]
    if repeat_of(graph, node) != 1:
        raise EditError(
            "a block that is not repeated",
            f"one that is repeated {repeat_of(graph, node)} times",
            "A network and a scan have one set of weights; set its repeat to 1 first.",
        )
    lost = {*REGISTRY[node.layer].params} - {*REGISTRY[layer].params}
    params = {key: value for key, value in node.params.items() if key not in lost}
    changed = msgspec.structs.replace(node, layer=layer, params=params)
    known = query.index(graph)
    entering = {port.name for port in query.input_ports(project, changed, graph)}
    leaving = {port.name for port in query.output_ports(project, changed, graph)}
    stranded = [wire for wire in known.entering.get(node_id, ()) if wire.target.port not in entering]
    stranded += [wire for wire in known.leaving.get(node_id, ()) if wire.source.port not in leaving]
    return changed_graph(project, graph_name, removed=stranded, nodes={**graph.nodes, node_id: changed})


def duplicate_definition(project: Project, name: str) -> tuple[Project, str]:
    """Copy a definition without placing it. Also returns the copy's name."""
    if name == MAIN:
        raise EditError("a definition", repr(MAIN), "The main graph stays single.")
    made = fresh_definition(project, name)
    return add_definition(project, made, graph_of(project, name)), made
