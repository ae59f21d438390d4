"""Which objective is shown on the canvas: the one that is selected, or the one under a resting mouse.

A selected objective stays shown while other tabs are opened; one under the mouse as long as the mouse rests.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from app.canvas.items.objective_marks import marks_in
from app.state.session import Session
from engine.document import query
from engine.document.edits.placement import shares_weights
from engine.document.project import Graph
from nodes.registry import REGISTRY
from nodes.spec import Role

REST_MS = 180
"""How long the mouse rests on an objective before it is shown, in milliseconds."""


class Spotlight(QObject):
    """Follows the selection and the mouse; tells what the nodes on show are to the objective found so."""

    marks_found = Signal(object)  # Marks, or None where no objective is shown
    hovered = Signal(str)  # the node under the mouse; "" for none

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._seen_view = self._session.view
        self._hovered = ""
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self.refresh)
        session.selection_changed.connect(self._on_selection)
        session.spotlight_changed.connect(self.refresh)
        session.step_plan_changed.connect(self.refresh)
        session.view_changed.connect(self.refresh)

    @property
    def objective(self) -> str:
        """The path of the objective in the light; the one under the mouse goes first."""
        under = self._path_of(self._hovered) if not self._rest.isActive() else ""
        return under or self._session.spotlight

    def hover(self, node: str) -> None:
        """The mouse is over this node now ("" for none)."""
        if node == self._hovered:
            return
        was = self._path_of(self._hovered)
        self._hovered = node
        if self._path_of(node):
            self._rest.start()
        else:
            self._rest.stop()
            if was:
                self.refresh()
        self.hovered.emit(node)

    def refresh(self) -> None:
        """Tell the marks as they are now."""
        session, objective = self._session, self.objective
        marks = (
            marks_in(session.project, session.step_plan, objective, session.view.graph) if objective else None
        )
        self.marks_found.emit(marks)

    def _on_selection(self) -> None:
        """Choosing an objective lights it; choosing something else, or nothing, takes the light away.

        Going to another tab chooses nothing either, and keeps it.
        """
        session = self._session
        chosen = sorted(session.selection)
        moved, self._seen_view = session.view != self._seen_view, session.view
        path = self._path_of(chosen[0]) if len(chosen) == 1 else ""
        if path or not moved:
            session.set_spotlight(path)

    def _path_of(self, node: str) -> str:
        """The path of a node of the graph on show, where it is an objective."""
        found = self._session.graph.nodes.get(node)
        if found is None or REGISTRY.role_of(found.layer) is not Role.OBJECTIVE:
            return ""
        return self._session.path_of(node)


def same_network(graph: Graph, node: str) -> frozenset[str]:
    """The other placements in a graph that are the same network as this node, with the same weights."""
    held = graph.nodes.get(node)
    if held is None or not query.is_placement(held) or not shares_weights(held):
        return frozenset()
    placed = query.placements(graph)
    same = {key for key, name in placed.items() if name == placed.get(node)} - {node}
    return frozenset(key for key in same if shares_weights(graph.nodes[key]))
