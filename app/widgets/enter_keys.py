"""Which keys a field that is being written in keeps from the shortcuts of its window."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_KEPT = (*ENTER, Qt.Key.Key_Escape)


def keeps_key(event: QEvent) -> bool:
    """Whether Qt asks who gets Enter or Escape, with any modifier: a field that is written in accepts it.

    Without that Ctrl+Enter starts training and leaves the text unfinished.
    """
    asks = event.type() == QEvent.Type.ShortcutOverride
    return asks and isinstance(event, QKeyEvent) and event.key() in _KEPT
