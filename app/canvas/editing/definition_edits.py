"""Edits of definitions: made from the selected nodes, unpacked, made unique, renamed, duplicated, deleted.

Each changes the project by one undoable step and shows the result.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.canvas.editing.free_room import spread, with_room
from app.canvas.editing.geometry import EditedSession, Geometry
from engine.document import edits, query
from engine.document.edits import placement
from engine.document.edits.editing import EditError
from engine.document.edits.extract import extract, placement_id
from engine.document.edits.unpack import unpack
from engine.document.project import MAIN, Graph, Project
from nodes.layers.scan import Scan
from nodes.layers.structure import Block, Network

if TYPE_CHECKING:
    from engine.document.building_blocks import BuildingBlock

TITLES = {Block.type: "block", Network.type: "network", Scan.type: "scan"}
_ROOM = 40.0


# Made of what is chosen -------------------------------------------------------------------------------------


def make_definition(session: EditedSession, layer: str) -> str | None:
    """Move the selected nodes into a definition of their own; the id of its placement, None where refused."""
    chosen = session.selection & session.graph.nodes.keys()
    try:
        made, key = extract(session.project, session.view.graph, chosen, layer=layer)
    except EditError as error:
        session.notify(str(error), "warn")
        return None
    session.apply(made, f"Make {TITLES[layer]}")
    session.select(frozenset({key}))
    return key


def name_new(session: EditedSession, key: str, old: str, new: str) -> None:
    """Name a new definition; its placement at `key` gets the same name in small letters."""
    name = session.view.graph
    if not new or new == old or key not in session.graph.nodes:
        return

    def edit(project: Project) -> Project:
        made = edits.rename_definition(project, old, new)
        return edits.rename_node(made, name, key, placement_id(made.graphs[name], new, (key,)))

    if session.attempt(edit, f"Rename {old}"):
        placed = query.placements(session.graph)
        session.select(frozenset(own for own, definition in placed.items() if definition == new))


def unpack_selected(session: EditedSession, geometry: Geometry) -> None:
    """Put what the chosen placement places in its place; what stands to its right makes room."""
    key, name = _one(session), session.view.graph
    if key is None or key not in geometry.shown():
        return
    box = geometry.box(key)
    try:
        made, inner = unpack(session.project, name, key, _bare(session, key))
    except EditError as error:
        session.notify(str(error), "warn")
        return
    made = with_room(made, name, inner, box, session.graph.layout)
    title = str(session.graph.nodes[key].params["definition"])
    session.apply(made, f"Unpack {title}")
    session.select(inner)


def _bare(session: EditedSession, key: str) -> frozenset[str]:
    """Which nodes inside a placement have no weights, as far as is known: no objective can update them."""
    view, known = session.inside(key), session.report.nodes
    if view is None:
        return frozenset()
    inner = {node: known.get(f"{view.path}.{node}") for node in session.project.graphs[view.graph].nodes}
    return frozenset(node for node, report in inner.items() if report is not None and not report.parameters)


def make_unique(session: EditedSession) -> None:
    """Give the chosen placement a definition of its own."""
    key, name = _one(session), session.view.graph
    if key is None:
        return
    try:
        made, own = placement.make_unique(session.project, name, key)
    except EditError as error:
        session.notify(str(error), "warn")
        return
    session.apply(made, f"Make {key} unique")
    session.notify(f"{key} places {own} now, a copy of its own.")


def toggle_kind(session: EditedSession) -> None:
    """The chosen placement shares its weights with all like it, or has its own."""
    key, name = _one(session), session.view.graph
    if key is None:
        return
    share = not placement.shares_weights(session.graph.nodes[key])
    layer = Network.type if share else Block.type
    words = f"Share weights of {key}" if share else f"Give {key} weights of its own"
    session.attempt(lambda project: placement.set_kind(project, name, key, layer), words)


def toggle_over_time(session: EditedSession) -> None:
    """The chosen placement runs step by step over sequences, or once."""
    key, name = _one(session), session.view.graph
    if key is None:
        return
    runs = session.graph.nodes[key].layer == Scan.type
    words = f"Run {key} once" if runs else f"Run {key} over time"
    layer = Block.type if runs else Scan.type
    session.attempt(lambda project: placement.set_kind(project, name, key, layer), words)


def _one(session: EditedSession) -> str | None:
    chosen = sorted(session.selection & session.graph.nodes.keys())
    return chosen[0] if len(chosen) == 1 and query.is_placement(session.graph.nodes[chosen[0]]) else None


# Placed -----------------------------------------------------------------------------------------------------


def placeable(session: EditedSession) -> list[str]:
    """The definitions that can stand in the graph on show: not itself, nor what it is part of."""
    project, here = session.project, session.view.graph
    return [
        name
        for name in project.graphs
        if name not in (MAIN, here) and here not in query.definitions_used(project, name)
    ]


def layer_for(project: Project, definition: str) -> str:
    """How a definition is placed once more: as it is already, and a new one as a network."""
    return placement.kind_of(project, definition) or Network.type


# The definitions themselves ---------------------------------------------------------------------------------


def new_definition(session: EditedSession, part: BuildingBlock | None = None) -> None:
    """An empty definition or a part to start from, in a tab of its own."""
    name = edits.fresh_definition(session.project, part.name if part is not None else "Part")
    graph = part.graph if part is not None else Graph(inputs=("input",), outputs=("output",))
    title = f"Add {part.title}" if part is not None else "New definition"
    if session.attempt(lambda project: spread(edits.add_definition(project, name, graph), name), title):
        session.show_tab(name)
        if part is not None:
            session.notify(f"{name} is in the palette now: drag it to where it belongs.")


def rename(session: EditedSession, old: str, new: str) -> None:
    """Give a definition another name; says why where it cannot have it."""
    if new and new != old and old in session.project.graphs:
        session.attempt(lambda project: edits.rename_definition(project, old, new), f"Rename {old}")


def duplicate(session: EditedSession, name: str) -> None:
    """A copy in a tab of its own, placed nowhere yet."""
    try:
        made, copy = placement.duplicate_definition(session.project, name)
    except EditError as error:
        session.notify(str(error), "warn")
        return
    session.apply(made, f"Duplicate {name}")
    session.show_tab(copy)


def delete(session: EditedSession, name: str) -> None:
    """Take a definition away that nothing places."""
    session.attempt(lambda project: edits.remove_definition(project, name), f"Delete {name}")
