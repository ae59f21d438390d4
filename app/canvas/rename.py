"""Writing in place: a field over a name, or over the text of a note. Knows only text; the view applies it."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget


class RenameField(QLineEdit):
    """Enter or a click elsewhere takes the name, Esc leaves the old one."""

    renamed = Signal(str)

    def __init__(self, parent: QWidget, text: str, place: QRect) -> None:
        super().__init__(text, parent)
        self._done = False
        self.setGeometry(place)
        self.selectAll()
        self.setAccessibleName("Name of the node")
        self.show()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._finish(False)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._finish(True)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._finish(True)

    def _finish(self, take: bool) -> None:
        if self._done:
            return
        self._done = True
        if take:
            self.renamed.emit(self.text().strip())
        self.hide()
        parent = self.parentWidget()
        if parent is not None:
            parent.setFocus()
        self.deleteLater()


class NoteField(QPlainTextEdit):
    """Ctrl+Enter or a click elsewhere takes the text, Esc leaves the old one; Enter is a new line."""

    written = Signal(str)

    def __init__(self, parent: QWidget, text: str, place: QRect) -> None:
        super().__init__(text, parent)
        self._done = False
        self.setGeometry(place)
        self.selectAll()
        self.setAccessibleName("Text of the note")
        self.show()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() == Qt.Key.Key_Escape:
            self._finish(False)
        elif ctrl and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._finish(True)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:  # its own menu is no click elsewhere
            self._finish(True)

    def _finish(self, take: bool) -> None:
        if self._done:
            return
        self._done = True
        if take:
            self.written.emit(self.toPlainText().strip())
        self.hide()
        parent = self.parentWidget()
        if parent is not None:
            parent.setFocus()
        self.deleteLater()
