"""Drop a row of the inspector on the border of the definition on show: it becomes a parameter of it."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QPointF, QRectF
from PySide6.QtGui import QPainter, QPen

from app.canvas.editing import parameter_edits
from app.canvas.gestures.base import Canvas, Gesture
from app.canvas.items import measures
from app.canvas.items.node_item import NodeItem
from app.forms.form import PARAMETER_MIME
from app.style import theme
from engine.document.project import INPUT, OUTPUT


def read_parameter(data: QMimeData) -> tuple[str, str] | None:
    """Node and parameter of the row that is dragged; None where it is something else."""
    if not data.hasFormat(PARAMETER_MIME):
        return None
    node, _, param = bytes(data.data(PARAMETER_MIME).data()).decode("utf-8", "replace").partition("\n")
    return (node, param) if node and param else None


class DropParameter(Gesture):
    """Lasts from when the drag enters the canvas until it leaves or drops. Both borders are outlined."""

    def __init__(self, canvas: Canvas, node: str, param: str) -> None:
        super().__init__(canvas)
        self._node, self._param = node, param
        self._over: NodeItem | None = None

    @property
    def fits(self) -> bool:
        """Whether the mouse is over a border."""
        return self._over is not None

    def update(self, at: QPointF) -> None:
        item = self.scene.hit_testing.node_at(at)
        self._over = item if item is not None and item.card.border else None

    def end(self, at: QPointF) -> None:
        self.update(at)
        if self._over is not None and self._node in self.session.graph.nodes:
            parameter_edits.promote(self.session, self._node, self._param)

    def paint(self, painter: QPainter) -> None:
        now = theme.current()
        for item in self._borders():
            box = QRectF(*item.box[:2], item.card.width, item.card.height)
            painter.setPen(QPen(theme.colour(now.accent), 2.0 if item is self._over else 1.0))
            painter.setBrush(theme.colour(now.accent, 0.12 if item is self._over else 0.05))
            painter.drawRoundedRect(box.adjusted(-3, -3, 3, 3), 10, 10)

    def _borders(self) -> list[NodeItem]:
        return [self.scene.nodes[key] for key in (INPUT, OUTPUT) if key in self.scene.nodes]

    def extent(self) -> QRectF:
        found = QRectF()
        for item in self._borders():
            found = found.united(QRectF(*item.box[:2], item.card.width, item.card.height))
        return found.adjusted(-measures.MARGIN, -measures.MARGIN, measures.MARGIN, measures.MARGIN)
