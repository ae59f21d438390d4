"""Menus whose entries show their words as they are: Qt would take a single & for the mark of a key.

Words of entries may be names of somebody else's files; the product marks no keys itself.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from app.widgets.text import literal


class Menu(QMenu):
    """A menu; `title` is what it is called inside of another one."""

    def __init__(self, parent: QWidget | None = None, title: str = "") -> None:
        super().__init__(literal(title), parent)

    def add(self, words: str, do: Callable[[], object] | None = None) -> QAction:
        """A new entry at the end; a click on it calls `do`. Behind a tab are its keys."""
        action = QAction(literal(words), self)
        if do is not None:
            action.triggered.connect(lambda _=False: do())
        self.addAction(action)
        return action

    def add_menu(self, words: str) -> Menu:
        """A new menu inside of this one."""
        inner = Menu(self, words)
        self.addMenu(inner)
        return inner
