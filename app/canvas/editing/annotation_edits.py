"""Edits of frames and notes on the graph on show. Each is one undoable step; without Qt."""

from __future__ import annotations

from app.canvas.editing.geometry import EditedSession, Geometry
from app.canvas.items.grid import FRAME_TITLE, snap
from engine.document import edits
from engine.document.project import Frame, Note, Point, Project

ROOM = 24.0
"""Space between a frame and the nodes inside it; above them stands its title."""
TITLE, TEXT = "Frame", "Note"


def frame_selection(session: EditedSession, geometry: Geometry) -> str | None:
    """A frame round the selected nodes; its key, None where nothing is selected or it is refused."""
    boxes = [geometry.box(key) for key in session.selection & geometry.shown()]
    if not boxes:
        return None
    x0, y0 = min(box[0] for box in boxes) - ROOM, min(box[1] for box in boxes) - ROOM - FRAME_TITLE
    x1, y1 = max(box[2] for box in boxes) + ROOM, max(box[3] for box in boxes) + ROOM
    frame = Frame(TITLE, snap(x0), snap(y0), x1 - x0, y1 - y0)
    graph, before = session.view.graph, session.graph.layout.frames.keys()
    if not session.attempt(lambda project: edits.add_frame(project, graph, frame), "Frame selection"):
        return None
    return next(iter(session.graph.layout.frames.keys() - before), None)


def add_note(session: EditedSession, at: Point) -> str | None:
    """An empty note at this place; its key, None where it is refused."""
    note = Note(TEXT, snap(at.x), snap(at.y))
    graph, before = session.view.graph, session.graph.layout.notes.keys()
    if not session.attempt(lambda project: edits.add_note(project, graph, note), "Add note"):
        return None
    return next(iter(session.graph.layout.notes.keys() - before), None)


def remove_frame(session: EditedSession, key: str) -> None:
    """Remove a frame; the nodes inside it stay."""
    graph = session.view.graph
    session.attempt(lambda project: edits.remove_frames(project, graph, [key]), "Delete frame")


def remove_note(session: EditedSession, key: str) -> None:
    graph = session.view.graph
    session.attempt(lambda project: edits.remove_notes(project, graph, [key]), "Delete note")


def rename_frame(session: EditedSession, key: str, title: str) -> None:
    """Change the title of a frame; an empty one changes nothing."""
    graph = session.view.graph

    def edit(project: Project) -> Project:
        return edits.change_frame(project, graph, key, title=title)

    if title and key in session.graph.layout.frames:
        session.attempt(edit, "Rename frame")


def write_note(session: EditedSession, key: str, text: str) -> None:
    """Change the text of a note; an empty one changes nothing."""
    graph = session.view.graph
    if text and key in session.graph.layout.notes:
        session.attempt(lambda project: edits.change_note(project, graph, key, text=text), "Write note")
