"""Renaming nodes and definitions, and updating all that refers to them by name or path.

Positions, wires, lenses and the paths of objectives are updated; names in checkpoints are not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from engine.document import names, node_paths, query
from engine.document.edits.editing import EditError, graph_of, node_of
from engine.document.node_paths import PathSegment
from engine.document.path_params import nodes_with_paths, rewritten, with_setting_paths
from engine.document.project import MAIN, End, Graph, LensPin, Node, Project, Wire
from nodes.shown_text import quoted

Change = Callable[[PathSegment], str | None]


def rename_node(project: Project, graph_name: str, old: str, new: str) -> Project:
    """Rename a node; everything that names it is updated."""
    graph = graph_of(project, graph_name)
    node_of(graph, old)
    if new == old:
        return project
    if not names.is_node_id(new):
        raise EditError(names.NODE_ID, quoted(new))
    if new in graph.nodes:
        raise EditError("an id that is free in this graph", repr(new), "Another node has it.")
    moved = follow(project, lambda step: new if (step.graph, step.node) == (graph_name, old) else None)
    graph = moved.graphs[graph_name]
    nodes = {
        (new if key == old else key): (msgspec.structs.replace(node, id=new) if key == old else node)
        for key, node in graph.nodes.items()
    }
    positions = {(new if key == old else key): at for key, at in graph.layout.positions.items()}
    wires = tuple(_rewired(wire, old, new) for wire in graph.wires)
    layout = msgspec.structs.replace(graph.layout, positions=positions)
    renamed = msgspec.structs.replace(graph, nodes=nodes, wires=wires, layout=layout)
    return msgspec.structs.replace(moved, graphs={**moved.graphs, graph_name: renamed})


def rename_definition(project: Project, old: str, new: str) -> Project:
    """Rename a definition; its placements are updated."""
    graph_of(project, old)
    if new == old:
        return project
    if old == MAIN:
        raise EditError("a definition", repr(MAIN), "The main graph keeps its name.")
    check_free_definition(project, new)
    moved = follow(project, lambda step: new if step.graph == old and not step.node else None)
    graphs: dict[str, Graph] = {}
    for name, graph in moved.graphs.items():
        placing = [key for key, placed in query.placements(graph).items() if placed == old]
        nodes = {key: _placing(graph.nodes[key], new) for key in placing}
        changed = msgspec.structs.replace(graph, nodes={**graph.nodes, **nodes}) if nodes else graph
        graphs[new if name == old else name] = changed
    return msgspec.structs.replace(moved, graphs=graphs)


def check_free_definition(project: Project, name: str) -> None:
    """Raise where a definition cannot be called this."""
    if name in project.graphs:
        raise EditError("a name that no graph has", repr(name))
    if not names.is_node_id(name):
        raise EditError(names.NODE_ID, quoted(name))


def _placing(node: Node, definition: str) -> Node:
    return msgspec.structs.replace(node, params={**node.params, "definition": definition})


def _rewired(wire: Wire, old: str, new: str) -> Wire:
    if old not in (wire.source.node, wire.target.node):
        return wire
    source = End(new, wire.source.port) if wire.source.node == old else wire.source
    target = End(new, wire.target.port) if wire.target.node == old else wire.target
    return Wire(source, target, wire.order)


def follow(project: Project, change: Change) -> Project:
    """The project with every path in it changed."""
    graphs: dict[str, Graph] = {}
    for name, graph in project.graphs.items():
        changes: dict[str, Any] = {}
        nodes = {key: followed(project, name, node, change) for key, node in nodes_with_paths(graph).items()}
        if any(nodes[key] is not graph.nodes[key] for key in nodes):
            changes["nodes"] = {**graph.nodes, **nodes}
        lenses = tuple(_pin(project, name, pin, change) for pin in graph.lenses)
        if lenses != graph.lenses:
            changes["lenses"] = lenses
        if changes:
            graphs[name] = msgspec.structs.replace(graph, **changes)
    project = with_setting_paths(project, lambda path: (node_paths.replaced(project, MAIN, path, change),))
    return msgspec.structs.replace(project, graphs={**project.graphs, **graphs}) if graphs else project


def followed(project: Project, graph_name: str, node: Node, change: Change) -> Node:
    """The node with the paths that it names changed."""
    return rewritten(node, lambda path: (node_paths.replaced(project, graph_name, path, change),))


def _pin(project: Project, graph_name: str, pin: LensPin, change: Change) -> LensPin:
    """Targets of lenses are paths from the graph that they are pinned in, or from main."""
    seen_here = next(node_paths.segments(project, graph_name, pin.target), None) is not None
    new = node_paths.replaced(project, graph_name if seen_here else MAIN, pin.target, change)
    return pin if new == pin.target else msgspec.structs.replace(pin, target=new)
