"""How the drawing of a run and the present one correspond: which nodes are the same, under which names.

A node is the same where its own value and everything that its output is computed from are equal; where it
stands does not count. Nodes and definitions that were only renamed are found. Pure functions over projects.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.document import query
from engine.document.changes import renamed
from engine.document.edits.editing import EditError
from engine.document.edits.renaming import rename_definition, rename_node
from engine.document.project import MAIN, OUTPUT, Graph, Node, Project
from nodes.registry import REGISTRY

_MOST_RENAMED = 64
"""Nodes that only one of two graphs has: of more, none is taken for renamed."""
Names = dict[tuple[str, str], str]
"""(present graph, present id) -> id in the drawing of the run."""


class DrawingMatch:
    """The drawing of a run (`run`) against the present one (`now`). Paths are those of the present one."""

    def __init__(self, run: Project, now: Project) -> None:
        self._names: Names = {}
        self._now = now
        self._run = self._renamed(run, now)
        self._compared: dict[str, tuple[frozenset[str], frozenset[str]]] = {}

    def run_path(self, path: str) -> str | None:
        """What the run calls the node at this path; None where it has none."""
        found: list[str] = []
        graph: str | None = MAIN
        for segment in path.split("."):
            if segment.isdigit() and found:
                found.append(segment)
                continue
            if graph is None or segment not in self._nodes(self._run, graph):
                return None
            node = self._nodes(self._now, graph).get(segment)
            if node is None or node.layer != self._nodes(self._run, graph)[segment].layer:
                return None
            found.append(self._names.get((graph, segment), segment))
            graph = _placed(node)
        return ".".join(found)

    def present_path(self, run_path: str) -> str:
        """The path at which a node of the run stands now; the same where it is gone."""
        found: list[str] = []
        graph: str | None = MAIN
        for segment in run_path.split("."):
            known = {old: new for (held, new), old in self._names.items() if held == graph}
            found.append(known.get(segment, segment))
            node = self._nodes(self._now, graph).get(found[-1]) if graph is not None else None
            if not segment.isdigit():
                graph = _placed(node) if node is not None else None
        return ".".join(found)

    def is_current(self, path: str) -> bool:
        """Whether the run computes at this path what the present drawing would."""
        segments = [
            segment for place, segment in enumerate(path.split(".")) if not (place and segment.isdigit())
        ]
        graph: str | None = MAIN
        for place, segment in enumerate(segments):
            if graph is None or segment not in self._nodes(self._now, graph):
                return False
            stale, fed_otherwise = self._compare(graph)
            if segment in (stale if place == len(segments) - 1 else fed_otherwise):
                return False
            graph = _placed(self._nodes(self._now, graph)[segment])
        return True

    @property
    def is_whole(self) -> bool:
        """Whether both drawings are the same."""
        return self._is_same(MAIN)

    # Comparing ------------------------------------------------------------------------------

    def _nodes(self, project: Project, graph: str) -> Mapping[str, Node]:
        held = project.graphs.get(graph)
        return held.nodes if held is not None else {}

    def _compare(self, name: str) -> tuple[frozenset[str], frozenset[str]]:
        """The nodes of a graph that are not current; and those that differ in more than what they place."""
        if name not in self._compared:
            self._compared[name] = frozenset(), frozenset()  # a definition that holds itself ends here
            self._compared[name] = self._found(name)
        return self._compared[name]

    def _found(self, name: str) -> tuple[frozenset[str], frozenset[str]]:
        old, new = self._run.graphs.get(name), self._now.graphs[name]
        if old is None:
            return frozenset(new.nodes), frozenset(new.nodes)
        alike = old.nodes is new.nodes and old.wires is new.wires
        own = set() if alike else {key for key in new.nodes if not _is_alike(old, new, key)}
        placed = query.placements(new)
        inside = {key for key, definition in placed.items() if not self._is_same(definition)}
        entering, leaving = query.index(new).entering, query.index(new).leaving
        stale, ahead = set(own | inside), [*own, *inside]
        while ahead:
            for wire in leaving.get(ahead.pop(), ()):
                if wire.target.node not in stale:
                    stale.add(wire.target.node)
                    ahead.append(wire.target.node)
        fed = {key for key in stale if any(wire.source.node in stale for wire in entering.get(key, ()))}
        return frozenset(stale), frozenset(own | fed)

    def _is_same(self, name: str) -> bool:
        old, new = self._run.graphs.get(name), self._now.graphs.get(name)
        if old is None or new is None:
            return old is new
        border = (old.inputs, old.outputs, old.parameters) == (new.inputs, new.outputs, new.parameters)
        if (
            not border
            or old.nodes.keys() != new.nodes.keys()
            or _entering(old, OUTPUT) != _entering(new, OUTPUT)
        ):
            return False
        return not self._compare(name)[0]

    # Renaming ------------------------------------------------------------------------------

    def _renamed(self, run: Project, now: Project) -> Project:
        """The drawing of the run with the names of the present one."""
        if run.graphs is now.graphs:
            return run
        for before, after in renamed(run, now).items():
            run = _attempted(rename_definition, run, before, after)
        for name in run.graphs.keys() & now.graphs.keys():
            for old, new in _renamed_nodes(run.graphs[name], now.graphs[name]).items():
                changed = _attempted(rename_node, run, name, old, new)
                if changed is not run:
                    self._names[name, new] = old
                    run = changed
        return run


def _attempted(edit: object, project: Project, *arguments: str) -> Project:
    """The project renamed; as it is where a name cannot be taken, which counts as not renamed."""
    assert callable(edit)
    try:
        changed: Project = edit(project, *arguments)
    except EditError:
        return project
    return changed


def _placed(node: Node) -> str | None:
    return (
        str(node.params["definition"]) if query.is_placement(node) and "definition" in node.params else None
    )


def _is_alike(old: Graph, new: Graph, key: str) -> bool:
    """Whether a node is equal in both, and so are the wires that enter it."""
    was, node = old.nodes.get(key), new.nodes[key]
    if was is None or _entering(old, key) != _entering(new, key):
        return False
    same = was is node or was == node
    return same or (_flags(was) == _flags(node) and _values(was) == _values(node))


def _flags(node: Node) -> tuple[object, ...]:
    return node.layer, node.bypassed, node.frozen, node.when


def _values(node: Node) -> dict[str, object]:
    """The parameters of a node with the defaults of those that are not set."""
    declared = REGISTRY.get(node.layer)
    defaults = {} if declared is None else {name: param.default for name, param in declared.params.items()}
    return {**defaults, **node.params}


def _entering(graph: Graph, key: str) -> frozenset[tuple[object, ...]]:
    wires = query.index(graph).entering.get(key, ())
    return frozenset((wire.source, wire.target.port, wire.order) for wire in wires)


def _renamed_nodes(old: Graph, new: Graph) -> dict[str, str]:
    """Ids of nodes that have another id and are else what they were: old id -> new id."""
    if old.nodes is new.nodes:
        return {}
    gone, come = old.nodes.keys() - new.nodes.keys(), new.nodes.keys() - old.nodes.keys()
    if not gone or not come or len(gone) + len(come) > _MOST_RENAMED:
        return {}
    before = {key: _signature(old, key, gone) for key in gone}
    after = {key: _signature(new, key, come) for key in come}
    found = {}
    for key in sorted(gone):
        same = [other for other in come if after[other] == before[key]]
        if len(same) == 1 and list(before.values()).count(before[key]) == 1:
            found[key] = same[0]
    return found


def _signature(graph: Graph, key: str, unnamed: set[str]) -> tuple[object, ...]:
    """What a node is besides its id: its value and its wires to nodes whose names are known."""
    node, index = graph.nodes[key], query.index(graph)

    def known(name: str) -> str:
        return "" if name in unnamed else name

    entering = [
        (known(w.source.node), w.source.port, w.target.port, w.order) for w in index.entering.get(key, ())
    ]
    leaving = [
        (known(w.target.node), w.target.port, w.source.port, w.order) for w in index.leaving.get(key, ())
    ]
    value = (repr(sorted(node.params.items())), *_flags(node))
    return (*value, tuple(sorted(map(repr, entering))), tuple(sorted(map(repr, leaving))))
