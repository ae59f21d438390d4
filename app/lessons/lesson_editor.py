"""Writes a lesson: the words of a step, its checks, and the order of the steps. Each change can be undone."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QScrollArea, QVBoxLayout, QWidget

from app.lessons.check_editor import CheckEditor
from app.state.session import Session
from app.widgets.buttons import IconButton, LinkButton, PrimaryButton, QuietButton
from app.widgets.file_drops import LineField
from app.widgets.lines import hairline
from app.widgets.menus import Menu
from app.widgets.text import body, caption, heading
from engine.document.edits.lesson import add_step, change_step, move_step, remove_step, set_lesson
from engine.document.lesson import LessonCheck, LessonStep
from engine.lessons.registry import checks

_PARTS = (("text", "Explanation", 110), ("task", "What to do", 60), ("hint", "Hint", 44))
"""The longer words of a step: field, heading, height in pixels."""


class LessonEditor(QWidget):
    """The step at `place` in fields; `closed` says that writing has ended."""

    closed = Signal()

    def __init__(self, session: Session, place: int) -> None:
        super().__init__()
        self._session, self.place = session, place
        self._filling = False
        self.lesson_title, self.title = LineField(), LineField()
        self.texts = {name: _text_field(height) for name, _, height in _PARTS}
        self.checks: list[CheckEditor] = []
        self.where = heading("")
        self.earlier = IconButton("chevron-left", "The step before")
        self.later = IconButton("chevron-right", "The next step")
        self.add = QuietButton("Add a step", "plus")
        self.remove = IconButton("trash-can-outline", "Remove this step")
        self.up = IconButton("chevron-up", "Move this step forward")
        self.down = IconButton("chevron-down", "Move this step back")
        self.done = PrimaryButton("Done")
        self.add_check = LinkButton("Add a check")
        self._checks = QVBoxLayout()
        self._checks.setSpacing(8)
        self._lay_out()
        self._connect()
        if not session.project.lesson.steps:
            self._add_step()
        self.refresh()
        session.project_changed.connect(self.refresh)

    @property
    def steps(self) -> tuple[LessonStep, ...]:
        return self._session.project.lesson.steps

    def refresh(self) -> None:
        """Show the step as it is in the project now."""
        self.place = min(self.place, len(self.steps) - 1)
        if self.place < 0:
            self.place = 0
            self.closed.emit()
            return
        self._filling = True
        step = self.steps[self.place]
        _fill(self.lesson_title, self._session.project.lesson.title)
        _fill(self.title, step.title)
        for name, field in self.texts.items():
            if field.toPlainText() != getattr(step, name):
                field.setPlainText(getattr(step, name))
        self.where.setText(f"Step {self.place + 1} of {len(self.steps)}")
        self.earlier.setEnabled(self.place > 0)
        self.later.setEnabled(self.place + 1 < len(self.steps))
        self.up.setEnabled(self.place > 0)
        self.down.setEnabled(self.place + 1 < len(self.steps))
        self._show_checks(step)
        self._filling = False

    # Making ----------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        inside = QWidget()
        inside.setProperty("role", "scrolled")
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(6)
        for name, field in (("Lesson", self.lesson_title), ("Title of the step", self.title)):
            column.addWidget(caption(name))
            field.setAccessibleName(name)
            column.addWidget(field)
        for name, words, _ in _PARTS:
            column.addWidget(caption(words))
            self.texts[name].setAccessibleName(words)
            column.addWidget(self.texts[name])
        column.addSpacing(4)
        column.addWidget(body("Done when all of these hold; without checks, when it has been read."))
        column.addLayout(self._checks)
        column.addWidget(self.add_check, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(_row((16, 10, 10, 8), self.where, None, self.earlier, self.later))
        outer.addWidget(hairline())
        outer.addWidget(scroll, 1)
        outer.addWidget(hairline())
        buttons = (self.add, self.up, self.down, self.remove, None, self.done)
        outer.addLayout(_row((16, 10, 16, 12), *buttons))

    def _connect(self) -> None:
        self.lesson_title.textEdited.connect(self._name_lesson)
        self.title.textEdited.connect(lambda words: self._write("title", words))
        for name, field in self.texts.items():
            field.textChanged.connect(lambda name=name, field=field: self._write(name, field.toPlainText()))
        self.earlier.clicked.connect(lambda: self._go(self.place - 1))
        self.later.clicked.connect(lambda: self._go(self.place + 1))
        self.add.clicked.connect(self._add_step)
        self.remove.clicked.connect(self._remove_step)
        self.up.clicked.connect(lambda: self._move(-1))
        self.down.clicked.connect(lambda: self._move(1))
        self.done.clicked.connect(self.closed)
        self.add_check.clicked.connect(self._offer_checks)

    # Steps -----------------------------------------------------------------------------------

    def _go(self, place: int) -> None:
        self.place = place
        self.refresh()

    def _add_step(self) -> None:
        at = self.place + 1 if self.steps else 0
        self.place = at
        step = LessonStep("New step")
        self._session.attempt(lambda project: add_step(project, at, step), "Add a step")

    def _remove_step(self) -> None:
        self._session.attempt(lambda project: remove_step(project, self.place), "Remove a step")

    def _move(self, way: int) -> None:
        place, to = self.place, self.place + way
        self.place = to
        self._session.attempt(lambda project: move_step(project, place, to), "Move a step")

    def _name_lesson(self, words: str) -> None:
        self._session.attempt(
            lambda project: set_lesson(project, title=words), "Name the lesson", "lesson title"
        )

    def _write(self, name: str, words: str) -> None:
        if not self._filling:
            self._change(
                lambda step: msgspec.structs.replace(step, **{name: words}), f"lesson {self.place} {name}"
            )

    def _change(self, change: Callable[[LessonStep], LessonStep], merge: str | None = None) -> None:
        place = self.place
        self._session.attempt(lambda project: change_step(project, place, change), "Write the lesson", merge)

    # Checks ----------------------------------------------------------------------------------

    def _show_checks(self, step: LessonStep) -> None:
        kinds = [check.kind for check in step.checks]
        if kinds != [row.kind for row in self.checks]:
            for row in self.checks:
                self._checks.removeWidget(row)
                row.hide()
                row.deleteLater()
            self.checks = [CheckEditor(check.kind) for check in step.checks]
            for place, row in enumerate(self.checks):
                row.edited.connect(lambda name, value, gesture, at=place: self._set(at, name, value, gesture))
                row.reset.connect(lambda name, at=place: self._set(at, name, None, ""))
                row.removed.connect(lambda at=place: self._remove_check(at))
                self._checks.addWidget(row)
        for row, check in zip(self.checks, step.checks, strict=True):
            row.show_values(check.values)

    def _offer_checks(self) -> None:
        menu = Menu(self)
        for kind, declared in sorted(checks().items(), key=lambda pair: pair[1].title):
            action = menu.addAction(declared.title)
            action.triggered.connect(lambda _=False, kind=kind: self._add_check(kind))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.add_check.mapToGlobal(self.add_check.rect().bottomLeft()))

    def _add_check(self, kind: str) -> None:
        self._change(lambda step: msgspec.structs.replace(step, checks=(*step.checks, LessonCheck(kind))))

    def _remove_check(self, at: int) -> None:
        self._change(
            lambda step: msgspec.structs.replace(step, checks=(*step.checks[:at], *step.checks[at + 1 :]))
        )

    def _set(self, at: int, name: str, value: object, gesture: str) -> None:
        """Set a value of a check; None: its default again."""

        def changed(step: LessonStep) -> LessonStep:
            check = step.checks[at]
            values = {key: held for key, held in check.values.items() if key != name}
            if value is not None:
                values[name] = value
            made = msgspec.structs.replace(check, values=values)
            return msgspec.structs.replace(step, checks=(*step.checks[:at], made, *step.checks[at + 1 :]))

        self._change(changed, f"lesson {self.place} check {at} {name} {gesture}" if gesture else None)


def _row(margins: tuple[int, int, int, int], *widgets: QWidget | None) -> QHBoxLayout:
    """Widgets beside each other; None is the room between."""
    row = QHBoxLayout()
    row.setContentsMargins(*margins)
    row.setSpacing(4)
    for widget in widgets:
        row.addWidget(widget) if widget is not None else row.addStretch(1)
    return row


def _text_field(height: int) -> QPlainTextEdit:
    field = QPlainTextEdit()
    field.setMinimumHeight(height)
    field.setMaximumHeight(2 * height)
    field.setTabChangesFocus(True)
    return field


def _fill(field: LineField, words: str) -> None:
    if field.text() != words:
        field.setText(words)
