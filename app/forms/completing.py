"""The list below an entry: what could be written there, cut down to what is being typed.

Knows names only; who uses it says what there is and what becomes of the choice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QCompleter, QLineEdit, QListWidget

from app.style import theme

_NARROWEST = 168
_MOST_ROWS = 8
_RETURN = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_OWN_LIST = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)
"""Why an entry has the focus again when its list closes."""


def dress(popup: QAbstractItemView, entry: QLineEdit) -> None:
    """Give a list the look of the window: the ground of the entry is clear, and a list would have it too."""
    now = theme.current()
    popup.setStyleSheet(
        f"QListView {{ background: {now.panel}; color: {now.text}; border: 1px solid {now.hairline};"
        " outline: 0; }"
        "QListView::item { border-radius: 5px; padding: 3px 6px; }"
        f"QListView::item:hover, QListView::item:selected {{ background: {now.raised}; }}"
    )
    popup.setMinimumWidth(max(_NARROWEST, entry.width()))


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
        popup = completer.popup()
        assert popup is not None
        dress(popup, self._entry)
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


class CompletingNames(QObject):
    """Offers names while an expression is written: those that begin as the word at the cursor does.

    The list never has the keys itself: Up and Down choose in it, Return or Tab takes the choice, Escape
    closes it. `bare`: what is written is an expression though no = stands before it.
    """

    def __init__(self, entry: QLineEdit, names: Callable[[], Collection[str]], *, bare: bool = False) -> None:
        super().__init__(entry)
        self._entry, self._names, self._bare = entry, names, bare
        self._list: QListWidget | None = None
        entry.installEventFilter(self)
        entry.textEdited.connect(self._typed)

    @property
    def offered(self) -> tuple[str, ...]:
        """The names on show."""
        shown = self._list
        if shown is None or not shown.isVisible():
            return ()
        return tuple(shown.item(row).text() for row in range(shown.count()))

    def _typed(self, text: str) -> None:
        cursor = self._entry.cursorPosition()
        start = _word_start(text, cursor)
        word, before = text[start:cursor], text[:start]
        found = [name for name in sorted(self._names()) if name.startswith(word) and name != word]
        if found and (self._bare or _in_expression(before)) and (word or _awaits_name(before)):
            self._show(found)
        elif self._list is not None:
            self._list.hide()

    def _show(self, found: Sequence[str]) -> None:
        if self._list is None:
            self._list = _names_list(self._entry)
            self._list.itemClicked.connect(lambda item: self._take(item.text()))
        shown = self._list
        shown.clear()
        shown.addItems(list(found))
        dress(shown, self._entry)
        rows = min(len(found), _MOST_ROWS)
        shown.resize(max(_NARROWEST, self._entry.width()), rows * shown.sizeHintForRow(0) + 4)
        shown.move(self._entry.mapToGlobal(QPoint(0, self._entry.height() + 4)))
        shown.show()

    def _take(self, name: str) -> None:
        """Put the name in place of the word; it is typed then, and not yet confirmed."""
        text, cursor = self._entry.text(), self._entry.cursorPosition()
        start = _word_start(text, cursor)
        self._entry.setText(f"{text[:start]}{name}{text[cursor:]}")
        self._entry.setCursorPosition(start + len(name))
        self._entry.setModified(True)
        if self._list is not None:
            self._list.hide()

    def _key(self, shown: QListWidget, key: int) -> bool:
        """Whether the list has used the key."""
        chosen = shown.currentItem()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            step = 1 if key == Qt.Key.Key_Down else -1
            shown.setCurrentRow((shown.currentRow() + step) % shown.count())
        elif key == Qt.Key.Key_Tab or (chosen is not None and key in _RETURN):
            self._take((chosen or shown.item(0)).text())
        else:
            if key in (*_RETURN, Qt.Key.Key_Escape):
                shown.hide()
            return key == Qt.Key.Key_Escape
        return True

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        shown = self._list
        if shown is None or not shown.isVisible():
            return False
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(shown, event.key())
        if event.type() in (QEvent.Type.FocusOut, QEvent.Type.Hide):
            shown.hide()
        return False


def _names_list(entry: QLineEdit) -> QListWidget:
    """A list that shows without taking the keys."""
    made = QListWidget(entry)
    made.setWindowFlags(Qt.WindowType.ToolTip | Qt.WindowType.FramelessWindowHint)
    made.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
    made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return made


def _word_start(text: str, cursor: int) -> int:
    start = cursor
    while start and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    return start if not text[start:cursor][:1].isdigit() else cursor


def _in_expression(before: str) -> bool:
    """Whether what stands before the cursor belongs to an expression, alone or as an item of a list."""
    depth, start = 0, 0
    for place, sign in enumerate(before):
        depth += (sign in "([") - (sign in ")]")
        if sign in ",×" and not depth:
            start = place + 1
    return before[start:].lstrip().startswith("=")


def _awaits_name(before: str) -> bool:
    """Whether a name could follow here, with no letter of it written."""
    return before.rstrip()[-1:] in tuple("=+-*/%(<,")
