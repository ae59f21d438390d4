"""Cards of what needs a person: doubts as questions with their answers, warnings, and what was refused."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.style import theme
from app.widgets.buttons import Chip, QuietButton
from app.widgets.flow import ChipFlow
from app.widgets.text import ElidedLabel, Label, body, caption
from nodes.reading.look import Answer, Doubt
from nodes.shown_text import LINE, LINES, more_of, shown, shown_lines

MOST_DOUBTS = 12
"""Questions that are asked at once; the others are counted and come when these are settled."""


class Notice(QWidget):
    """A card with a coloured edge: "warn" for what can be corrected, "bad" for what is refused."""

    def __init__(self, tint: str) -> None:
        super().__init__()
        self._tint = tint
        self.setObjectName("notice")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(14, 12, 14, 12)
        self.column.setSpacing(4)
        theme.changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        edge = getattr(theme.current(), self._tint)
        ground = theme.colour(edge, 0.1).name(QColor.NameFormat.HexArgb)
        line = theme.colour(edge, 0.45).name(QColor.NameFormat.HexArgb)
        self.setStyleSheet(
            f"#notice {{ background: {ground}; border: 1px solid {line}; border-radius: 8px; }}"
        )


class DoubtCard(Notice):
    """A question, why it is asked, and its answers; the one that is taken is ticked."""

    answered = Signal(object)  # Answer

    def __init__(self, doubt: Doubt) -> None:
        super().__init__("warn")
        self.doubt = doubt
        question = Label(shown_lines(doubt.question))
        question.setProperty("role", "strong")
        question.setWordWrap(True)
        line = QHBoxLayout()
        line.setSpacing(12)
        line.addWidget(question, 1)
        if doubt.where:
            where = Label(shown(_short(doubt.where), 60))
            where.setProperty("role", "mono")
            where.setToolTip(shown(doubt.where, LINE))
            line.addWidget(where, 0, Qt.AlignmentFlag.AlignTop)
        self.column.addLayout(line)
        if doubt.why:
            self.column.addWidget(body(as_sentence(doubt.why)))
        answers = QWidget()
        flow = ChipFlow(answers, 6)
        self.buttons = [self._button(at, answer) for at, answer in enumerate(doubt.answers)]
        for button in self.buttons:
            flow.addWidget(button)
        self.column.addSpacing(4)
        self.column.addWidget(answers)
        self.setAccessibleName(question.text())

    def _button(self, at: int, answer: Answer) -> Chip:
        taken, title = at == self.doubt.taken, answer.title.rstrip(".")
        button = Chip(f"✓ {title}" if taken else title)
        button.setCheckable(True)
        button.setChecked(taken)
        button.setToolTip("How it is read now" if taken else "Read it so")
        button.clicked.connect(lambda: self._choose(at))
        return button

    def show_taken(self) -> None:
        """Tick what is taken, whatever was clicked since."""
        self._tick(self.doubt.taken)

    def _tick(self, at: int) -> None:
        for place, button in enumerate(self.buttons):
            button.setChecked(place == at)

    def _choose(self, at: int) -> None:
        self._tick(at)
        if at != self.doubt.taken:
            self.answered.emit(self.doubt.answers[at])


class Doubts(QWidget):
    """All questions, one card each."""

    answered = Signal(object)  # Answer

    def __init__(self) -> None:
        super().__init__()
        self.cards: list[DoubtCard] = []
        self._shown: tuple[Doubt, ...] | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)

    def show_doubts(self, doubts: tuple[Doubt, ...]) -> None:
        """Ask these; each card is made anew only where the questions are others."""
        if doubts == self._shown:
            for card in self.cards:
                card.show_taken()
            return
        self._shown = doubts
        _empty(self._column)
        self.cards = [DoubtCard(doubt) for doubt in doubts[:MOST_DOUBTS]]
        for card in self.cards:
            card.answered.connect(self.answered)
            self._column.addWidget(card)
        if len(doubts) > MOST_DOUBTS:
            self._column.addWidget(caption(more_of(len(doubts) - MOST_DOUBTS)))


class Warnings(QWidget):
    """Sentences on what is left out or unusual, each with a dot."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[Label] = []
        self._dots: list[Label] = []
        self._shown: tuple[str, ...] | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        theme.changed.connect(self._dress)

    def show_warnings(self, warnings: Sequence[str]) -> None:
        """Show these sentences."""
        if tuple(warnings) == self._shown:
            return
        self._shown = tuple(warnings)
        _empty(self._column)
        self.lines, self._dots = [], []
        told = list(warnings[:LINES])
        if len(warnings) > LINES:
            told.append(more_of(len(warnings) - LINES))
        for sentence in told:
            self._add(as_sentence(sentence))
        self._dress()

    def _add(self, sentence: str) -> None:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(2, 0, 0, 0)
        line.setSpacing(8)
        dot, words = Label("●"), body(shown_lines(sentence))
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        line.addWidget(dot, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(words, 1)
        self._column.addWidget(row)
        self.lines.append(words)
        self._dots.append(dot)

    def _dress(self) -> None:
        tokens = theme.current()
        for dot in self._dots:
            dot.setStyleSheet(f"color: {tokens.warn}; font-size: 8px; padding-top: 4px;")
        for words in self.lines:
            words.setStyleSheet(f"color: {tokens.text};")


class RefusedNotice(Notice):
    """Why the last choice could not be read, while what was understood before stays below it."""

    take_back = Signal()

    def __init__(self) -> None:
        super().__init__("bad")
        self.title = ElidedLabel("That choice cannot be read", role="strong")
        self.words = body("")
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.button = QuietButton("Take it back", "undo")
        self.button.clicked.connect(self.take_back)
        row = QHBoxLayout()
        row.setSpacing(12)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.title)
        words.addWidget(self.words)
        row.addLayout(words, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        self.column.addLayout(row)
        theme.changed.connect(self._dress_words)
        self._dress_words()
        self.hide()

    def show_message(self, message: str) -> None:
        """Show why; empty: nothing is refused."""
        self.words.setText(shown_lines(message))
        self.setVisible(bool(message))

    def _dress_words(self) -> None:
        self.words.setStyleSheet(f"color: {theme.current().text};")


def as_sentence(words: str) -> str:
    """The words as one sentence that stands alone. A name at its beginning, as of a file, stays as it is."""
    told = shown_lines(words.strip())
    if told.partition(" ")[0].replace("’", "").isalpha():
        told = told[:1].upper() + told[1:]
    return told + ("" if told.endswith((".", "!", "?", "…")) else ".")


def _short(where: str) -> str:
    """A place without the folders of a path."""
    head, _, rest = where.partition(": ")
    name = head.replace("\\", "/").rpartition("/")[2] or head
    return f"{name}: {rest}" if rest else name


def _empty(layout: QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
