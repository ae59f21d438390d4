"""Which theme is on: light, dark, or what the system says; a change is live.

Knows where the choice is remembered and how the system is asked; the tokens are in `theme`.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication

from app.state import settings
from app.style import style_sheet
from app.style.theme import DARK, LIGHT, Theme

CHOICES = ("system", "light", "dark")


class Appearance(QObject):
    """The choice of theme of this program."""

    changed = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        stored = settings.text("theme", "dark")
        self.choice = stored if stored in CHOICES else "dark"
        app.styleHints().colorSchemeChanged.connect(self._on_system)
        style_sheet.install(app, self._theme())

    def choose(self, choice: str) -> None:
        """Use "system", "light" or "dark" from now on."""
        self.choice = choice
        settings.settings().setValue("theme", choice)
        style_sheet.install(self._app, self._theme())
        self.changed.emit()

    def _theme(self) -> Theme:
        if self.choice == "system":
            light = self._app.styleHints().colorScheme() == Qt.ColorScheme.Light
            return LIGHT if light else DARK
        return LIGHT if self.choice == "light" else DARK

    def _on_system(self) -> None:
        if self.choice == "system":
            style_sheet.install(self._app, self._theme())
