"""Shows and hides panels that belong to some projects only, as the one of a lesson, when one is opened."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject

from app.commands.panel_registry import AnyPanel
from app.shell.dock import PanelDock
from app.state.session import Session


class SuitedPanels(QObject):
    """Goes by `Panel.suits`; a panel whose answer stays the same is left as the user has put it."""

    def __init__(
        self,
        session: Session,
        panels: Mapping[str, AnyPanel],
        docks: Mapping[str, PanelDock],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._session, self._panels, self._docks = session, panels, docks
        self._suited: dict[str, bool] = {}
        session.file_changed.connect(self._look)
        self._look()

    def _look(self) -> None:
        for name, panel in self._panels.items():
            suited = panel.suits(self._session.project)
            if suited is not None and suited != self._suited.get(name):
                self._suited[name] = suited
                self._docks[name].setVisible(suited)
