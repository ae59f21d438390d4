"""The list below an entry: what could be written there, cut down to what is being typed.

Knows names only; who uses it says what there is and what becomes of the choice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QCompleter, QLineEdit

from app.style import theme

_NARROWEST = 168
_OWN_LIST = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)
"""Why an entry has the focus again when its list closes."""


class Completing(QObject):
    """Opens the list when one types, or by the Down key."""

    def __init__(
        self, entry: QLineEdit, names: Callable[[], Sequence[str]], take: Callable[[str], object]
    ) -> None:
        super().__init__(entry)
        self._entry, self._names, self._take = entry, names, take
        entry.installEventFilter(self)
        entry.textEdited.connect(self._typed)

    def open(self, typed: str = "") -> None:
        """Show the names that hold what is typed."""
        completer = QCompleter(list(self._names()), self._entry)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        now, popup = theme.current(), completer.popup()
        assert popup is not None
        popup.setStyleSheet(  # the entry's own ground is clear, and the list would take it over
            f"QListView {{ background: {now.panel}; color: {now.text}; border: 1px solid {now.hairline};"
            " outline: 0; }"
            "QListView::item { border-radius: 5px; padding: 3px 6px; }"
            f"QListView::item:hover, QListView::item:selected {{ background: {now.raised}; }}"
        )
        popup.setMinimumWidth(max(_NARROWEST, self._entry.width()))
        self._entry.setCompleter(completer)  # which deletes the one before
        # later, for the entry writes the name down first
        completer.activated.connect(self._chosen, Qt.ConnectionType.QueuedConnection)
        completer.setCompletionPrefix(typed)
        completer.complete()

    def _chosen(self, name: str) -> None:
        self._entry.setModified(False)  # it is taken here, and not once more when the focus goes
        self._take(name)

    def _typed(self, text: str) -> None:
        if self._entry.completer() is None:  # from then on the entry asks it by itself
            self.open(text)

    def eventFilter(self, _watched: object, event: object) -> bool:
        if isinstance(event, QKeyEvent):
            if event.type() == event.Type.KeyPress and event.key() == Qt.Key.Key_Down:
                self.open()
                return True
        elif isinstance(event, QFocusEvent) and event.gotFocus() and event.reason() not in _OWN_LIST:
            self._entry.setCompleter(None)  # type: ignore[arg-type]  # there may be others by now
        return False
