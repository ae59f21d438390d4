"""A panel that lies over the right of the canvas in a narrow window."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.canvas.view import CanvasView


class CanvasOverlay(QFrame):
    """Holds the widget of the panel, `extent` wide; the camera keeps what it shows clear of it."""

    def __init__(self, workbench: QWidget, canvas: CanvasView, extent: int) -> None:
        super().__init__(workbench)
        self.setProperty("role", "overlay")
        self._canvas, self._extent = canvas, extent
        self._body = QVBoxLayout(self)
        self._body.setContentsMargins(1, 0, 0, 0)
        canvas.installEventFilter(self)
        self.hide()

    def take(self, widget: QWidget) -> None:
        self._body.addWidget(widget)
        widget.show()

    def place(self) -> None:
        if self.isHidden():
            return
        over = self._canvas.geometry()
        self.setGeometry(over.right() + 1 - self._extent, over.top(), self._extent, over.height())
        self.raise_()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._canvas.camera.covered = self._extent

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._canvas.camera.covered = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.place()
        return super().eventFilter(watched, event)
