"""Migration of older formats to the current one, step by step, on plain JSON.

A step changes what it understands and leaves the rest; the reader reports problems afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.document.project import FORMAT
from nodes.registry import RENAMED


def migrate(raw: dict[str, Any]) -> dict[str, Any]:
    """The project in the current format, with layers by their current names."""
    for version in range(raw["format"], FORMAT):
        raw = {**MIGRATIONS[version](raw), "format": version + 1}
    return _each_graph(raw, _renamed)


def _each_graph(raw: dict[str, Any], change: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    graphs = raw.get("graphs")
    if not isinstance(graphs, dict):
        return raw
    for name, graph in graphs.items():
        if isinstance(graph, dict):
            graphs[name] = change(graph)
    return raw


def _renamed(graph: dict[str, Any]) -> dict[str, Any]:
    nodes = graph.get("nodes")
    for node in nodes.values() if isinstance(nodes, dict) and RENAMED else ():
        if isinstance(node, dict) and isinstance(node.get("layer"), str):
            node["layer"] = RENAMED.get(node["layer"], node["layer"])
    return graph


def _from_1(raw: dict[str, Any]) -> dict[str, Any]:
    """Format 1 wrote positions into the nodes, as "x" and "y", and wires as "a.out -> b.in"."""
    return _each_graph(raw, _graph_from_1)


def _graph_from_1(graph: dict[str, Any]) -> dict[str, Any]:
    nodes, wires = graph.get("nodes"), graph.get("wires")
    positions: dict[str, Any] = {}
    for node_id, node in nodes.items() if isinstance(nodes, dict) else ():
        if isinstance(node, dict) and "x" in node and "y" in node:
            positions[node_id] = [node.pop("x"), node.pop("y")]
    if isinstance(wires, list):
        graph["wires"] = [_wire_from_1(wire) for wire in wires]
        _number(graph["wires"])
    if positions:
        layout = graph.setdefault("layout", {})
        if isinstance(layout, dict):
            layout.setdefault("positions", positions)
    return graph


def _wire_from_1(wire: Any) -> Any:
    ends = wire.split("->") if isinstance(wire, str) else ()
    parts = [end.strip().split(".") for end in ends]
    if len(parts) != 2 or any(len(part) != 2 for part in parts):
        return wire
    return {"source": parts[0], "target": parts[1]}


def _number(wires: list[Any]) -> None:
    """Format 1 ranked the wires into one port by where they stood in the file."""
    count: dict[tuple[str, ...], int] = {}
    for wire in wires:
        if not isinstance(wire, dict):
            continue
        target = wire.get("target")
        if isinstance(target, list) and all(isinstance(part, str) for part in target):
            place = count.get(tuple(target), 0)
            count[tuple(target)] = place + 1
            if place:
                wire["order"] = place


MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _from_1}
"""From this format to the next."""
