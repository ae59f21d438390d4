"""A widget that paints a sheet as high as the sheet wants to be in the width that there is."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.lenses.painters.sequences.sheet import PaintedSheet
from app.style import theme


class SheetCanvas(QWidget):
    """`pointed` tells what is under the mouse in words, `chosen` the number of what was clicked."""

    pointed = Signal(str)
    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.sheet: PaintedSheet | None = None
        self._mouse: QPointF | None = None
        self._held: QPointF | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_sheet(self, sheet: PaintedSheet) -> None:
        """Paint this from now on."""
        self.sheet = sheet
        self._fit()
        self.update()
        if self._mouse is not None:
            self.pointed.emit(sheet.words(self._mouse, self._area()))

    def sizeHint(self) -> QSize:
        return QSize(268, self.height())

    def _area(self) -> QRectF:
        return QRectF(self.rect())

    def _fit(self) -> None:
        if self.sheet is not None:
            self.setFixedHeight(max(1, ceil(self.sheet.height(max(60, self.width())))))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.sheet is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.sheet.paint(painter, self._area(), theme.current(), self._mouse)
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.sheet is None:
            return
        self._mouse = event.position()
        if self._held is not None:
            moved = self.sheet.dragged(self._mouse - self._held, self._area())
            self._held = self._mouse if moved else self._held
        self.pointed.emit(self.sheet.words(self._mouse, self._area()))
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.sheet is None or event.button() != Qt.MouseButton.LeftButton:
            return
        self._held = event.position()
        number = self.sheet.pressed(event.position(), self._area())
        if number is not None:
            self.chosen.emit(number)
        self.update()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._held = None

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._mouse = None
        self.pointed.emit("")
        self.update()
