"""The difference between two values of a project, by identity: what a view must add, remove, redraw or move.

Edits share all that they did not change, so comparing identities finds the difference without comparing
contents. Undo and paste are differences like any other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.document.project import Graph, Project, Wire

_NOTHING: frozenset[Any] = frozenset()


@dataclass(frozen=True)
class GraphChanges:
    """The difference between two graphs. Nodes, frames and notes are named by their ids.

    `changed` are nodes whose value differs, `moved` those whose position does (added ones are in neither).
    """

    added: frozenset[str] = _NOTHING
    removed: frozenset[str] = _NOTHING
    changed: frozenset[str] = _NOTHING
    moved: frozenset[str] = _NOTHING
    wires_added: frozenset[Wire] = _NOTHING
    wires_removed: frozenset[Wire] = _NOTHING
    frames: frozenset[str] = _NOTHING
    notes: frozenset[str] = _NOTHING
    border: bool = False
    """Whether inputs, outputs or parameters of the definition differ."""
    lenses: bool = False

    def __bool__(self) -> bool:
        return self != _SAME


_SAME = GraphChanges()


@dataclass(frozen=True)
class Changes:
    """The difference between two projects."""

    graphs_added: frozenset[str] = _NOTHING
    graphs_removed: frozenset[str] = _NOTHING
    graphs: dict[str, GraphChanges] = field(default_factory=dict)
    """Graphs that are in both and differ."""
    settings: bool = False
    name: bool = False

    def __bool__(self) -> bool:
        return bool(self.graphs_added or self.graphs_removed or self.graphs or self.settings or self.name)


def changes(old: Project, new: Project) -> Changes:
    """The difference from `old` to `new`."""
    if old is new:
        return Changes()
    both = old.graphs.keys() & new.graphs.keys()
    found = {name: graph_changes(old.graphs[name], new.graphs[name]) for name in both}
    return Changes(
        graphs_added=frozenset(new.graphs.keys() - old.graphs.keys()),
        graphs_removed=frozenset(old.graphs.keys() - new.graphs.keys()),
        graphs={name: difference for name, difference in found.items() if difference},
        settings=old.settings is not new.settings and old.settings != new.settings,
        name=old.name != new.name,
    )


def graph_changes(old: Graph, new: Graph) -> GraphChanges:
    """The difference between two graphs."""
    if old is new:
        return _SAME
    added, removed, changed = _keyed(old.nodes, new.nodes)
    wires_added, wires_removed = _wires(old.wires, new.wires)
    before, after = old.layout, new.layout
    return GraphChanges(
        added=added,
        removed=removed,
        changed=changed,
        moved=_moved(before.positions, after.positions, added | removed),
        wires_added=wires_added,
        wires_removed=wires_removed,
        frames=_NOTHING.union(*_keyed(before.frames, after.frames)),
        notes=_NOTHING.union(*_keyed(before.notes, after.notes)),
        border=_border(old) != _border(new),
        lenses=old.lenses is not new.lenses and old.lenses != new.lenses,
    )


def _keyed(old: dict[str, Any], new: dict[str, Any]) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Keys that were added, removed, and changed in value."""
    if old is new:
        return _NOTHING, _NOTHING, _NOTHING
    get = old.get
    # One pass by identity: a key that is new has None on the other side, which no value here is.
    differ = [key for key, value in new.items() if get(key) is not value]
    added = frozenset(key for key in differ if key not in old)
    removed = _NOTHING
    if len(new) - len(added) != len(old):
        removed = frozenset(old.keys() - new.keys())
    return added, removed, frozenset(key for key in differ if key not in added and old[key] != new[key])


def _moved(old: dict[str, Any], new: dict[str, Any], apart: frozenset[str]) -> frozenset[str]:
    came, went, stayed = _keyed(old, new)
    return (came | went | stayed) - apart


def _wires(old: tuple[Wire, ...], new: tuple[Wire, ...]) -> tuple[frozenset[Wire], frozenset[Wire]]:
    if old is new:
        return _NOTHING, _NOTHING
    shortest = min(len(old), len(new))
    head = 0
    while head < shortest and old[head] is new[head]:
        head += 1
    tail = 0
    while tail < shortest - head and old[-1 - tail] is new[-1 - tail]:
        tail += 1
    middle_old, middle_new = old[head : len(old) - tail], new[head : len(new) - tail]
    # By identity first: hashing a wire costs more than hashing its address.
    known = {id(wire) for wire in middle_old}
    fresh = {wire for wire in middle_new if id(wire) not in known}
    known = {id(wire) for wire in middle_new}
    lost = {wire for wire in middle_old if id(wire) not in known}
    return frozenset(fresh - lost), frozenset(lost - fresh)


def renamed(old: Project, new: Project) -> dict[str, str]:
    """Definitions that differ in name only: old name -> new name."""
    gone, come = old.graphs.keys() - new.graphs.keys(), new.graphs.keys() - old.graphs.keys()
    found: dict[str, str] = {}
    for before in sorted(gone):
        for after in sorted(come - set(found.values())):
            one, other = old.graphs[before], new.graphs[after]
            if one is other or (one.nodes.keys() == other.nodes.keys() and one.wires == other.wires):
                found[before] = after
                break
    return found


def same_meaning(project: Project, before: Project) -> bool:
    """Whether two projects differ at most in name, layout and lenses."""
    if project is before:
        return True
    old = before.graphs
    if project.settings != before.settings or project.graphs.keys() != old.keys():
        return False
    return all(same_graph(graph, old[name]) for name, graph in project.graphs.items())


def same_graph(graph: Graph, old: Graph) -> bool:
    """Whether two values of a graph differ at most in layout and lenses."""
    if graph is old:
        return True
    shared = graph.nodes is old.nodes and graph.wires is old.wires
    return shared and same_border(graph, old)


def same_border(graph: Graph, old: Graph) -> bool:
    """Whether two values of a definition have the same ports and parameters."""
    return _border(graph) == _border(old)


def _border(graph: Graph) -> tuple[object, ...]:
    return graph.inputs, graph.outputs, graph.parameters, graph.parameter_info
