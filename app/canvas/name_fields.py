"""Text fields over the canvas: names of nodes, ports and definitions, titles of frames, texts of notes.

Opens a field over the item and applies what was written; edits that end with a name to be written begin here.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtWidgets import QGraphicsView

from app.canvas.camera import Camera
from app.canvas.editing import annotation_edits, border_edits, definition_edits
from app.canvas.editing.drawing_editor import DrawingEditor
from app.canvas.editing.text_fields import NoteField, RenameField
from app.canvas.items.back_items import FrameItem, NoteItem
from app.canvas.items.border import port_row
from app.canvas.items.grid import ADD_PORT
from app.canvas.items.node_item import NodeItem
from app.canvas.items.scene import CanvasScene
from engine.document.project import INPUT, Point


class NameFields:
    """The fields of one view."""

    def __init__(
        self, view: QGraphicsView, scene: CanvasScene, camera: Camera, editor: DrawingEditor
    ) -> None:
        self._view, self._scene, self._camera, self._editor = view, scene, camera, editor
        self._session = editor.session

    def rename_node(self, key: str) -> None:
        """A field over the name of a node."""
        place = self._over_title(self._scene.nodes[key], least=96.0)
        field = RenameField(self._view, key, place)
        field.renamed.connect(lambda name: self._editor.rename(key, name))

    # Definitions and their borders --------------------------------------------------------------------------

    def make_definition(self, layer: str) -> None:
        """Move the selected nodes into a definition; its name is to be written next."""
        key = definition_edits.make_definition(self._session, layer)
        item = self._scene.nodes.get(key) if key is not None else None
        if key is None or item is None:
            return
        old = str(self._session.graph.nodes[key].params["definition"])
        field = RenameField(self._view, old, self._over_title(item, least=120.0))
        field.setAccessibleName("Name of the definition")
        field.renamed.connect(lambda name: definition_edits.name_new(self._session, key, old, name))

    def add_port(self, side: str) -> None:
        """One more input or output of the definition on show; its name is to be written next."""
        port = border_edits.add(self._session, side)
        if port is not None:
            self.rename_port(side, port)

    def rename_port(self, side: str, port: str) -> None:
        """A field over the name of a port on the card of its side."""
        item = self._scene.nodes.get(side)
        ports = item.ports() if item is not None else []
        spot = next((p for p in ports if p.output == (side == INPUT) and p.port.name == port), None)
        if item is None or spot is None:
            return
        if not self._camera.visible_rect().contains(item.rect):
            self._camera.centre(item.rect.center())
        left = self._camera.viewport_point(item.pos()).x()
        middle = self._camera.viewport_point(spot.place).y()
        width = max(96.0, (item.card.width - 12.0) * self._camera.zoom)
        shift = 4.0 if side == INPUT else 8.0
        field = RenameField(self._view, port, QRectF(left + shift, middle - 13.0, width, 26.0).toRect())
        field.setAccessibleName(f"Name of the {border_edits.word(side)}")
        field.renamed.connect(lambda new: border_edits.rename(self._session, side, port, new))

    def rename_port_at(self, item: NodeItem, at: QPointF) -> None:
        """Rename the port in whose row the point is; in the last row, add one."""
        port = port_row(item, at)
        if port == ADD_PORT:
            self.add_port(item.card.id)
        elif port is not None:
            self.rename_port(item.card.id, port)

    # Frames and notes ---------------------------------------------------------------------------------------

    def frame_selection(self) -> None:
        """A frame round the selected nodes; its title is to be written next."""
        key = annotation_edits.frame_selection(self._session, self._editor.geometry)
        if key is not None:
            self.edit_annotation(self._scene.frames[key])

    def add_note(self, at: QPointF | None = None) -> None:
        """A note at this place or in the middle of the view; its text is to be written next."""
        place = at if at is not None else self._camera.visible_rect().center()
        key = annotation_edits.add_note(self._session, Point(place.x(), place.y()))
        if key is not None:
            self.edit_annotation(self._scene.notes[key])

    def edit_annotation(self, item: FrameItem | NoteItem) -> None:
        """A field over the title of a frame or the text of a note."""
        key = item.key
        if isinstance(item, FrameItem):
            field = RenameField(self._view, item.frame.title, self._over_annotation(item, 30.0))
            field.setAccessibleName("Title of the frame")
            field.renamed.connect(lambda title: annotation_edits.rename_frame(self._session, key, title))
        else:
            place = self._over_annotation(item, max(72.0, item.rect.height()))
            text = NoteField(self._view, item.note.text, place)
            text.written.connect(lambda written: annotation_edits.write_note(self._session, key, written))

    def remove_annotation(self, item: FrameItem | NoteItem) -> None:
        if isinstance(item, FrameItem):
            annotation_edits.remove_frame(self._session, item.key)
        else:
            annotation_edits.remove_note(self._session, item.key)

    # Places -------------------------------------------------------------------------------------------------

    def _over_title(self, item: NodeItem, least: float) -> QRect:
        corner = self._camera.viewport_point(item.pos() + QPointF(8.0, 3.0))
        width = max(least, (item.card.width - 12.0) * self._camera.zoom)
        return QRectF(corner.x(), corner.y(), width, 28.0).toRect()

    def _over_annotation(self, item: FrameItem | NoteItem, height: float) -> QRect:
        corner = self._camera.viewport_point(item.rect.topLeft())
        width = max(140.0, item.rect.width() * self._camera.zoom - 8.0)
        return QRectF(corner.x() + 4.0, corner.y() + 3.0, width, height).toRect()
