"""A panel beside the canvas that can be hidden, resized and floated.

While it is docked nothing but a hairline divides it from the canvas; while it floats it has a slim bar of its
own to be moved and put back by.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QWidget

from app.widgets.buttons import IconButton
from app.widgets.text import Label


class FloatingBar(QWidget):
    """Name, put back, close. Dragging it moves the floating panel."""

    def __init__(self, dock: PanelDock) -> None:
        super().__init__(dock)
        self.setObjectName("topbar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        name = Label(dock.windowTitle())
        name.setProperty("role", "section")
        back = IconButton("dock-window", "Put back")
        back.clicked.connect(lambda: dock.setFloating(False))
        close = IconButton("close", "Hide")
        close.clicked.connect(dock.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 2, 4, 2)
        layout.addWidget(name, 1)
        layout.addWidget(back)
        layout.addWidget(close)


class PanelDock(QDockWidget):
    """One panel; `extent` is its first width or height."""

    shown_or_hidden = Signal()  # just before it comes on show or goes

    def __init__(self, name: str, title: str, extent: int, parent: QWidget) -> None:
        super().__init__(title, parent)
        self.setObjectName(name)
        self.extent = extent
        self._plain = QWidget(self)
        self._plain.setFixedHeight(0)
        self._bar = FloatingBar(self)
        self._bar.hide()
        self.setTitleBarWidget(self._plain)
        self.setAcceptDrops(True)
        self.topLevelChanged.connect(self._on_floating)

    def setVisible(self, visible: bool) -> None:
        if visible == self.isHidden():
            self.shown_or_hidden.emit()
        super().setVisible(visible)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """What is dropped on a panel that floats is for the window, as on one that is docked."""
        event.ignore()
        self._home().dragEnterEvent(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._home().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        event.ignore()
        self._home().dropEvent(event)

    def _home(self) -> QWidget:
        """The window, wherever this panel floats; asked directly, as Qt sends a drop to one place alone."""
        home = self.parentWidget()
        assert home is not None
        return home.window()

    def _on_floating(self, floating: bool) -> None:
        self.setTitleBarWidget(self._bar if floating else self._plain)
        self._bar.setVisible(floating)
