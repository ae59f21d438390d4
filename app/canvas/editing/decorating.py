"""Frames and notes by hand: made from what is chosen or where one points, written in place, taken away.

Asks the edits for every change, one step each. Knows no mouse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF

from app.canvas.editing.text_fields import NoteField, RenameField
from app.canvas.items import measures as m
from app.canvas.items.back_items import FrameItem, NoteItem
from engine.document import edits
from engine.document.project import Frame, Note, Project

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

ROOM = 24.0
"""Space between a frame and what stands in it; above it the title takes more."""
TITLE, TEXT = "Frame", "Note"


def frame_selection(view: CanvasView) -> None:
    """A frame round the chosen nodes, its title ready to be written."""
    session, chosen = view.session, view.session.selection & view.canvas.nodes.keys()
    if not chosen:
        return
    rect = QRectF()
    for key in chosen:
        rect = rect.united(view.canvas.nodes[key].rect)
    rect.adjust(-ROOM, -ROOM - m.FRAME_TITLE, ROOM, ROOM)
    frame = Frame(TITLE, m.snap(rect.x()), m.snap(rect.y()), rect.width(), rect.height())
    graph, before = session.view.graph, set(view.canvas.frames)
    if session.attempt(lambda project: edits.add_frame(project, graph, frame), "Frame selection"):
        _write_new(view, view.canvas.frames, before)


def add_note(view: CanvasView, at: QPointF | None = None) -> None:
    """An empty note at this place or in the middle of the view, ready to be written."""
    place = at if at is not None else view.visible_rect().center()
    note = Note(TEXT, m.snap(place.x()), m.snap(place.y()))
    graph, before = view.session.view.graph, set(view.canvas.notes)
    if view.session.attempt(lambda project: edits.add_note(project, graph, note), "Add note"):
        _write_new(view, view.canvas.notes, before)


def write(view: CanvasView, item: FrameItem | NoteItem) -> None:
    """A field over the title of a frame or the text of a note."""
    if isinstance(item, FrameItem):
        place = _place(view, item, 30.0).toRect()
        field = RenameField(view, item.frame.title, place)
        field.setAccessibleName("Title of the frame")
        field.renamed.connect(lambda title: _change(view, item, title))
    else:
        text = NoteField(view, item.note.text, _place(view, item, max(72.0, item.rect.height())).toRect())
        text.written.connect(lambda written: _change(view, item, written))


def remove(view: CanvasView, item: FrameItem | NoteItem) -> None:
    """Take it away; what stands on it stays."""
    graph, key = view.session.view.graph, item.key
    if isinstance(item, FrameItem):
        view.session.attempt(lambda project: edits.remove_frames(project, graph, [key]), "Delete frame")
    else:
        view.session.attempt(lambda project: edits.remove_notes(project, graph, [key]), "Delete note")


def _write_new(view: CanvasView, items: dict[str, FrameItem] | dict[str, NoteItem], before: set[str]) -> None:
    for key in items.keys() - before:
        write(view, items[key])


def _place(view: CanvasView, item: FrameItem | NoteItem, height: float) -> QRectF:
    corner = view.viewport_point(item.rect.topLeft())
    return QRectF(corner.x() + 4.0, corner.y() + 3.0, max(140.0, item.rect.width() * view.zoom - 8.0), height)


def _change(view: CanvasView, item: FrameItem | NoteItem, text: str) -> None:
    graph, key = view.session.view.graph, item.key
    is_frame = isinstance(item, FrameItem)
    held = view.session.graph.layout.frames if is_frame else view.session.graph.layout.notes
    if not text or key not in held:
        return

    def edit(project: Project) -> Project:
        if is_frame:
            return edits.change_frame(project, graph, key, title=text)
        return edits.change_note(project, graph, key, text=text)

    view.session.attempt(edit, "Rename frame" if is_frame else "Write note")
