"""Drop a layer from the palette: its card follows the mouse; over a wire it is put in between."""

from __future__ import annotations

import json

from PySide6.QtCore import QMimeData, QPointF, QRectF
from PySide6.QtGui import QPainter, QPen

from app.canvas.gestures.base import Canvas, Gesture, Modifiers
from app.canvas.items import measures, node_paint
from app.canvas.items.card import Card, describe
from app.canvas.items.grid import snap
from app.canvas.items.wire_item import WireItem
from app.style import theme
from engine.document.project import Graph, Node, Point
from nodes.param import JSON
from nodes.registry import REGISTRY
from nodes.spec import Role

MIME = "application/x-layerloom-layer"


def read_mime(data: QMimeData) -> tuple[str, dict[str, JSON]] | None:
    """The layer (and its parameters) that is dragged; None where it is something else or unknown here."""
    if not data.hasFormat(MIME):
        return None
    text = bytes(data.data(MIME).data()).decode("utf-8", "replace")
    layer, _, rest = text.partition("\n")
    if layer not in REGISTRY:
        return None
    try:
        params = json.loads(rest) if rest.strip() else {}
    except ValueError:
        return None
    return (layer, params) if isinstance(params, dict) else None


class DropLayer(Gesture):
    """Lasts from the moment the drag enters the canvas until it leaves or drops."""

    def __init__(self, canvas: Canvas, layer: str, params: dict[str, JSON]) -> None:
        super().__init__(canvas)
        self._layer, self._params = layer, params
        self._wire: WireItem | None = None

    def start(self, at: QPointF, modifiers: Modifiers) -> None:
        super().start(at, modifiers)
        node = Node("new", self._layer, self._params)
        self._card: Card = describe(self.session.project, Graph(), node, None, ())
        declared = REGISTRY[self._layer]
        passes = bool(self._card.inputs) and bool(self._card.outputs)
        self._inserts = passes and declared.role in (Role.MODULE, Role.PLACEMENT)
        self.update(at)

    def update(self, at: QPointF) -> None:
        self._at = self.corner(at)
        self._aim(
            self.scene.hit_testing.wire_at(at, 14.0)
            if self._inserts and self.scene.hit_testing.node_at(at) is None
            else None
        )

    def end(self, at: QPointF) -> None:
        self.update(at)
        wire = self._wire
        self._aim(None)
        corner = Point(self._at.x(), self._at.y())
        if wire is None:
            self.canvas.editor.add_layer(self._layer, self._params, at=corner)
            return
        _, before = self.canvas.editor.insert_layer(self._layer, self._params, wire.wire, corner)
        if before:
            self.canvas.slide.start(before)

    def cancel(self) -> None:
        self._aim(None)

    def corner(self, at: QPointF) -> QPointF:
        """Where the card's upper left corner goes, for a mouse in the middle of its name."""
        return QPointF(snap(at.x() - self._card.width / 2), snap(at.y() - self._card.first_port))

    def paint(self, painter: QPainter) -> None:
        """Only the outline of the card: the drag itself carries its name."""
        now = theme.current()
        form = node_paint.shapes(self._card.width, self._card.height, self._card.pill)
        painter.translate(self._at)
        painter.fillPath(form.body, theme.colour(now.accent, 0.10))
        painter.strokePath(form.body, QPen(theme.colour(now.accent), 1.5))
        painter.translate(-self._at)

    def extent(self) -> QRectF:
        size = QRectF(self._at.x(), self._at.y(), self._card.width, self._card.height)
        return size.adjusted(-measures.MARGIN, -measures.MARGIN, measures.MARGIN, measures.MARGIN)

    def _aim(self, wire: WireItem | None) -> None:
        if wire is self._wire:
            return
        for item, aimed in ((self._wire, False), (wire, True)):
            if item is not None:
                item.set_aimed(aimed)
                self.scene.overview.mark(set(), {item})
        self._wire = wire
