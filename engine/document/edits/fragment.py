"""Fragments for copy and paste: nodes with the wires between them and the definitions they place.

A fragment is a small project on the clipboard, in the same JSON as a file and checked as strictly. Other text
raises `EditError`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from engine.document import names, node_paths, query
from engine.document.edits import check
from engine.document.edits.definitions import fresh_definition
from engine.document.edits.editing import (
    EditError,
    changed_graph,
    check_extent,
    check_room,
    checked_node,
    graph_of,
    node_of,
    point,
    with_positions,
)
from engine.document.edits.renaming import followed
from engine.document.expression import ExpressionError, evaluate, names_in
from engine.document.held_expressions import rewritten as with_expressions
from engine.document.json_reader import read_as, step
from engine.document.json_text import BrokenJsonError, parse
from engine.document.path_params import nodes_with_paths
from engine.document.project import INPUT, MAIN, OUTPUT, End, Graph, Node, Point, Project, Wire
from nodes.param import JSON
from nodes.shown_text import quoted
from nodes.uncollected import uncollected

KIND = "layerloom-fragment"
LARGEST_TEXT = 16 * 2**20
"""The most characters on the clipboard that are parsed."""


class Fragment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Nodes with the wires between them; positions are relative to the upper left corner of what was copied.

    `parameters` are those of the definition that the nodes came from, for expressions that read them.
    """

    nodes: dict[str, Node] = {}
    wires: tuple[Wire, ...] = ()
    positions: dict[str, Point] = {}
    definitions: dict[str, Graph] = {}
    parameters: dict[str, JSON] = {}
    kind: str = KIND

    @property
    def size(self) -> Point:
        """Width and height in pixels."""
        return Point(
            max((at.x for at in self.positions.values()), default=0.0),
            max((at.y for at in self.positions.values()), default=0.0),
        )


def copy_fragment(project: Project, graph_name: str, ids: Iterable[str]) -> Fragment:
    """Copy these nodes."""
    graph = graph_of(project, graph_name)
    nodes = {node_id: node_of(graph, node_id) for node_id in sorted(set(ids))}
    if not nodes:
        raise EditError("something selected", "nothing")
    known = query.index(graph)
    wires = tuple(
        wire for node_id in nodes for wire in known.entering.get(node_id, ()) if wire.source.node in nodes
    )
    places = {node_id: graph.layout.positions.get(node_id, Point(0.0, 0.0)) for node_id in nodes}
    left = min(at.x for at in places.values())
    top = min(at.y for at in places.values())
    positions = {node_id: Point(at.x - left, at.y - top) for node_id, at in places.items()}
    placed = {
        name for key, name in query.placements(graph).items() if key in nodes and name in project.graphs
    }
    used = placed.union(*(query.definitions_used(project, name) for name in placed))
    definitions = {name: project.graphs[name] for name in sorted(used & project.graphs.keys())}
    return Fragment(nodes, wires, positions, definitions, dict(graph.parameters))


def fragment_to_text(fragment: Fragment) -> str:
    """The fragment as JSON."""
    plain = {**msgspec.to_builtins(fragment), "kind": KIND}
    return msgspec.json.format(msgspec.json.encode(plain, order="sorted"), indent=2).decode()


def fragment_from_text(text: str) -> Fragment:
    """Parse a fragment. Raises `EditError` where the text is none."""
    if len(text) > LARGEST_TEXT:
        raise EditError(f"at most {LARGEST_TEXT:,} characters to paste", f"{len(text):,}")
    with uncollected():
        try:
            raw = parse(text.encode("utf-8", "surrogatepass"))
        except BrokenJsonError as error:
            raise EditError("a copied part of a drawing", "other text", str(error)) from error
        if not isinstance(raw, dict) or raw.get("kind") != KIND:
            raise EditError("a copied part of a drawing", quoted(text))
        made, problems = read_as(Fragment, raw)
        if made is not None:
            problems = _problems(made)
    if made is None or problems:
        path, sentence = problems[0]
        raise EditError("a copied part of a drawing", f"one with a problem at {path}", sentence)
    return made


def _problems(fragment: Fragment) -> list[tuple[str, str]]:
    """The problems of a fragment: those of a project with nothing else in it."""
    if not fragment.nodes:
        return [("$.nodes", "Expected at least one node. Received none.")]
    if MAIN in fragment.definitions:
        return [(step("$.definitions", MAIN), "Expected the name of a definition. Received main.")]
    border = {INPUT, OUTPUT} & {end.node for wire in fragment.wires for end in (wire.source, wire.target)}
    if border:
        return [("$.wires", "Expected wires between the nodes. Received one at the border.")]
    # The nodes may read the parameters of the definition that they come from, so they are checked inside one.
    home = fresh_definition(Project(graphs={MAIN: Graph(), **fragment.definitions}), "copied")
    layout = with_positions(Graph(), fragment.positions)["layout"]
    graph = Graph(fragment.nodes, fragment.wires, parameters=fragment.parameters, layout=layout)
    return check.problems_of(Project(graphs={MAIN: Graph(), **fragment.definitions, home: graph}))


def paste(
    project: Project, graph_name: str, fragment: Fragment, at: tuple[float, float]
) -> tuple[Project, frozenset[str]]:
    """Paste the fragment into a graph, its upper left corner at `at`.

    Returns the project and the ids of the copies.
    """
    graph = graph_of(project, graph_name)
    corner = point(at)
    check_room(graph, len(fragment.nodes))
    project, renamed = _with_definitions(project, fragment.definitions)
    ids = _fresh_ids(graph, fragment)
    nodes: dict[str, Node] = {}
    for old, node in fragment.nodes.items():
        literal = _readable(project, graph_name, _placing(node, renamed), fragment)
        made = msgspec.structs.replace(literal, id=ids[old])
        nodes[ids[old]] = checked_node(project, graph_name, made, placeholders=True)
    wires = tuple(
        Wire(
            End(ids[wire.source.node], wire.source.port),
            End(ids[wire.target.node], wire.target.port),
            wire.order,
        )
        for wire in fragment.wires
    )
    positions = {
        ids[old]: point((corner.x + place.x, corner.y + place.y)) for old, place in fragment.positions.items()
    }
    project = changed_graph(
        project,
        graph_name,
        added=wires,
        nodes={**graph.nodes, **nodes},
        **with_positions(graph, {**graph.layout.positions, **positions}),
    )
    check_extent(project)
    return _with_paths(project, graph_name, fragment, ids), frozenset(nodes)


def with_definitions(
    project: Project, definitions: Mapping[str, Graph], graph: Graph
) -> tuple[Project, Graph]:
    """The project with these definitions, and a graph that places them by the names that they have there."""
    project, renamed = _with_definitions(project, definitions)
    placing = {key: _placing(node, renamed) for key, node in graph.nodes.items()}
    return project, msgspec.structs.replace(graph, nodes=placing)


def _with_definitions(project: Project, definitions: Mapping[str, Graph]) -> tuple[Project, dict[str, str]]:
    """The project with these definitions, and those that have new names there. Equal ones are shared."""
    renamed: dict[str, str] = {}
    graphs = dict(project.graphs)
    probe = Project(graphs={MAIN: Graph(), **definitions})
    for name in query.definition_order(probe):
        if name == MAIN:
            continue
        graph = definitions[name]
        placing = {key: _placing(node, renamed) for key, node in graph.nodes.items()}
        if any(placing[key] is not graph.nodes[key] for key in placing):
            graph = msgspec.structs.replace(graph, nodes=placing)
        present = graphs.get(name)
        if present is not None and (present is graph or _same(present, graph)):
            continue
        holding = msgspec.structs.replace(project, graphs=graphs)
        free = name if present is None else fresh_definition(holding, name)
        if free != name:
            renamed[name] = free
        graphs[free] = graph
    if graphs.keys() == project.graphs.keys():
        return project, renamed
    return msgspec.structs.replace(project, graphs=graphs), renamed


def _same(one: Graph, other: Graph) -> bool:
    """Whether two definitions are equal but for their layout."""
    return msgspec.structs.replace(one, layout=other.layout, wires=tuple(sorted(one.wires))) == (
        msgspec.structs.replace(other, wires=tuple(sorted(other.wires)))
    )


def _placing(node: Node, renamed: dict[str, str]) -> Node:
    new = renamed.get(str(node.params.get("definition", ""))) if query.is_placement(node) else None
    if new is None:
        return node
    return msgspec.structs.replace(node, params={**node.params, "definition": new})


def _fresh_ids(graph: Graph, fragment: Fragment) -> dict[str, str]:
    """An id for every copy: the same where it is free, else a similar one."""
    taken = set(graph.nodes)
    ids: dict[str, str] = {}
    numbers: dict[str, int] = {}
    for old in fragment.nodes:
        new = old
        start = names.stem(old.rstrip("0123456789") or old)
        while new in taken:
            numbers[start] = numbers.get(start, 0) + 1
            new = f"{start}{numbers[start]}"
        taken.add(new)
        ids[old] = new
    return ids


def _readable(project: Project, graph_name: str, node: Node, fragment: Fragment) -> Node:
    """Expressions with names that are unknown in the target graph become their values."""
    here = query.expression_names(project.graphs[graph_name], graph_name)

    def readable(text: str) -> JSON:
        return text if names_in(text) <= here.keys() else evaluate(text, {**fragment.parameters, "i": 0})

    try:
        return with_expressions(node, readable)
    except ExpressionError as error:
        raise EditError(f"{error.expected} in {node.id}", error.received) from error


def _with_paths(project: Project, graph_name: str, fragment: Fragment, ids: dict[str, str]) -> Project:
    """Paths in copies that name copied nodes name their copies."""
    graph = project.graphs[graph_name]
    own = {old: new for old, new in ids.items() if old != new}

    def change(found: node_paths.PathSegment) -> str | None:
        return own.get(found.node) if found.place == 0 and found.graph == graph_name else None

    # The paths are read as they stood where they came from: the copies' own names, in a graph that has them.
    copies = {ids[old] for old in fragment.nodes}
    home = msgspec.structs.replace(graph, nodes={**graph.nodes, **fragment.nodes})
    probe = msgspec.structs.replace(project, graphs={**project.graphs, graph_name: home})
    changed = {
        key: followed(probe, graph_name, node, change)
        for key, node in nodes_with_paths(graph).items()
        if key in copies
    }
    if all(changed[key] is graph.nodes[key] for key in changed):
        return project
    return changed_graph(project, graph_name, nodes={**graph.nodes, **changed})
