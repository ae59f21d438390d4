"""Questions that need an answer and messages too long for a toast, in the product's own form.

Each asks one thing, in a sentence, with a verb on every button.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.widgets.buttons import GraveButton, PrimaryButton, QuietButton
from app.widgets.text import Label, body, heading, mono_label, set_title
from nodes.shown_text import LINE, more_of, shown

MOST_DETAILS = 100
"""Lines that a message lists."""


class DialogChoice(NamedTuple):
    """A button of a question: what it returns, and its verb.

    Enter takes the `primary` one. One that is `grave` cannot be taken back: Enter takes the first other one.
    """

    id: str
    title: str
    primary: bool = False
    grave: bool = False


class Dialog(QDialog):
    """A heading, a paragraph, whatever is put into `content`, and a row of buttons at the right."""

    def __init__(
        self, parent: QWidget | None, title: str, text: str, choices: Sequence[DialogChoice]
    ) -> None:
        super().__init__(parent)
        title = shown(title, LINE)
        set_title(self, title)
        self.setModal(True)
        self.setMinimumWidth(420)
        self.chosen = ""
        self.buttons: dict[str, QPushButton] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(8)
        layout.addWidget(heading(title))
        self.words = body(text)
        self.words.setVisible(bool(text))
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout.addWidget(self.words)
        self.content = QVBoxLayout()
        self.content.setSpacing(8)
        layout.addLayout(self.content, 1)
        layout.addSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        for choice in choices:
            made = GraveButton if choice.grave else PrimaryButton if choice.primary else QuietButton
            button = made(choice.title)
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, answer=choice.id: self.answer(answer))
            self.buttons[choice.id] = button
            row.addWidget(button)
        layout.addLayout(row)
        first = next((choice for choice in choices if choice.primary), choices[0])
        self.buttons[first.id].setDefault(True)
        self.buttons[first.id].setFocus()

    def answer(self, answer: str) -> None:
        """Close with this answer."""
        self.chosen = answer
        self.accept()


def ask(parent: QWidget | None, title: str, text: str, choices: Sequence[DialogChoice]) -> str:
    """The id of the chosen button; "" where the question was closed."""
    dialog = Dialog(parent, title, text, choices)
    dialog.exec()
    dialog.deleteLater()
    return dialog.chosen


def tell(parent: QWidget | None, title: str, text: str, details: Sequence[str] = ()) -> None:
    """A message that waits to be read; `details` are listed in mono below it."""
    dialog = Dialog(parent, title, text, (DialogChoice("close", "Close", primary=True),))
    if details:
        lines = [shown(line, LINE) for line in details[:MOST_DETAILS]]
        if len(details) > MOST_DETAILS:
            lines.append(more_of(len(details) - MOST_DETAILS))
        listing = QPlainTextEdit("\n".join(lines))
        listing.setProperty("role", "mono")
        listing.setReadOnly(True)
        listing.setMinimumSize(480, min(60 + 18 * len(lines), 260))
        dialog.content.addWidget(listing)
    dialog.exec()
    dialog.deleteLater()


def ask_text(parent: QWidget | None, title: str, text: str, value: str, verb: str) -> str | None:
    """One line of text; None where the question was closed."""
    dialog = Dialog(
        parent, title, text, (DialogChoice("cancel", "Cancel"), DialogChoice("take", verb, primary=True))
    )
    line = QLineEdit(value)
    line.selectAll()
    line.returnPressed.connect(lambda: dialog.answer("take"))
    dialog.content.addWidget(line)
    line.setFocus()
    dialog.exec()
    dialog.deleteLater()
    return line.text().strip() if dialog.chosen == "take" else None


def ask_choice(
    parent: QWidget | None, title: str, text: str, options: Sequence[tuple[str, str]], verb: str
) -> str | None:
    """One of several (id, words); None where the question was closed."""
    dialog = Dialog(
        parent, title, text, (DialogChoice("cancel", "Cancel"), DialogChoice("take", verb, primary=True))
    )
    names = QListWidget()
    for answer, words in options:
        item = QListWidgetItem(words, names)
        item.setData(Qt.ItemDataRole.UserRole, answer)
    names.setCurrentRow(0)
    names.setMinimumHeight(min(240, 28 * len(options) + 12))
    names.itemDoubleClicked.connect(lambda _item: dialog.answer("take"))
    dialog.content.addWidget(names)
    names.setFocus()
    dialog.exec()
    dialog.deleteLater()
    return str(names.currentItem().data(Qt.ItemDataRole.UserRole)) if dialog.chosen == "take" else None


def listing(parent: QWidget | None, title: str, sections: dict[str, list[tuple[str, str]]]) -> Dialog:
    """A dialog of names and keys under headings, in two columns (the keyboard shortcuts)."""
    dialog = Dialog(parent, title, "", (DialogChoice("close", "Close", primary=True),))
    inner = QWidget()
    inner.setProperty("role", "scrolled")
    grid = QGridLayout(inner)
    grid.setContentsMargins(0, 0, 16, 0)
    grid.setHorizontalSpacing(24)
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(0, 1)
    row = 0
    for name, entries in sections.items():
        label = Label(name)
        label.setProperty("role", "section")
        grid.addWidget(label, row, 0, 1, 2)
        row += 1
        for what, keys in entries:
            grid.addWidget(Label(what), row, 0)
            key = mono_label(keys)
            key.setProperty("role", "key")
            grid.addWidget(key, row, 1, Qt.AlignmentFlag.AlignRight)
            row += 1
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(inner)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    dialog.content.addWidget(area)
    for words in inner.findChildren(Label):
        words.ensurePolished()  # their width depends on the style
    area.setMinimumSize(max(460, inner.sizeHint().width() + area.verticalScrollBar().sizeHint().width()), 460)
    dialog.setMinimumWidth(area.minimumWidth() + 48)
    return dialog
