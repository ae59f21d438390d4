"""The wires of one graph for the expansion: the sources of each node, and a topological order.

Parts that an edit did not change are shared with the previous value, so that identity tells which nodes are
wired as before.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

from engine.document.project import INPUT, OUTPUT, End, Graph, Wire

Into = Mapping[str, tuple[End, ...]]
_NOTHING: Into = {}


@dataclass(frozen=True, slots=True)
class GraphWiring:
    """`into[node][port]` are the sources of a port in order; `sources[node]` the nodes that feed it directly.

    `order` is topological, without the nodes of a cycle and those that depend on it; `loop` has the nodes of
    cycles. `wired` are the nodes with any wire. `strays` are wires whose ends do not exist.
    """

    order: tuple[str, ...]
    into: Mapping[str, Into]
    sources: Mapping[str, frozenset[str]]
    wired: frozenset[str]
    loop: tuple[str, ...]
    strays: tuple[Wire, ...]


def wiring_of(graph: Graph, old: GraphWiring | None = None, before: Graph | None = None) -> GraphWiring:
    """The wiring of a graph; `old` is that of the graph `before` an edit."""
    if old is not None and before is not None:
        if _wired_alike(graph, before):
            return old
        changed = _after_edit(graph, old, before)
        if changed is not None:
            return changed
    into, strays = _incoming(graph)
    sources: dict[str, frozenset[str]] = {}
    wired: set[str] = set()
    for name, ports in into.items():
        if old is not None and old.into.get(name) == ports:
            into[name] = old.into[name]
            sources[name] = old.sources[name]
        else:
            sources[name] = frozenset(end.node for ends in ports.values() for end in ends)
        if ports:
            wired.add(name)
            wired |= sources[name]
    order, loop = _sorted(graph, sources)
    return GraphWiring(order, into, sources, frozenset(wired), loop, strays)


def _wired_alike(graph: Graph, before: Graph) -> bool:
    same = graph.wires is before.wires and (graph.inputs, graph.outputs) == (before.inputs, before.outputs)
    return same and (graph.nodes is before.nodes or graph.nodes.keys() == before.nodes.keys())


def _after_edit(graph: Graph, old: GraphWiring, before: Graph) -> GraphWiring | None:
    """The wiring after a small change, derived from the previous one; None where that is not possible."""
    if old.loop or old.strays or (graph.inputs, graph.outputs) != (before.inputs, before.outputs):
        return None
    known, present = set(map(id, before.wires)), set(map(id, graph.wires))
    fresh = [wire for wire in graph.wires if id(wire) not in known]
    lost = [wire for wire in before.wires if id(wire) not in present]
    gone, new = before.nodes.keys() - graph.nodes.keys(), graph.nodes.keys() - before.nodes.keys()
    if len(fresh) + len(lost) + len(new) + len(gone) > _SMALL:
        return None
    ends = {end.node for wire in (*fresh, *lost) for end in (wire.source, wire.target)}
    order = _order_after(graph, old, fresh, gone, new)
    if order is None or not gone.isdisjoint(
        end.node for wire in graph.wires for end in (wire.source, wire.target)
    ):
        return None
    into = {**old.into, **dict.fromkeys(new, _NOTHING)}
    sources = {**old.sources, **dict.fromkeys(new, frozenset[str]())}
    for name in gone:
        del into[name], sources[name]
    touched = {wire.target.node for wire in (*fresh, *lost)} - gone
    ports: dict[str, dict[str, list[tuple[int, End]]]] = {name: {} for name in touched}
    for wire in graph.wires:
        if wire.target.node in touched:
            ports[wire.target.node].setdefault(wire.target.port, []).append((wire.order, wire.source))
    for name in touched:
        into[name] = _ranked(ports[name])
        sources[name] = frozenset(end.node for found in into[name].values() for end in found)
    feeding = {wire.source.node for wire in graph.wires if wire.source.node in ends}
    wired = (old.wired - ends - gone) | feeding | {name for name in ends if into.get(name)}
    return GraphWiring(order, into, sources, wired | ({INPUT, OUTPUT} & old.wired), (), ())


_SMALL = 50
"""The most wires and nodes of a small edit."""


def _order_after(
    graph: Graph, old: GraphWiring, fresh: list[Wire], gone: Set[str], new: Set[str]
) -> tuple[str, ...] | None:
    """The old order with new nodes inserted before their targets; None where a new wire contradicts it."""
    order = [name for name in old.order if name not in gone] if gone else list(old.order)
    for name in new:
        feeds = {wire.target.node for wire in fresh if wire.source.node == name}
        order.insert(next((k for k, other in enumerate(order) if other in feeds), len(order)), name)
    place = {name: k for k, name in enumerate(order)}
    for wire in fresh:
        source, target = wire.source, wire.target
        if source.node == INPUT and source.port in graph.inputs:
            continue
        if target.node == OUTPUT and target.port in graph.outputs and source.node in place:
            continue
        if place.get(source.node, len(order)) >= place.get(target.node, -1):
            return None
    return tuple(order)


def _incoming(graph: Graph) -> tuple[dict[str, Into], tuple[Wire, ...]]:
    """Sources by target node and port. Wires of one variadic port are sorted by rank, then by source."""
    nodes = graph.nodes
    found: dict[str, dict[str, list[tuple[int, End]]]] = {name: {} for name in nodes}
    found[OUTPUT] = {}
    strays = []
    for wire in graph.wires:
        source, target = wire.source, wire.target
        known = source[0] in nodes or (source[0] == INPUT and source[1] in graph.inputs)
        if known and (target[0] in nodes or (target[0] == OUTPUT and target[1] in graph.outputs)):
            found[target[0]].setdefault(target[1], []).append((wire.order, source))
        else:
            strays.append(wire)
    into: dict[str, Into] = {name: _ranked(ports) for name, ports in found.items()}
    return into, tuple(strays)


def _ranked(ports: dict[str, list[tuple[int, End]]]) -> Into:
    if not ports:
        return _NOTHING
    return {
        port: (ends[0][1],) if len(ends) == 1 else tuple(end for _, end in sorted(ends))
        for port, ends in ports.items()
    }


def _sorted(graph: Graph, sources: Mapping[str, frozenset[str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Topological order, ties in the order of the file; and the nodes on cycles."""
    waiting = {name: len(sources[name]) - (INPUT in sources[name]) for name in graph.nodes}
    feeds: dict[str, list[str]] = {name: [] for name in graph.nodes}
    for name in graph.nodes:
        for source in sources[name]:
            if source != INPUT:
                feeds[source].append(name)
    order = [name for name, count in waiting.items() if not count]
    for name in order:  # grows while it is walked
        for fed in feeds[name]:
            waiting[fed] -= 1
            if not waiting[fed]:
                order.append(fed)
    if len(order) == len(waiting):
        return tuple(order), ()
    return tuple(order), _on_cycles({name for name, count in waiting.items() if count}, feeds)


def _on_cycles(left: set[str], feeds: Mapping[str, list[str]]) -> tuple[str, ...]:
    """The nodes on cycles: of those left, remove the ones that feed no other, until none is removed."""
    peeled = True
    while peeled:
        peeled = False
        for name in sorted(left):
            if not any(fed in left for fed in feeds[name]):
                left.discard(name)
                peeled = True
    return tuple(sorted(left))
