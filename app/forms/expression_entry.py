"""An entry over a field that has none of its own, such as a switch, in which an expression is written.

It shows what is written until it is confirmed or given up; the field checks it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from PySide6.QtCore import Signal

from app.forms.box import Box, LineEntry
from app.forms.completing import CompletingNames


class ExpressionEntry(Box):
    """Lies on the box of a field and covers it. `written` carries the text."""

    written = Signal(str)

    def __init__(self, over: Box, text: str, names: Callable[[], Collection[str]]) -> None:
        super().__init__(over)
        self.setAutoFillBackground(True)
        self.entry = LineEntry(self)
        self.entry.setAccessibleName("Expression")
        self.row.addWidget(self.entry)
        self._completing = CompletingNames(self.entry, names)
        self.setGeometry(over.rect())
        self.entry.show_text(text)
        self.entry.committed.connect(self._commit)
        self.entry.reverted.connect(self.leave)
        self.entry.gesture_ended.connect(self.leave)
        self.show()
        self.entry.setFocus()
        self.entry.setCursorPosition(len(text))

    def _commit(self, text: str) -> None:
        self.written.emit(text.strip())
        self.leave()

    def leave(self) -> None:
        """Uncover the field."""
        self.hide()
        self.deleteLater()
