"""Edits of definitions: the graphs that blocks and networks place.

Wires at placements are updated when the border of a definition changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from engine.document import names, query
from engine.document.edits import check
from engine.document.edits.editing import EditError, changed_graph, check_extent, graph_of
from engine.document.edits.renaming import check_free_definition
from engine.document.held_expressions import names_read
from engine.document.json_reader import step
from engine.document.project import INPUT, MAIN, OUTPUT, Graph, Node, Project
from nodes.layers.scan import Scan
from nodes.layers.structure import Block
from nodes.param import JSON
from nodes.shown_text import quoted


def add_definition(project: Project, name: str, graph: Graph | None = None) -> Project:
    """Add a definition: a graph that blocks and networks can place."""
    check_free_definition(project, name)
    made = msgspec.structs.replace(project, graphs={**project.graphs, name: graph or Graph()})
    if graph is not None:
        _check_whole(made, name)
    return made


def _check_whole(project: Project, name: str) -> None:
    """Raise `EditError` where the definition is not valid."""
    own = step("$.graphs", name)
    for path, sentence in check.problems_of(project):
        if path == "$.graphs" or path.startswith(own):
            raise EditError("a definition that is whole", f"one with a problem at {path}", sentence)


def remove_definition(project: Project, name: str) -> Project:
    """Remove a definition that is not placed any more."""
    graph_of(project, name)
    if name == MAIN:
        raise EditError("a definition", repr(MAIN), "The main graph stays.")
    placed = [
        f"{key} in {graph_name}"
        for graph_name, graph in project.graphs.items()
        for key, definition in query.placements(graph).items()
        if definition == name
    ]
    if placed:
        raise EditError(f"no placement of {name!r}", quoted(", ".join(placed)), "Remove them first.")
    return msgspec.structs.replace(
        project, graphs={key: graph for key, graph in project.graphs.items() if key != name}
    )


def fresh_definition(project: Project, wanted: str) -> str:
    """A name like `wanted` that no graph has."""
    if wanted not in project.graphs and names.is_node_id(wanted):
        return wanted
    start = names.stem(wanted.rstrip("0123456789") or wanted)
    number = 2
    while f"{start}{number}" in project.graphs:
        number += 1
    return f"{start}{number}"


def set_border(
    project: Project,
    name: str,
    *,
    inputs: tuple[str, ...] | None = None,
    outputs: tuple[str, ...] | None = None,
) -> Project:
    """Set the inputs and outputs of a definition.

    Wires at removed ports are removed, inside and at placements.
    """
    graph = _definition(project, name)
    new: dict[str, Any] = {
        "inputs": graph.inputs if inputs is None else tuple(inputs),
        "outputs": graph.outputs if outputs is None else tuple(outputs),
    }
    for side, ports in new.items():
        for port in ports:
            if not names.is_identifier(port):
                raise EditError(names.IDENTIFIER, quoted(port))
        if len(set(ports)) != len(ports):
            raise EditError(f"each of the {side} once", quoted(ports))
    if (new["inputs"], new["outputs"]) == (graph.inputs, graph.outputs):
        return project
    ends = {INPUT: set(new["inputs"]), OUTPUT: set(new["outputs"])}
    lost = [
        wire
        for wire in graph.wires
        if wire.source.port not in ends.get(wire.source.node, {wire.source.port})
        or wire.target.port not in ends.get(wire.target.node, {wire.target.port})
    ]
    project = changed_graph(project, name, removed=lost, **new)
    return _without_stranded(project, name)


def _without_stranded(project: Project, name: str) -> Project:
    """The project without wires at ports that placements of this definition no longer have."""
    for other, outside in project.graphs.items():
        inputs: dict[str, set[str]] = {}
        outputs: dict[str, set[str]] = {}
        for key, definition in query.placements(outside).items():
            if definition == name:
                node = outside.nodes[key]
                inputs[key] = {port.name for port in query.input_ports(project, node, outside)}
                outputs[key] = {port.name for port in query.output_ports(project, node, outside)}
        stranded = [
            wire
            for wire in outside.wires
            if wire.target.port not in inputs.get(wire.target.node, {wire.target.port})
            or wire.source.port not in outputs.get(wire.source.node, {wire.source.port})
        ]
        if stranded:
            project = changed_graph(project, other, removed=stranded)
    return project


def set_parameters(project: Project, name: str, parameters: Mapping[str, JSON]) -> Project:
    """Set the parameters of a definition, with their defaults. Placements lose removed ones.

    Raises `EditError` while an expression inside reads a parameter that would be removed.
    """
    graph = _definition(project, name)
    for key, default in parameters.items():
        if fault := check.parameter_problem(key, default):
            raise EditError("parameters with a free name and a plain default", quoted(key), fault)
    if dict(parameters) == graph.parameters and list(parameters) == list(graph.parameters):
        return project
    for node in graph.nodes.values():
        missing = names_read(node) - parameters.keys() - {"i"}
        if missing:
            raise EditError(f"the parameter {min(missing)!r}, which {node.id} reads", "parameters without it")
    told = tuple(info for info in graph.parameter_info if info.name in parameters)
    project = changed_graph(project, name, parameters=dict(parameters), parameter_info=told)
    check_extent(project)
    for other, outside in project.graphs.items():
        own = {*Block.params, *Scan.params, *parameters}
        placing = [outside.nodes[key] for key, placed in query.placements(outside).items() if placed == name]
        changed = {node.id: _only(node, own) for node in placing if not node.params.keys() <= own}
        if changed:
            project = changed_graph(project, other, nodes={**outside.nodes, **changed})
    return project


def _definition(project: Project, name: str) -> Graph:
    if name == MAIN:
        raise EditError("a definition", repr(MAIN), "The main graph has no border and no parameters.")
    return graph_of(project, name)


def _only(node: Node, keys: set[str]) -> Node:
    params: dict[str, Any] = {key: value for key, value in node.params.items() if key in keys}
    return msgspec.structs.replace(node, params=params)
