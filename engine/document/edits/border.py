"""Edits of a definition's border: its named inputs and outputs, one at a time.

Wires inside and at every placement are updated.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from engine.document import names, query
from engine.document.edits.definitions import set_border
from engine.document.edits.editing import EditError, graph_of
from engine.document.edits.scans import renamed_ports, with_renamed_port
from engine.document.project import INPUT, MAIN, OUTPUT, End, Graph, Project, Wire
from nodes.shown_text import quoted

MOST = 256
"""Ports on one side."""


def ports_of(graph: Graph, side: str) -> tuple[str, ...]:
    """The names on one side; `side` is `@in` or `@out`."""
    return graph.inputs if side == INPUT else graph.outputs


def fresh_port(graph: Graph, side: str, wanted: str = "") -> str:
    """A name like `wanted` that the side does not have yet."""
    taken = ports_of(graph, side)
    start = wanted if names.is_identifier(wanted) else "input" if side == INPUT else "output"
    if start not in taken:
        return start
    stem, number = start.rstrip("0123456789") or "port", 2
    while f"{stem}{number}" in taken:
        number += 1
    return f"{stem}{number}"


def add_port(project: Project, name: str, side: str, port: str) -> Project:
    """Add an input or output below the others."""
    taken = _side(project, name, side)
    if port in taken:
        raise EditError(f"a name that no other {_word(side)} has", quoted(port))
    if len(taken) >= MOST:
        raise EditError(f"at most {MOST} {_word(side)}s", "one more")
    return _with(project, name, side, (*taken, port))


def remove_port(project: Project, name: str, side: str, port: str) -> Project:
    """Remove an input or output and the wires at it, inside and at placements."""
    taken = _known(project, name, side, port)
    return _with(project, name, side, tuple(other for other in taken if other != port))


def move_port(project: Project, name: str, side: str, port: str, place: int) -> Project:
    """Move an input or output to another place of its side (0: the first)."""
    taken = _known(project, name, side, port)
    rest = [other for other in taken if other != port]
    rest.insert(max(0, min(place, len(rest))), port)
    return _with(project, name, side, tuple(rest))


def rename_port(project: Project, name: str, side: str, old: str, new: str) -> Project:
    """Rename an input or output; wires inside and at placements are updated."""
    taken = _known(project, name, side, old)
    if new == old:
        return project
    if not names.is_identifier(new):
        raise EditError(names.IDENTIFIER, quoted(new))
    if new in taken:
        raise EditError(f"a name that no other {_word(side)} has", quoted(new))
    ports = tuple(new if port == old else port for port in taken)
    field = "inputs" if side == INPUT else "outputs"
    definition = project.graphs[name]
    graphs: dict[str, Graph] = {}
    for graph_name, graph in project.graphs.items():
        placing = {key for key, placed in query.placements(graph).items() if placed == name}
        renamed = {
            key: renamed_ports(graph.nodes[key], definition, side, old, new) for key in sorted(placing)
        }
        changes: dict[str, Any] = {field: ports} if graph_name == name else {}
        if graph_name == name:
            renamed[side] = ({}, {old: new}) if side == INPUT else ({old: new}, {})
        wires = tuple(_renamed(wire, renamed) for wire in graph.wires)
        nodes = {key: with_renamed_port(graph.nodes[key], definition, side, old, new) for key in placing}
        if any(nodes[key] != graph.nodes[key] for key in placing):
            changes["nodes"] = {**graph.nodes, **nodes}
        if changes or wires != graph.wires:
            graphs[graph_name] = msgspec.structs.replace(graph, wires=wires, **changes)
    return msgspec.structs.replace(project, graphs={**project.graphs, **graphs})


def _renamed(wire: Wire, renamed: Mapping[str, tuple[Mapping[str, str], Mapping[str, str]]]) -> Wire:
    """A wire with the new names of its ports; `renamed` has by node those of its inputs and its outputs."""
    nothing: tuple[Mapping[str, str], Mapping[str, str]] = ({}, {})
    source, target = wire.source, wire.target
    source = End(source.node, renamed.get(source.node, nothing)[1].get(source.port, source.port))
    target = End(target.node, renamed.get(target.node, nothing)[0].get(target.port, target.port))
    return wire if (source, target) == (wire.source, wire.target) else Wire(source, target, wire.order)


def _side(project: Project, name: str, side: str) -> tuple[str, ...]:
    if side not in (INPUT, OUTPUT):
        raise EditError(f"{INPUT} or {OUTPUT}", quoted(side))
    if name == MAIN:
        raise EditError("a definition", repr(MAIN), "The main graph has no border.")
    return ports_of(graph_of(project, name), side)


def _known(project: Project, name: str, side: str, port: str) -> tuple[str, ...]:
    taken = _side(project, name, side)
    if port not in taken:
        raise EditError(f"an {_word(side)} of {name} ({', '.join(taken) or 'it has none'})", repr(port))
    return taken


def _with(project: Project, name: str, side: str, ports: tuple[str, ...]) -> Project:
    return set_border(project, name, **{"inputs" if side == INPUT else "outputs": ports})


def _word(side: str) -> str:
    return "input" if side == INPUT else "output"
