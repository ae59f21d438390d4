"""The step of a lesson on show: its words, what to do, its checks, and a hint for who asks for one."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.lessons.check_row import CheckRow
from app.widgets.buttons import LinkButton
from app.widgets.text import Label, caption
from engine.document.lesson import LessonStep
from engine.lessons.check import CheckOutcome
from engine.lessons.registry import made

_MARGIN = 16


class StepView(QWidget):
    """One step, made anew for each. `answered` tells the place of a check and what was answered."""

    answered = Signal(int, str)

    def __init__(self, step: LessonStep) -> None:
        super().__init__()
        self.setProperty("role", "scrolled")
        self.rows: list[CheckRow] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(_MARGIN, 14, _MARGIN, 16)
        column.setSpacing(10)
        title = _paragraph(step.title)
        title.setProperty("role", "lesson-title")
        column.addWidget(title)
        for part in _paragraphs(step.text):
            column.addWidget(_paragraph(part))
        if step.task or step.checks:
            column.addWidget(self._tasks(step))
        self.hint_button = LinkButton("Show a hint")
        self.hint = _paragraph(step.hint)
        self.hint.setProperty("role", "lesson-hint")
        self.hint.hide()
        self.hint_button.setVisible(bool(step.hint))
        self.hint_button.clicked.connect(self._toggle_hint)
        column.addWidget(self.hint_button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.hint)
        column.addStretch(1)

    def show_outcomes(self, outcomes: tuple[CheckOutcome, ...]) -> None:
        """What each check says now."""
        for row, outcome in zip(self.rows, outcomes, strict=False):
            row.show_outcome(outcome)

    def _tasks(self, step: LessonStep) -> QWidget:
        box = QFrame()
        box.setProperty("role", "lesson-task")
        column = QVBoxLayout(box)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(8)
        if step.task:
            column.addWidget(caption("DO THIS"))
            for part in _paragraphs(step.task):
                column.addWidget(_paragraph(part))
        for place, check in enumerate(made(step)):
            row = CheckRow(check, place)
            row.answered.connect(self.answered)
            self.rows.append(row)
            column.addWidget(row)
        return box

    def _toggle_hint(self) -> None:
        shown = self.hint.isHidden()
        self.hint.setVisible(shown)
        self.hint_button.setText("Hide the hint" if shown else "Show a hint")


def _paragraphs(text: str) -> list[str]:
    return [part.strip() for part in text.split("\n\n") if part.strip()]


def _paragraph(text: str) -> Label:
    label = Label(text)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
