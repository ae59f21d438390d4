"""The wire index of one graph: wires by port, topological order, cycles.

The index is cached per graph, by identity, and edits update it from one value to the next, so that a query
after an edit is cheap.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

from engine.document.project import INPUT, OUTPUT, Graph, Wire

_Ends = dict[str, tuple[Wire, ...]]


class _ByPort(Mapping[tuple[str, str], tuple[Wire, ...]]):
    """Wires by (node, port), read from wires by node. A port without wires has the empty tuple."""

    def __init__(self, by_node: _Ends, side: str) -> None:
        self._by_node, self._side = by_node, side

    def __getitem__(self, end: tuple[str, str]) -> tuple[Wire, ...]:
        node, port = end
        side = self._side
        found = tuple(wire for wire in self._by_node.get(node, ()) if getattr(wire, side).port == port)
        if side == "target" and len(found) > 1:
            return tuple(sorted(found, key=lambda wire: (wire.order, wire.source)))
        return found

    def __contains__(self, end: object) -> bool:
        return isinstance(end, tuple) and len(end) == 2 and bool(self[end])

    def __iter__(self) -> Iterator[tuple[str, str]]:
        for wires in self._by_node.values():
            yield from dict.fromkeys(getattr(wire, self._side) for wire in wires)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Index:
    """The wire index of one graph.

    `entering[node]` and `leaving[node]` are its wires; `into[(node, port)]` and `out_of[(node, port)]` those
    of one port, in the order in which a variadic port takes them. `order` has the nodes from sources to
    sinks.
    """

    def __init__(
        self, nodes: Iterable[str], entering: _Ends, leaving: _Ends, rank: dict[str, int] | None
    ) -> None:
        self.entering, self.leaving = entering, leaving
        self._nodes, self._rank = nodes, rank

    @property
    def into(self) -> Mapping[tuple[str, str], tuple[Wire, ...]]:
        return _ByPort(self.entering, "target")

    @property
    def out_of(self) -> Mapping[tuple[str, str], tuple[Wire, ...]]:
        return _ByPort(self.leaving, "source")

    def before(self, node: str) -> Iterator[str]:
        """The nodes whose outputs enter this one (the border is not a node)."""
        return (wire.source.node for wire in self.entering.get(node, ()) if wire.source.node != INPUT)

    def after(self, node: str) -> Iterator[str]:
        return (wire.target.node for wire in self.leaving.get(node, ()) if wire.target.node != OUTPUT)

    @property
    def rank(self) -> dict[str, int]:
        """A number per node, smaller at the source of every wire than at its target."""
        if self._rank is None:
            self._rank = {node: place for place, node in enumerate(self._sorted())}
        return self._rank

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Every node after those that feed it. Raises ValueError where the graph has a cycle."""
        rank = self.rank
        return tuple(sorted(rank, key=rank.__getitem__))

    def _sorted(self) -> Iterator[str]:
        try:
            yield from list(
                TopologicalSorter({node: self.before(node) for node in self._nodes}).static_order()
            )
        except CycleError as error:
            raise ValueError("the graph has a cycle and so no order") from error


_INDEXES: dict[int, tuple[weakref.ref[Graph], Index]] = {}


def index(graph: Graph) -> Index:
    """The index of this value; made once and cached as long as the graph lives."""
    known = _known(graph)
    if known is None:
        entering: dict[str, list[Wire]] = {}
        leaving: dict[str, list[Wire]] = {}
        for wire in graph.wires:
            entering.setdefault(wire.target[0], []).append(wire)
            leaving.setdefault(wire.source[0], []).append(wire)
        known = Index(
            graph.nodes.keys(),
            {node: tuple(wires) for node, wires in entering.items()},
            {node: tuple(wires) for node, wires in leaving.items()},
            None,
        )
        _remember(graph, known)
    return known


def _known(graph: Graph) -> Index | None:
    entry = _INDEXES.get(id(graph))
    return entry[1] if entry is not None and entry[0]() is graph else None


def _remember(graph: Graph, made: Index) -> None:
    key = id(graph)
    _INDEXES[key] = (weakref.ref(graph, lambda _: _INDEXES.pop(key, None)), made)


def hand_on(old: Graph, new: Graph, removed: Iterable[Wire] = (), added: Iterable[Wire] = ()) -> None:
    """Derive the index of an edited graph from the previous one, if that exists."""
    known = _known(old)
    if known is None or new is old:
        return
    entering, leaving, rank = known.entering, known.leaving, known._rank
    removed, added = tuple(removed), tuple(added)
    if removed or added:
        entering, leaving = dict(entering), dict(leaving)
        _take_out(entering, removed, "target")
        _take_out(leaving, removed, "source")
        _put_in(entering, added, "target")
        _put_in(leaving, added, "source")
    if rank is not None and new.nodes.keys() != old.nodes.keys():
        highest = max(rank.values(), default=-1)
        fresh = (node for node in new.nodes if node not in rank)
        rank = {node: place for node, place in rank.items() if node in new.nodes}
        rank.update({node: highest + 1 + place for place, node in enumerate(fresh)})
    made = Index(new.nodes.keys(), entering, leaving, rank)
    if rank is not None:
        made._rank = _ranked(made, rank, added)
    _remember(new, made)


def _put_in(ends: _Ends, wires: tuple[Wire, ...], side: str) -> None:
    fresh: dict[str, list[Wire]] = {}
    for wire in wires:
        fresh.setdefault(getattr(wire, side).node, []).append(wire)
    for node, more in fresh.items():
        ends[node] = (*ends.get(node, ()), *more)


def _take_out(ends: _Ends, wires: tuple[Wire, ...], side: str) -> None:
    gone: dict[str, set[Wire]] = {}
    for wire in wires:
        gone.setdefault(getattr(wire, side).node, set()).add(wire)
    for node, lost in gone.items():
        kept = tuple(wire for wire in ends.get(node, ()) if wire not in lost)
        if kept:
            ends[node] = kept
        else:
            ends.pop(node, None)


def _ranked(made: Index, rank: dict[str, int], added: tuple[Wire, ...]) -> dict[str, int] | None:
    """Ranks that are valid with the added wires; None where a new sort is cheaper."""
    against = [
        wire
        for wire in added
        if wire.source.node != INPUT
        and wire.target.node != OUTPUT
        and rank[wire.source.node] >= rank[wire.target.node]
    ]
    if not against:
        return rank
    return _reranked(made, rank, against[0]) if len(added) == 1 else None


def _reranked(made: Index, rank: dict[str, int], wire: Wire) -> dict[str, int]:
    """Only nodes between the two ends of the wire change places (Pearce and Kelly, 2006)."""
    source, target = wire.source.node, wire.target.node
    low, high = rank[target], rank[source]
    ahead = _reached(made.after, target, lambda node: rank[node] <= high)
    behind = _reached(made.before, source, lambda node: rank[node] >= low)
    moved = sorted(behind, key=rank.__getitem__) + sorted(ahead, key=rank.__getitem__)
    places = sorted(rank[node] for node in moved)
    return {**rank, **dict(zip(moved, places, strict=True))}


def _reached(step: Callable[[str], Iterable[str]], start: str, within: Callable[[str], bool]) -> set[str]:
    seen, waiting = {start}, [start]
    while waiting:
        for node in step(waiting.pop()):
            if node not in seen and within(node):
                seen.add(node)
                waiting.append(node)
    return seen


def would_cycle(graph: Graph, source: str, target: str) -> bool:
    """Whether a wire between these nodes would close a cycle. The border closes none."""
    if source == target:
        return True
    if source == INPUT or target == OUTPUT:
        return False
    known = index(graph)
    rank = known.rank
    if rank[source] < rank[target]:
        return False
    high = rank[source]
    return source in _reached(known.after, target, lambda node: rank[node] <= high)


def cycle(graph: Graph) -> tuple[str, ...]:
    """The nodes of one cycle in order; empty where there is none."""
    # Loaded here, since it takes longer to import than all of the document, and few drawings have a loop.
    import networkx as nx

    drawing = nx.DiGraph()
    known = index(graph)
    drawing.add_edges_from((node, after) for node in graph.nodes for after in known.after(node))
    try:
        return tuple(edge[0] for edge in nx.find_cycle(drawing))
    except nx.NetworkXNoCycle:
        return ()


def ancestors(graph: Graph, node: str) -> frozenset[str]:
    """Every node that this one depends on, itself left out."""
    return frozenset(_reached(index(graph).before, node, lambda _: True) - {node})


def descendants(graph: Graph, node: str) -> frozenset[str]:
    """Every node that depends on this one, itself left out."""
    return frozenset(_reached(index(graph).after, node, lambda _: True) - {node})


def neighbours(graph: Graph, node: str) -> frozenset[str]:
    """The nodes at the other ends of its wires."""
    known = index(graph)
    return frozenset((*known.before(node), *known.after(node)))
