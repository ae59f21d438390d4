"""The border of a definition by hand: inputs and outputs added, named in place, moved and taken away.

Each asks an edit of the document for one undoable step. Knows no mouse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF

from app.canvas.editing.text_fields import RenameField
from app.canvas.items.border import port_row
from app.canvas.items.node_item import ADD_PORT, NodeItem
from engine.document import edits
from engine.document.edits import border
from engine.document.project import INPUT, MAIN, OUTPUT, End, Project

if TYPE_CHECKING:
    from app.canvas.menu import Entry
    from app.canvas.view import CanvasView
    from app.state.session import Session


def word(side: str) -> str:
    return "input" if side == INPUT else "output"


def add(view: CanvasView, side: str) -> None:
    """One more port on this side, its name ready to be written."""
    session, name = view.session, view.session.view.graph
    if name == MAIN:
        return
    port = border.fresh_port(session.graph, side)
    if session.attempt(lambda p: border.add_port(p, name, side, port), f"Add {word(side)}"):
        write(view, side, port)


def write(view: CanvasView, side: str, port: str) -> None:
    """A field over the name of a port on its card."""
    item = view.canvas.nodes.get(side)
    spot = view.port_in_sight(side, port, output=side == INPUT)
    if item is None or spot is None:
        return
    if not view.visible_rect().contains(item.rect):
        view.centre(item.rect.center())
    left = view.viewport_point(item.pos()).x()
    middle = view.viewport_point(spot.place).y()
    wide = max(96.0, (item.card.width - 12.0) * view.zoom)
    shift = 4.0 if side == INPUT else 8.0
    field = RenameField(view, port, QRectF(left + shift, middle - 13.0, wide, 26.0).toRect())
    field.setAccessibleName(f"Name of the {word(side)}")
    field.renamed.connect(lambda new: rename(view.session, side, port, new))


def write_at(view: CanvasView, item: NodeItem, at: QPointF) -> None:
    """Name the port in whose row the point is; in the last row, add one."""
    port = port_row(item, at)
    if port == ADD_PORT:
        add(view, item.card.id)
    elif port is not None:
        write(view, item.card.id, port)


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


def entries(view: CanvasView, item: NodeItem, at: QPointF) -> list[Entry | None]:
    """What can be done with the port in whose row the point is."""
    side, port = item.card.id, port_row(item, at)
    more: Entry = (f"Add {word(side)}", f"Ctrl+Alt+{'I' if side == INPUT else 'O'}", lambda: add(view, side))
    if port is None or port == ADD_PORT:
        return [more]
    ports = border.ports_of(view.session.graph, side)
    found: list[Entry | None] = [(f"Rename {port}", "", lambda: write(view, side, port))]
    if port != ports[0]:
        found.append(("Move up", "", lambda: move(view.session, side, port, -1)))
    if port != ports[-1]:
        found.append(("Move down", "", lambda: move(view.session, side, port, 1)))
    return [*found, None, more, None, (f"Remove {port}", "", lambda: remove(view.session, side, port))]


def rename(session: Session, side: str, old: str, new: str) -> None:
    """Give a port another name; says why where it cannot have it."""
    name = session.view.graph
    if new and new != old and old in border.ports_of(session.graph, side):
        session.attempt(lambda p: border.rename_port(p, name, side, old, new), f"Rename {word(side)} {old}")


def remove(session: Session, side: str, port: str) -> None:
    """Take a port away, and the wires at it."""
    name = session.view.graph
    session.attempt(lambda p: border.remove_port(p, name, side, port), f"Remove {word(side)} {port}")


def move(session: Session, side: str, port: str, by: int) -> None:
    """Put a port further up or down."""
    name, ports = session.view.graph, border.ports_of(session.graph, side)
    if port in ports:
        place = ports.index(port) + by
        session.attempt(lambda p: border.move_port(p, name, side, port, place), f"Move {word(side)} {port}")
