"""What edits of a definition mean for the scans that place it: their ports are named after its border."""

from __future__ import annotations

from typing import Any

import msgspec

from engine.document import query
from engine.document.project import INPUT, Graph, Node, Project
from nodes.layers.scan import Scan, ScanBorder, last_port, scan_border, target_port
from nodes.param import ParamError


def border_of(node: Node, definition: Graph) -> ScanBorder | None:
    """What the inputs of a scan are; None of another placement, or where it names inputs that it lacks."""
    if node.layer != Scan.type:
        return None
    try:
        scan = query.layer_of(node)
        assert isinstance(scan, Scan)
        return scan_border(scan, definition.inputs, definition.outputs)
    except ParamError:
        return None


def with_renamed_port(node: Node, definition: Graph, side: str, old: str, new: str) -> Node:
    """A scan that means the same after an input or output of its definition was renamed."""
    border = border_of(node, definition)
    if border is None:
        return node

    def name(port: str, of: str) -> str:
        return new if port == old and side == of else port

    states = [(name(state, INPUT), name(output, "")) for state, output in border.states]
    if side != INPUT:
        states = [(state, new if output == old else output) for state, output in border.states]
    params: dict[str, Any] = dict(node.params)
    outputs = {name(port, side) if side != INPUT else port for port in definition.outputs}
    inputs = [name(port, INPUT) for port in definition.inputs]
    plain = [(port, port) for port in inputs if port in outputs]
    if border.states and (plain != states or "states" in params):
        params["states"] = ", ".join(
            state if state == output else f"{state}: {output}" for state, output in states
        )
    for key, ports in (("constants", border.constants), ("taught", border.taught)):
        if ports:
            params[key] = ", ".join(name(port, INPUT) for port in ports)
    return msgspec.structs.replace(node, params=params)


def renamed_ports(
    node: Node, definition: Graph, side: str, old: str, new: str
) -> tuple[dict[str, str], dict[str, str]]:
    """New names of the ports at a placement, inputs and outputs, after one of the border was renamed."""
    into: dict[str, str] = {old: new} if side == INPUT else {}
    out: dict[str, str] = {} if side == INPUT else {old: new}
    border = border_of(node, definition)
    if border is not None and side == INPUT and old in border.state_names:
        into[target_port(old)] = target_port(new)
        out[last_port(old)] = last_port(new)
    return into, out


def looping_ports(project: Project, name: str, side: str) -> frozenset[str]:
    """The inputs (or outputs) of a definition that are states of a scan that places it."""
    definition, found = project.graphs[name], set[str]()
    for graph in project.graphs.values():
        for key, placed in query.placements(graph).items():
            border = border_of(graph.nodes[key], definition) if placed == name else None
            if border is not None:
                found.update(state if side == INPUT else output for state, output in border.states)
    return frozenset(found)
