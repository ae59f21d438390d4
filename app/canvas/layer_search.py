"""The search on the canvas: opens the box, says which layers fit, adds the one that is chosen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QGraphicsView

from app.canvas.camera import Camera
from app.canvas.editing.definition_edits import layer_for, placeable
from app.canvas.editing.drawing_editor import DrawingEditor
from app.canvas.editing.search import SearchBox, SearchResult
from app.canvas.items.node_item import PortAt
from engine.document.project import End, Point
from nodes.spec import Port


class LayerSearch:
    """At most one search box over one view."""

    def __init__(
        self, view: QGraphicsView, camera: Camera, editor: DrawingEditor, reveal: Callable[[str], None]
    ) -> None:
        self._view, self._camera, self._editor, self._reveal = view, camera, editor, reveal
        self.box: SearchBox | None = None

    def open(self, at: QPointF | None = None, wire_from: PortAt | None = None) -> None:
        """Open the search, at a place of the scene or in the middle of the view.

        The layer that is chosen goes to that place; without one it goes behind the selected node, connected
        to it. With `wire_from` the search lists the layers that fit that port, and connects the one chosen.
        """
        self.close()
        place = at if at is not None else self._camera.visible_rect().center()
        session = self._editor.session
        definitions = tuple((name, layer_for(session.project, name)) for name in placeable(session))
        box = SearchBox(
            self._view,
            definitions,
            lambda choice: wire_from is None or self._port(choice, wire_from) is not None,
        )
        self.box = box
        box.chosen.connect(lambda choice: self._take(choice, at, wire_from))
        box.closed.connect(self._closed)
        box.open_at(self._camera.viewport_point(place))

    def close(self) -> None:
        if self.box is not None:
            self.box.close_box()

    def _closed(self) -> None:
        self.box = None
        self._view.setFocus()

    def _port(self, choice: SearchResult, wire_from: PortAt) -> Port | None:
        end = End(wire_from.node, wire_from.port.name)
        return self._editor.fitting_port(
            choice.layer, choice.params, end, wire_from.port, from_output=wire_from.output
        )

    def _take(self, choice: SearchResult, at: QPointF | None, wire_from: PortAt | None) -> None:
        port = self._port(choice, wire_from) if wire_from is not None else None
        if wire_from is not None and port is not None and at is not None:
            end, place = End(wire_from.node, wire_from.port.name), Point(at.x(), at.y())
            self._editor.add_at_wire_end(
                choice.layer, choice.params, place, end, port, from_output=wire_from.output
            )
            return
        middle = self._camera.visible_rect().center()
        free = self._editor.free_place_for(choice.layer, choice.params, Point(at.x(), at.y())) if at else None
        added = self._editor.add_layer(
            choice.layer, choice.params, at=free, middle=Point(middle.x(), middle.y())
        )
        if added is not None:
            self._reveal(added)
