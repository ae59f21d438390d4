"""Ungroup: the nodes of a definition take the place of a placement, with the same wires.

The reverse of `extract`. Raises `EditError` where the result would compute something else: shared weights,
and blocks that repeat.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import msgspec

from engine.document import names, node_paths, query
from engine.document.edits.editing import (
    EditError,
    changed_graph,
    check_extent,
    check_room,
    checked_node,
    point,
)
from engine.document.edits.extract import centre_of
from engine.document.edits.placement import (
    copies_of,
    first_placement,
    placement_of,
    placements_of,
    shares_weights,
)
from engine.document.expression import ExpressionError, evaluate, names_in, substitute
from engine.document.held_expressions import has_expression
from engine.document.held_expressions import rewritten as with_expressions
from engine.document.path_params import nodes_with_paths, rewritten, with_setting_paths
from engine.document.project import INPUT, MAIN, OUTPUT, End, Graph, LensPin, Node, Point, Project, Wire
from nodes.layers.scan import Scan
from nodes.param import JSON


class _Opened(NamedTuple):
    """A placement to ungroup: its graph, its definition, and the new ids of inner nodes."""

    home: str
    node: Node
    name: str
    definition: Graph
    ids: dict[str, str]
    bare: frozenset[str] = frozenset()


def unpack(
    project: Project, graph_name: str, node_id: str, bare: frozenset[str] = frozenset()
) -> tuple[Project, frozenset[str]]:
    """Replace a placement by the nodes of its definition. Also returns their ids.

    The definition is removed with its last placement. An objective that updated the placement updates all its
    nodes, except those of `bare`, which have no weights.
    """
    node, name, definition = placement_of(project, graph_name, node_id)
    _check_same_meaning(project, graph_name, node, name)
    graph = project.graphs[graph_name]
    check_room(graph, len(definition.nodes))
    opened = _Opened(graph_name, node, name, definition, _ids(graph, node_id, definition), bare)
    project = _followed(project, opened)
    graph = project.graphs[graph_name]
    shift = _shift(graph, opened)
    rest = {key: kept for key, kept in graph.nodes.items() if key != node_id}
    removed, added = _rewired(graph, opened)
    made = changed_graph(
        project,
        graph_name,
        removed=removed,
        added=added,
        nodes={**rest, **_inner_nodes(project, opened)},
        layout=_layout(graph, opened, shift),
        lenses=(*graph.lenses, *_inner_pins(opened)),
    )
    if not placements_of(made, name):
        kept = {key: held for key, held in made.graphs.items() if key != name}
        made = msgspec.structs.replace(made, graphs=kept)
    check_extent(made)
    return made, frozenset(opened.ids.values())


def _check_same_meaning(project: Project, graph_name: str, node: Node, name: str) -> None:
    if node.bypassed:
        raise EditError(
            "a placement that is not bypassed", f"{node.id}, which is bypassed", "End the bypass first."
        )
    if node.when:
        raise EditError(
            "a placement without a condition",
            f"{node.id}, which is there only if {node.when}",
            "Remove it first.",
        )
    if node.layer == Scan.type:
        raise EditError(
            "a block or a network", f"{node.id}, which runs over time", "Turn Run over time off first."
        )
    if node.params.get("repeat", 1) != 1:
        raise EditError(
            "a block that is not repeated",
            f"{node.id}, repeated {node.params['repeat']} times",
            "Set its repeat to 1 first.",
        )
    if not shares_weights(node):
        return
    others = len(placements_of(project, name)) - 1
    if others or copies_of(project, graph_name) > 1:
        raise EditError(
            "a network that is placed once",
            f"{name}, whose weights other placements share",
            "Make it unique first.",
        )


def _ids(graph: Graph, gone: str, definition: Graph) -> dict[str, str]:
    """An id for every inner node: its own where that is free."""
    taken = graph.nodes.keys() - {gone}
    ids: dict[str, str] = {}
    for key in definition.nodes:
        new, number = key, 1
        stem = names.stem(key.rstrip("0123456789") or key)
        while new in taken or new in ids.values() or (new != key and new in definition.nodes):
            new, number = f"{stem}{number}", number + 1
        ids[key] = new
    return ids


# Nodes ------------------------------------------------------------------------------------------------------


def _inner_nodes(project: Project, opened: _Opened) -> dict[str, Node]:
    own = {key: opened.node.params[key] for key in opened.definition.parameters if key in opened.node.params}
    values: dict[str, JSON] = {**opened.definition.parameters, **own, "i": 0}
    found = {}
    for key, inner in opened.definition.nodes.items():
        plain = _written_out(inner, values)
        plain = rewritten(plain, lambda path: (_own_path(path, opened.ids),))
        moved = msgspec.structs.replace(plain, id=opened.ids[key], frozen=inner.frozen or opened.node.frozen)
        found[opened.ids[key]] = checked_node(project, opened.home, moved, placeholders=True)
    return found


def _own_path(path: str, ids: Mapping[str, str]) -> str:
    """A path that starts in the definition, by the new ids."""
    head, dot, rest = path.partition(".")
    return f"{ids.get(head, head)}{dot}{rest}"


def _written_out(node: Node, values: Mapping[str, JSON]) -> Node:
    """The node with the definition's parameters replaced by the values of the placement."""

    def written(text: str) -> JSON:
        read = {name: values[name] for name in names_in(text)}
        if not any(has_expression(held) for held in read.values()):
            return evaluate(text, read)
        if (whole := text.removeprefix("=").strip()) in read:
            return read[whole]
        return substitute(text, {name: _piece(held) for name, held in read.items()})

    try:
        return with_expressions(node, written)
    except ExpressionError as error:
        raise EditError(f"{error.expected} in {node.id}", error.received) from error


def _piece(value: JSON) -> str:
    return value if isinstance(value, str) and has_expression(value) else repr(value)


# Wires ------------------------------------------------------------------------------------------------------


def _rewired(graph: Graph, opened: _Opened) -> tuple[list[Wire], list[Wire]]:
    """The wires at the placement, to remove, and those that replace them."""
    known, key, ids = query.index(graph), opened.node.id, opened.ids
    entering, leaving = known.entering.get(key, ()), known.leaving.get(key, ())
    fed = {wire.target.port: wire.source for wire in entering}

    def source_of(end: End) -> End | None:
        return fed.get(end.port) if end.node == INPUT else End(ids[end.node], end.port)

    added, behind = [], dict[str, End]()
    for wire in opened.definition.wires:
        source = source_of(wire.source)
        if source is None:
            continue
        if wire.target.node == OUTPUT:
            behind[wire.target.port] = source
        else:
            added.append(Wire(source, End(ids[wire.target.node], wire.target.port), wire.order))
    added += [
        Wire(behind[wire.source.port], wire.target, wire.order)
        for wire in leaving
        if wire.source.port in behind
    ]
    return [*entering, *leaving], _once(graph, added, {*entering, *leaving})


def _once(graph: Graph, added: list[Wire], gone: set[Wire]) -> list[Wire]:
    """Without duplicate wires, which arise where one value fed two inputs."""
    seen = {(wire.source, wire.target) for wire in graph.wires if wire not in gone}
    found = []
    for wire in added:
        if (wire.source, wire.target) in seen:
            raise EditError(
                f"each value once at {wire.target.node}.{wire.target.port}",
                f"{'.'.join(wire.source)} twice",
                "Remove one of the two wires first.",
            )
        seen.add((wire.source, wire.target))
        found.append(wire)
    return found


# Layout -----------------------------------------------------------------------------------------------------


def _shift(graph: Graph, opened: _Opened) -> Point:
    """The offset that centres the inner nodes on the placement."""
    at = opened.definition.layout.positions
    middle = centre_of(at.get(key, Point(0.0, 0.0)) for key in opened.definition.nodes)
    place = graph.layout.positions.get(opened.node.id, Point(0.0, 0.0))
    return Point(place.x - middle.x, place.y - middle.y)


def _layout(graph: Graph, opened: _Opened, shift: Point) -> Any:
    inner = opened.definition.layout
    positions = {key: at for key, at in graph.layout.positions.items() if key != opened.node.id}
    for key, new in opened.ids.items():
        at = inner.positions.get(key, Point(0.0, 0.0))
        positions[new] = point((at.x + shift.x, at.y + shift.y))
    return msgspec.structs.replace(
        graph.layout,
        positions=positions,
        frames={**graph.layout.frames, **_shifted(inner.frames, graph.layout.frames, shift, "frame")},
        notes={**graph.layout.notes, **_shifted(inner.notes, graph.layout.notes, shift, "note")},
    )


def _shifted(things: Mapping[str, Any], taken: Mapping[str, Any], shift: Point, stem: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    number = 1
    for key, thing in things.items():
        while key in taken or key in found:
            key, number = f"{stem}{number}", number + 1
        found[key] = msgspec.structs.replace(thing, x=thing.x + shift.x, y=thing.y + shift.y)
    return found


# Paths ------------------------------------------------------------------------------------------------------


def _followed(project: Project, opened: _Opened) -> Project:
    """The project with every path through the placement updated."""
    graphs: dict[str, Graph] = {}
    every = opened._replace(bare=frozenset())
    for name, graph in project.graphs.items():
        if name == opened.name and not _stays(project, opened):
            continue
        changes: dict[str, Any] = {}
        nodes = {
            key: rewritten(node, partial(_led, project, name, opened))
            for key, node in nodes_with_paths(graph).items()
        }
        if any(nodes[key] is not graph.nodes[key] for key in nodes):
            changes["nodes"] = {**graph.nodes, **nodes}
        pins = tuple(made for pin in graph.lenses for made in _pins(project, name, pin, every))
        if pins != graph.lenses:
            changes["lenses"] = pins
        if changes:
            graphs[name] = msgspec.structs.replace(graph, **changes)
    project = with_setting_paths(project, partial(_led, project, MAIN, every))
    return msgspec.structs.replace(project, graphs={**project.graphs, **graphs}) if graphs else project


def _stays(project: Project, opened: _Opened) -> bool:
    return len(placements_of(project, opened.name)) > 1


def _led(project: Project, graph_name: str, opened: _Opened, path: str) -> tuple[str, ...]:
    """The paths that replace a path once the placement is gone. A path to the placement becomes paths to all
    its nodes.
    """
    segments = path.split(".")
    for found in node_paths.segments(project, graph_name, path):
        before, rest = segments[: found.place], segments[found.place + 1 :]
        if (found.graph, found.node) == (opened.home, opened.node.id):
            return _inner(before, rest, opened)
        if found.place == 0 and found.graph == opened.name and not found.node and shares_weights(opened.node):
            outer = _way(project, graph_name, opened.home)
            return (path,) if outer is None else _inner(outer, rest, opened)
    return (path,)


def _inner(before: list[str], rest: list[str], opened: _Opened) -> tuple[str, ...]:
    if rest and rest[0].isdigit():
        rest = rest[1:]
    if not rest:
        return tuple(".".join((*before, new)) for key, new in opened.ids.items() if key not in opened.bare)
    if rest[0] in opened.ids:
        return (".".join((*before, opened.ids[rest[0]], *rest[1:])),)
    for wire in opened.definition.wires:  # a port of the placement
        if wire.target == End(OUTPUT, rest[0]) and wire.source.node != INPUT:
            return (".".join((*before, opened.ids[wire.source.node], wire.source.port, *rest[1:])),)
    return (".".join((*before, *rest)),)


def _way(project: Project, start: str, home: str) -> list[str] | None:
    """The segments that lead from one graph to another; None where none do."""
    if start == home:
        return []
    if start == MAIN and any(
        shares_weights(project.graphs[graph].nodes[key]) for graph, key in placements_of(project, home)
    ):
        return [home]
    found = first_placement(project, home, start)
    return found.split(".") if found else None


def _pins(project: Project, graph_name: str, pin: LensPin, opened: _Opened) -> tuple[LensPin, ...]:
    """The target of a lens is updated; for the placement itself it becomes the source of its first output."""
    seen_here = next(node_paths.segments(project, graph_name, pin.target), None) is not None
    led = _led(project, graph_name if seen_here else MAIN, opened, pin.target)
    if led == (pin.target,):
        return (pin,)
    return (msgspec.structs.replace(pin, target=led[-1]),) if led else ()


def _inner_pins(opened: _Opened) -> tuple[LensPin, ...]:
    """The lenses that the definition had pinned, seen from outside."""
    found = []
    for pin in opened.definition.lenses:
        if pin.target.partition(".")[0] in opened.ids:
            found.append(msgspec.structs.replace(pin, target=_own_path(pin.target, opened.ids)))
    return tuple(found)
