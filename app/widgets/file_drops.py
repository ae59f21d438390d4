"""Fields that are written in leave dropped files to the window, which knows what to do with them.

Qt would write their addresses into the field.
"""

from __future__ import annotations

from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent
from PySide6.QtWidgets import QLineEdit


class LineField(QLineEdit):
    """A line of text that takes text that is dropped on it, and no files."""

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.ignore()
        else:
            super().dragEnterEvent(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if event.mimeData().hasUrls():
            event.ignore()
        else:
            super().dragMoveEvent(event)
