"""How wide or high docked panels are: as the user left them, while the canvas takes what is gained or lost.

Qt gives a dock that comes on show room from its neighbours; here the canvas gives it. A panel that declares a
`lower_height` lets the lower area be higher, and reach below the panels at the right, while it is in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QMainWindow

from app.panels.declaration import PanelPlace
from app.shell.dock import PanelDock

if TYPE_CHECKING:
    from app.commands.panel_registry import AnyPanel

_RAISED = "the lower area, raised"
_MOST_SHARE = 0.5
"""A raised lower area takes at most so much of the height of the window by itself."""


class DockExtents:
    """Widths of docks, the height of the one that is named `lower`, and `raised`, its height while raised."""

    def __init__(
        self,
        window: QMainWindow,
        docks: Mapping[str, PanelDock],
        lower: str,
        panels: Mapping[str, AnyPanel],
    ) -> None:
        self._window, self._docks, self._lower = window, docks, lower
        self._raising = {name: panel.lower_height for name, panel in panels.items() if panel.lower_height}
        self._beside = {name for name, panel in panels.items() if panel.place is PanelPlace.LOWER_RIGHT}
        self.sizes = {name: dock.extent for name, dock in docks.items()}
        self.raised = max(self._raising.values(), default=0)
        self._settled = False
        for dock in docks.values():
            dock.shown_or_hidden.connect(self.note)
            dock.visibilityChanged.connect(self._keep_soon)

    def reset(self) -> None:
        """As they are declared."""
        self.sizes = {name: dock.extent for name, dock in self._docks.items()}
        self.raised = max(self._raising.values(), default=0)

    @property
    def kept(self) -> dict[str, int]:
        """What is remembered for the next start: `sizes`, and `raised` under a name of its own."""
        return {**self.sizes, _RAISED: self.raised}

    def take(self, kept: Mapping[str, int]) -> None:
        """Take what was remembered of the docks that there are."""
        self.sizes |= {name: size for name, size in kept.items() if name in self._docks}
        self.raised = kept.get(_RAISED, self.raised)

    def settle(self) -> None:
        """The first layout is done: from here on a panel's size is the user's."""
        if not self._settled:
            self.keep()
            self._settled = True

    @property
    def is_raised(self) -> bool:
        """Whether a panel that raises the lower area is in it."""
        return any(_is_docked(self._docks[name]) for name in self._raising)

    def note(self) -> None:
        """Take the sizes of the docks on show for those that the user wants."""
        for name, dock in self._docks.items():
            if not self._settled or not _is_docked(dock):
                continue
            if name != self._lower:
                self.sizes[name] = dock.width()
            elif not self.is_raised:
                self.sizes[name] = dock.height()
            elif dock.height() != self._raised_height:
                self.raised = dock.height()

    @property
    def _raised_height(self) -> int:
        """The height while raised, in a window as high as this one."""
        return max(self.sizes[self._lower], min(self.raised, round(self._window.height() * _MOST_SHARE)))

    def keep(self) -> None:
        """The canvas takes what the window gains and gives what it loses; panels stay as they are."""
        below = Qt.DockWidgetArea.BottomDockWidgetArea
        right = below if self.is_raised else Qt.DockWidgetArea.RightDockWidgetArea
        if self._window.corner(Qt.Corner.BottomRightCorner) is not right:
            self._window.setCorner(Qt.Corner.BottomRightCorner, right)
            layout = self._window.layout()
            assert layout is not None
            layout.activate()  # what is resized below has the room of the new corner
        shown = {name: dock for name, dock in self._docks.items() if _is_docked(dock)}
        for name, dock in shown.items():
            if name == self._lower:
                height = self._raised_height if self.is_raised else self.sizes[name]
                self._window.resizeDocks([dock], [height], Qt.Orientation.Vertical)
            elif name not in self._beside or not self.is_raised:
                self._window.resizeDocks([dock], [self.sizes[name]], Qt.Orientation.Horizontal)
        if self.is_raised:
            self._share_lower(shown)

    def _share_lower(self, shown: Mapping[str, PanelDock]) -> None:
        """What stands beside the lower area has its width, and the area what is left."""
        beside = [name for name in shown if name in self._beside]
        lower = shown.get(self._lower)
        if lower is None or not beside:
            return
        whole = lower.width() + sum(shown[name].width() for name in beside)
        wished = [self.sizes[name] for name in beside]
        rest = max(lower.minimumSizeHint().width(), whole - sum(wished))
        docks = [lower, *(shown[name] for name in beside)]
        self._window.resizeDocks(docks, [rest, *wished], Qt.Orientation.Horizontal)

    def _keep_soon(self) -> None:
        if self._settled:
            QTimer.singleShot(0, self._window, self.keep)


def _is_docked(dock: PanelDock) -> bool:
    return not dock.isHidden() and not dock.isFloating()
