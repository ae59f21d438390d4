"""A panel that counts the nodes and wires of the graph on show."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.panels.declaration import Panel, PanelContext, PanelPlace
from app.state.session import Session


class NodeCount(QWidget):
    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session, self.words = session, QLabel()
        QVBoxLayout(self).addWidget(self.words)
        session.project_changed.connect(self.count)
        session.view_changed.connect(self.count)
        self.count()

    def count(self) -> None:
        graph = self._session.graph
        self.words.setText(f"{len(graph.nodes)} nodes, {len(graph.wires)} wires")


class NodeCountPanel(Panel[NodeCount]):
    id = "node-count"
    title = "Node count"
    place = PanelPlace.RIGHT
    shortcut = "Ctrl+6"
    shown_at_first = False

    def make(self, context: PanelContext) -> NodeCount:
        return NodeCount(context.session)
