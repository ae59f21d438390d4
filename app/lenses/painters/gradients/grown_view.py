"""A view that is painted by one function into the room that it is given, from the inspector to a window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.style import theme
from app.style.theme import Theme

DrawPointed = Callable[[QPainter, QRectF, Theme, QPointF | None], None]
"""Paints an area; the last is where the mouse is."""
TextAt = Callable[[QPointF, QRectF], str]
_LEAST, _WIDTH = 240, 268


class GrownView(QWidget):
    """`height_for` says how high the picture should be for a width; it is painted into what there is."""

    pointed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.shown: Any = None
        """What is painted; whoever draws decides what that is."""
        self._draw: DrawPointed | None = None
        self._text_at: TextAt = lambda _place, _area: ""
        self._height_for: Callable[[int], int] = lambda _width: _LEAST
        self._mouse: QPointF | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)
        self.setMouseTracking(True)
        theme.changed.connect(self.update)

    def show_drawn(
        self, shown: object, draw: DrawPointed, height_for: Callable[[int], int], text_at: TextAt
    ) -> None:
        """Paint this from now on."""
        self.shown, self._draw, self._text_at, self._height_for = shown, draw, text_at, height_for
        self._fit()
        self.update()
        if self._mouse is not None:
            self.pointed.emit(text_at(self._mouse, QRectF(self.rect())))

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, self._height_for(max(self.width(), 1)))

    def _fit(self) -> None:
        self.setMinimumHeight(min(_LEAST, self._height_for(self.width())))
        self.updateGeometry()

    def resizeEvent(self, _event: QEvent) -> None:
        self._fit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._mouse = event.position()
        self.pointed.emit(self._text_at(self._mouse, QRectF(self.rect())))
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._mouse = None
        self.pointed.emit("")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._draw is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw(painter, QRectF(self.rect()), theme.current(), self._mouse)
        painter.end()
