"""Edits of the inputs and outputs of the definition on show. Each is one undoable step; without Qt."""

from __future__ import annotations

from app.canvas.editing.geometry import EditedSession
from app.canvas.items.grid import ADD_PORT
from engine.document import edits
from engine.document.edits import border
from engine.document.project import INPUT, MAIN, OUTPUT, End, Project


def word(side: str) -> str:
    return "input" if side == INPUT else "output"


def add(session: EditedSession, side: str) -> str | None:
    """One more port on this side (`INPUT` or `OUTPUT`); its name, None where the graph has no border."""
    name = session.view.graph
    if name == MAIN:
        return None
    port = border.fresh_port(session.graph, side)
    made = session.attempt(lambda p: border.add_port(p, name, side, port), f"Add {word(side)}")
    return port if made else None


def connected(project: Project, name: str, source: End, target: End) -> Project:
    """A wire between these; one that ends at a + makes the port first, named after the other end."""
    graph = project.graphs[name]
    if source.port == ADD_PORT and source.node == INPUT:
        source = End(INPUT, border.fresh_port(graph, INPUT, _wanted(target.port)))
        project = border.add_port(project, name, INPUT, source.port)
    elif target.port == ADD_PORT and target.node == OUTPUT:
        target = End(OUTPUT, border.fresh_port(graph, OUTPUT, _wanted(source.port)))
        project = border.add_port(project, name, OUTPUT, target.port)
    return edits.connect(project, name, source, target, replace=True)


def _wanted(port: str) -> str:
    return "" if port == ADD_PORT else port


def rename(session: EditedSession, side: str, old: str, new: str) -> None:
    """Give a port another name; says why where it cannot have it."""
    name = session.view.graph
    if new and new != old and old in border.ports_of(session.graph, side):
        session.attempt(lambda p: border.rename_port(p, name, side, old, new), f"Rename {word(side)} {old}")


def remove(session: EditedSession, side: str, port: str) -> None:
    """Take a port away, and the wires at it."""
    name = session.view.graph
    session.attempt(lambda p: border.remove_port(p, name, side, port), f"Remove {word(side)} {port}")


def move(session: EditedSession, side: str, port: str, by: int) -> None:
    """Put a port further up or down."""
    name, ports = session.view.graph, border.ports_of(session.graph, side)
    if port in ports:
        place = ports.index(port) + by
        session.attempt(lambda p: border.move_port(p, name, side, port, place), f"Move {word(side)} {port}")
