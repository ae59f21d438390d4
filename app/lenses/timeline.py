"""A line of moments that can be scrubbed: through a run, or from noise to a sample.

A slider whose places are moments, with a tick for each and, at the right end, perhaps the present. Knows
nothing of what is shown at them.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy, QWidget

from app.style import theme

_SIDE = 8.0
"""Room at both ends for the handle."""


class Timeline(QAbstractSlider):
    """`value` is the index of a moment. Arrows go by one, page keys by a tenth, Home and End to the ends.

    Where `live` is set, the last place is the present: it glows, and it goes along when moments are added.
    """

    scrubbed = Signal(int)  # a person chose this moment

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.live = False
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(22)
        self.setRange(0, 0)
        self.actionTriggered.connect(lambda _action: self._choose(self._bounded(self.sliderPosition())))
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(160, 22)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, 22)

    def set_moments(self, count: int, *, live: bool) -> None:
        """How many places there are; `live`: the last one is the present. The value stays where it is."""
        self.live = live
        self.setRange(0, max(0, count - 1))
        self.setPageStep(max(2, count // 10))
        self.update()

    @property
    def count(self) -> int:
        return self.maximum() + 1

    def _bounded(self, value: int) -> int:
        return min(max(value, 0), self.maximum())

    def x_of(self, index: int) -> float:
        """Where a moment is, in pixels."""
        room = self.width() - 2 * _SIDE
        return _SIDE + room * (index / self.maximum() if self.maximum() else 1.0)

    def _index_at(self, x: float) -> int:
        room = max(1.0, self.width() - 2 * _SIDE)
        return self._bounded(round((x - _SIDE) / room * self.maximum()))

    # Painting ----------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, tokens = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        groove = QRectF(_SIDE, middle - 2, self.width() - 2 * _SIDE, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.hairline))
        painter.drawRoundedRect(groove, 2, 2)
        at = self.x_of(self.value())
        painter.setBrush(QColor(tokens.accent))
        painter.drawRoundedRect(QRectF(_SIDE, middle - 2, at - _SIDE, 4), 2, 2)
        if self.count > 1 and (self.width() - 2 * _SIDE) / self.maximum() >= 5.0:
            for index in range(self.count):
                painter.setBrush(QColor(tokens.accent if index <= self.value() else tokens.wire))
                painter.drawEllipse(QPointF(self.x_of(index), middle), 2.5, 2.5)
        if self.live:
            painter.setBrush(QColor(tokens.good))
            painter.drawEllipse(QPointF(self.x_of(self.maximum()), middle), 4, 4)
        now = self.live and self.value() == self.maximum()
        painter.setBrush(QColor(tokens.good if now else tokens.accent if self.hasFocus() else tokens.text))
        painter.setPen(QPen(QColor(tokens.panel), 2))
        painter.drawEllipse(QPointF(at, middle), 7, 7)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.accent), 1.5))
            painter.drawEllipse(QPointF(at, middle), 8.5, 8.5)
        painter.end()

    # Mouse and keys ----------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self.setSliderDown(True)
        self._choose(self._index_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._choose(self._index_at(event.position().x()))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self.setSliderDown(False)

    def _choose(self, index: int) -> None:
        if index != self.value():
            self.setValue(index)
            self.scrubbed.emit(index)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # it scrolls the panel

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            event.ignore()  # plays and pauses, which is not for the slider
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def sliderChange(self, change: QAbstractSlider.SliderChange) -> None:
        super().sliderChange(change)
        self.update()
