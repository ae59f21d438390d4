"""Text in the product's few styles: headings, captions, numbers, elided lines and empty states.

The style sheet gives each its font and colour by the dynamic property `role`; nothing here knows a colour.
Words may come from somebody else's file, and Qt reads as HTML what looks like it: every label is made here,
and shows its words as they are.
"""

from __future__ import annotations

from html import escape
from typing import NamedTuple

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from nodes.shown_text import LINE, shown


def literal(words: str) -> str:
    """The words for a menu or a button, where Qt takes a single & for the mark of a key.

    They stand on one line; behind a tab are the keys of an entry of a menu.
    """
    return "\t".join(shown(part, LINE) for part in words.split("\t")).replace("&", "&&")


def set_title(window: QWidget, words: str) -> None:
    """Name a window by these words; Qt would take `[*]` for the place of its mark of changes."""
    window.setWindowTitle(shown(words, LINE).replace("[*]", "[*][*]"))


class Label(QLabel):
    """Words as they are: plain text, whatever they look like."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)


class Span(NamedTuple):
    """Words in a colour; with `target` they are a link that is told by `linkActivated`."""

    words: str
    colour: str
    target: str = ""

    def markup(self) -> str:
        style = f"color:{self.colour};text-decoration:none"
        if self.target:
            return f'<a href="{escape(self.target)}" style="{style}">{escape(self.words)}</a>'
        return f'<span style="{style}">{escape(self.words)}</span>'


class SpanLabel(QLabel):
    """Words of which some are coloured or links; all of them are shown as they are."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)

    def show_parts(self, parts: list[str | Span]) -> None:
        """Show these one after the other; a newline in a plain part begins a new line."""
        made = (
            escape(part).replace("\n", "<br>") if isinstance(part, str) else part.markup() for part in parts
        )
        self.setText("".join(made))


def _label(text: str, role: str) -> Label:
    label = Label(text)
    label.setProperty("role", role)
    return label


def heading(text: str) -> Label:
    """The one heading of a panel: 14 px semibold."""
    return _label(text, "heading")


def caption(text: str) -> Label:
    """Secondary words beside a value or under a heading: 11 px, muted."""
    return _label(text, "caption")


def body(text: str) -> Label:
    """A paragraph that wraps: 12 px, muted."""
    label = _label(text, "body")
    label.setWordWrap(True)
    return label


def mono_label(text: str) -> Label:
    """Numbers and shapes: 11 px JetBrains Mono."""
    return _label(text, "mono")


class ElidedLabel(Label):
    """One line that is cut with … where the room ends; the whole text is then its tooltip."""

    def __init__(
        self,
        text: str = "",
        role: str = "",
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        parent: QWidget | None = None,
    ) -> None:
        self._mode = mode
        self._own_tooltip = False
        super().__init__(text, parent)
        if role:
            self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance("…"), super().minimumSizeHint().height())

    def setText(self, text: str) -> None:
        words = shown(text, LINE)
        if words != self.text():
            super().setText(words)
            self._update_tooltip()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._update_tooltip()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        rect = self.contentsRect()
        shown = self.fontMetrics().elidedText(self.text(), self._mode, rect.width())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(rect, int(self.alignment() | Qt.AlignmentFlag.AlignVCenter), shown)
        painter.end()

    def _update_tooltip(self) -> None:
        cut = self.fontMetrics().horizontalAdvance(self.text()) > self.contentsRect().width()
        if cut and (self._own_tooltip or not self.toolTip()):
            self.setToolTip(self.text())
            self._own_tooltip = True
        elif not cut and self._own_tooltip:
            self.setToolTip("")
            self._own_tooltip = False


class EmptyState(QWidget):
    """What a panel shows where it has nothing yet: what this place is for, and what to do to fill it."""

    def __init__(self, title: str, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = _label(title, "empty-title")
        self.hint = _label(hint, "empty-hint")
        for label in (self.title, self.hint):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(4)
        layout.addStretch(2)
        layout.addWidget(self.title)
        layout.addWidget(self.hint)
        layout.addStretch(3)

    def set_text(self, title: str, hint: str) -> None:
        self.title.setText(title)
        self.hint.setText(hint)
