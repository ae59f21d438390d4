"""Writing in place: a field over a name, or over the text of a note. Knows only text; the view applies it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from app.widgets.enter_keys import ENTER, keeps_key

if TYPE_CHECKING:
    _Widget = QWidget
else:
    _Widget = object


class _InPlace(_Widget):
    """What such fields share: a click elsewhere takes what was written, once, and Esc leaves the old."""

    _done = False

    def begin(self, name: str, place: QRect) -> None:
        """Show the field here, to be written in."""
        self.setGeometry(place)
        self.setAccessibleName(name)
        self.show()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def takes(self, event: QKeyEvent) -> bool:
        """Whether this key takes what was written."""
        return event.key() in ENTER

    def tell(self) -> None:
        """Emit what was written."""
        raise NotImplementedError

    def commit(self) -> None:
        """Take what was written, as a click elsewhere does."""
        self._finish(take=True)

    def event(self, event: QEvent) -> bool:
        if keeps_key(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._finish(take=False)
        elif self.takes(event):
            self._finish(take=True)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:  # its own menu is no click elsewhere
            self._finish(take=True)

    def _finish(self, *, take: bool) -> None:
        if self._done:
            return
        self._done = True
        if take:
            self.tell()
        self.hide()
        parent = self.parentWidget()
        if parent is not None:
            parent.setFocus()
        self.deleteLater()


class RenameField(_InPlace, QLineEdit):
    """Enter takes the name."""

    renamed = Signal(str)

    def __init__(self, parent: QWidget, text: str, place: QRect) -> None:
        super().__init__(text, parent)
        self.selectAll()
        self.begin("Name of the node", place)

    def tell(self) -> None:
        self.renamed.emit(self.text().strip())


class NoteField(_InPlace, QPlainTextEdit):
    """Ctrl+Enter takes the text; Enter is a new line."""

    written = Signal(str)

    def __init__(self, parent: QWidget, text: str, place: QRect) -> None:
        super().__init__(text, parent)
        self.selectAll()
        self.begin("Text of the note", place)

    def takes(self, event: QKeyEvent) -> bool:
        return super().takes(event) and bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)

    def tell(self) -> None:
        self.written.emit(self.toPlainText().strip())
