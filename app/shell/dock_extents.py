"""How wide or high docked panels are: as the user left them, while the canvas takes what is gained or lost.

Qt gives a dock that comes on show room from its neighbours; here the canvas gives it.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QMainWindow

from app.shell.dock import PanelDock


class DockExtents:
    """Widths of `docks`; the height of the one that is named `lower`."""

    def __init__(self, window: QMainWindow, docks: Mapping[str, PanelDock], lower: str) -> None:
        self._window, self._docks, self._lower = window, docks, lower
        self.sizes = {name: dock.extent for name, dock in docks.items()}
        self._settled = False
        for dock in docks.values():
            dock.shown_or_hidden.connect(self.note)
            dock.visibilityChanged.connect(self._keep_soon)

    def reset(self) -> None:
        """As they are declared."""
        self.sizes = {name: dock.extent for name, dock in self._docks.items()}

    def settle(self) -> None:
        """The first layout is done: from here on a panel's size is the user's."""
        if not self._settled:
            self.keep()
            self._settled = True

    def note(self) -> None:
        """Take the sizes of the docks on show for those that the user wants."""
        for name, dock in self._docks.items():
            if self._settled and not dock.isHidden() and not dock.isFloating():
                self.sizes[name] = dock.height() if name == self._lower else dock.width()

    def keep(self) -> None:
        """The canvas takes what the window gains and gives what it loses; panels stay as they are."""
        for name, dock in self._docks.items():
            if not dock.isHidden() and not dock.isFloating():
                way = Qt.Orientation.Vertical if name == self._lower else Qt.Orientation.Horizontal
                self._window.resizeDocks([dock], [self.sizes[name]], way)

    def _keep_soon(self) -> None:
        if self._settled:
            QTimer.singleShot(0, self._window, self.keep)
