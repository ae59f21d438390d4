"""The offer of lenses on the canvas: those that fit what is selected, in a list beside the node."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRect, Signal
from PySide6.QtWidgets import QGraphicsView

from app.canvas.items.scene import CanvasScene
from app.lens_cards.offer_box import OfferBox
from app.lens_cards.offered import offered
from app.state.session import Session
from engine.document.project import INPUT, MAIN
from engine.lens.lens import Lens


class Looking(QObject):
    """At most one list over one view."""

    wanted = Signal(str, str)  # the path of a node, the kind of a lens

    def __init__(self, view: QGraphicsView, scene: CanvasScene, session: Session) -> None:
        super().__init__(view)
        self._view, self._scene, self._session = view, scene, session
        self.box: OfferBox | None = None

    def subject(self) -> str:
        """The one selected node, or the node where the one chosen wire starts; empty: neither."""
        selected = self._session.selection
        if len(selected) == 1:
            return next(iter(selected))
        wires = self._scene.chosen_wires
        starts = {wire.source.node for wire in wires if wire.source.node != INPUT}
        return starts.pop() if len(starts) == 1 and not selected else ""

    def lenses(self, node: str) -> list[Lens]:
        """The lenses that fit a node of the graph on show, best first."""
        session = self._session
        if self._is_unplaced:
            return []
        return offered(session.project, session.report, session.path_of(node))

    @property
    def _is_unplaced(self) -> bool:
        """Whether a definition is on show that main does not lead to."""
        return self._session.view.graph != MAIN and not self._session.view.path

    def open(self) -> None:
        """Open the list beside what is selected."""
        self.close()
        node = self.subject()
        item = self._scene.nodes.get(node)
        if item is None or node not in self._session.graph.nodes:
            self._session.notify("Select one node or one wire first, then press L to look at it.")
            return
        if self._is_unplaced:
            self._session.notify("Place this definition in main first: nothing runs through it.", "warn")
            return
        self.box = box = OfferBox(self._view, self.lenses(node), node)
        path = self._session.path_of(node)
        box.chosen.connect(lambda kind: self.wanted.emit(path, kind))
        box.closed.connect(self._closed)
        place = self._view.mapFromScene
        box.open_beside(QRect(place(item.rect.topLeft()), place(item.rect.bottomRight())))

    def close(self) -> None:
        if self.box is not None:
            self.box.close_box()

    def _closed(self) -> None:
        self.box = None
        self._view.setFocus()
