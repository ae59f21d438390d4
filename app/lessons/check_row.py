"""One check of a step on show: whether it holds, its sentence, and for a question the way to answer it."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.style import theme
from app.widgets.buttons import Chip, QuietButton
from app.widgets.file_drops import LineField
from app.widgets.flow import ChipFlow
from app.widgets.text import Label, body
from engine.lessons.check import Check, CheckOutcome
from engine.lessons.kinds.answered import LessonQuestion

_MARK = 16


class StateMark(QWidget):
    """A ring that is filled and ticked where a check holds."""

    def __init__(self, size: int = _MARK) -> None:
        super().__init__()
        self._is_met = False
        self.setFixedSize(size, size)

    def show_met(self, is_met: bool) -> None:
        self._is_met = is_met
        self.setAccessibleName("done" if is_met else "not done yet")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ring = self.rect().adjusted(1, 1, -2, -2)
        if not self._is_met:
            painter.setPen(QPen(QColor(tokens.faint), 1.5))
            painter.drawEllipse(ring)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.good))
            painter.drawEllipse(self.rect().adjusted(0, 0, -1, -1))
            pen = QPen(QColor(tokens.panel), 1.8)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            side = self.width() / 16
            points = [(4.6, 8.0), (7.0, 10.4), (11.2, 5.6)]
            for (x1, y1), (x2, y2) in pairwise(points):
                painter.drawLine(round(x1 * side), round(y1 * side), round(x2 * side), round(y2 * side))
        painter.end()


class CheckRow(QWidget):
    """A check of the step: `answered` tells what was typed or chosen."""

    answered = Signal(int, str)

    def __init__(self, check: Check | str, place: int) -> None:
        super().__init__()
        self.place = place
        self.mark, self.words = StateMark(), body("")
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.field: LineField | None = None
        self.choices: list[Chip] = []
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        if isinstance(check, LessonQuestion):
            self._ask(check, column)
        column.addWidget(self.words)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(10)
        line.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(column, 1)

    def show_outcome(self, outcome: CheckOutcome) -> None:
        """Whether it holds now, and why."""
        self.mark.show_met(outcome.is_met)
        self.words.setText(outcome.sentence)

    def _ask(self, check: LessonQuestion, column: QVBoxLayout) -> None:
        question = Label(check.question)
        question.setWordWrap(True)
        column.addWidget(question)
        offered = check.offered()
        if not offered:
            self._offer_field(check.question, column)
            return
        holder = QWidget()
        flow = ChipFlow(holder, 6)
        flow.setContentsMargins(0, 0, 0, 0)
        for words in offered:
            chip = Chip(words)
            chip.setCheckable(True)
            chip.clicked.connect(lambda _=False, chosen=words: self._choose(chosen))
            flow.addWidget(chip)
            self.choices.append(chip)
        column.addWidget(holder)

    def _offer_field(self, question: str, column: QVBoxLayout) -> None:
        self.field = LineField()
        self.field.setProperty("role", "number")
        self.field.setPlaceholderText("Your answer")
        self.field.setAccessibleName(question)
        self.field.setMaximumWidth(160)
        button = QuietButton("Check")
        button.clicked.connect(self._answer)
        self.field.returnPressed.connect(self._answer)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.field)
        line.addWidget(button)
        line.addStretch(1)
        column.addLayout(line)

    def _answer(self) -> None:
        assert self.field is not None
        self.answered.emit(self.place, self.field.text())

    def _choose(self, words: str) -> None:
        for chip in self.choices:
            chip.setChecked(chip.text() == words)
        self.answered.emit(self.place, words)
