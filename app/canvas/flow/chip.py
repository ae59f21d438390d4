"""The legend of what is shown over all nodes: its name, its colours and their ends; a click stops it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QGraphicsView

from app.canvas.flow.quantities import FlowQuantity, FlowScale, colour_of
from app.canvas.parts import CanvasParts
from app.style import theme
from app.widgets.buttons import Chip

_BAR = 80


class FlowChip(Chip):
    """Hidden while nothing is shown."""

    resized = Signal()

    def __init__(self, view: CanvasParts) -> None:
        parent: QGraphicsView = view.widget
        super().__init__("", "", parent)
        self._ends = ("", "")
        self.setToolTip("Stop colouring the nodes")
        theme.changed.connect(self.update)
        self.hide()

    def show_scale(self, quantity: FlowQuantity, scale: FlowScale | None, note: str) -> None:
        """Say what is shown; without a scale only the note, which says what is missing or left out."""
        ends = ("", "") if scale is None else (quantity.words(scale.low), quantity.words(scale.high))
        words = f"{quantity.title} · {note}" if note else quantity.title
        if (words, ends) != (self.text(), self._ends) or self.isHidden():
            self._ends = ends
            self.setText(words)
            self.setStyleSheet(f"text-align: left; padding-right: {self._room() + 12}px;" if scale else "")
            self.show()
            self.resized.emit()

    def put_out(self) -> None:
        """Nothing is shown."""
        self.hide()
        self.resized.emit()

    def _room(self) -> int:
        """Pixels of the bar and the words of its ends."""
        told = QFontMetrics(theme.mono(10))
        return _BAR + 20 + sum(told.horizontalAdvance(end) for end in self._ends)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._ends[0]:
            return
        painter, told = QPainter(self), QFontMetrics(theme.mono(10))
        painter.setFont(theme.mono(10))
        painter.setPen(theme.colour(theme.current().muted))
        left = self.width() - self._room() - 4.0
        middle = self.height() / 2
        low = told.horizontalAdvance(self._ends[0])
        painter.drawText(QRectF(left, 0, low + 2, self.height()), 0x80, self._ends[0])
        left += low + 6
        for step in range(_BAR):
            colour = theme.colour(colour_of(step / (_BAR - 1)))
            painter.fillRect(QRectF(left + step, middle - 4, 1.0, 8.0), colour)
        painter.drawText(QRectF(left + _BAR + 6, 0, 200, self.height()), 0x80, self._ends[1])
        painter.end()
