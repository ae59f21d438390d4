"""Move a port of the border up or down: its row follows the mouse, the others make room at the end."""

from __future__ import annotations

from typing import Self

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from app.canvas.editing import border_edits
from app.canvas.gestures.base import Canvas, Gesture, Modifiers, Press
from app.canvas.gestures.choosing import choose
from app.canvas.items import measures as m
from app.canvas.items.border import port_row
from app.canvas.items.grid import ADD_PORT
from app.canvas.items.node_item import NodeItem
from app.style import theme


class MoveRow(Gesture):
    """`port` is a row of the border card `item`."""

    order = 20
    cursor = Qt.CursorShape.SizeVerCursor

    def __init__(self, canvas: Canvas, item: NodeItem, port: str) -> None:
        super().__init__(canvas)
        self._item, self._port = item, port
        self._names = [known.name for known in (item.card.outputs or item.card.inputs)[:-1]]
        self._place = self._names.index(port)

    @classmethod
    def for_press(cls, canvas: Canvas, press: Press) -> Self | None:
        item = press.node
        if not press.is_left or item is None or not item.card.border:
            return None
        port = port_row(item, press.at)
        return cls(canvas, item, port) if port is not None and port != ADD_PORT else None

    def start(self, at: QPointF, modifiers: Modifiers) -> None:
        super().start(at, modifiers)
        choose(self.canvas, self._item.card.id, modifiers)

    def update(self, at: QPointF) -> None:
        if self.has_begun(at):
            card = self._item.card
            row = round((at.y() - self._item.y() - card.first_port) / m.BORDER_STEP)
            self._place = max(0, min(row, len(self._names) - 1))

    def end(self, at: QPointF) -> None:
        self.update(at)
        by = self._place - self._names.index(self._port)
        if self.began and by:
            border_edits.move(self.session, self._item.card.id, self._port, by)

    def paint(self, painter: QPainter) -> None:
        """A stripe over the row at which the port would be put down."""
        if self.began:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour(theme.current().accent, 0.22))
            painter.drawRoundedRect(self.extent(), 4.0, 4.0)

    def extent(self) -> QRectF:
        middle = self._item.y() + self._item.card.port_y(self._place)
        half = m.BORDER_STEP / 2
        return QRectF(self._item.x() + 4.0, middle - half, self._item.card.width - 8.0, 2 * half)
