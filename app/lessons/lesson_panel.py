"""The panel of a lesson: where one is in it, the step on show, the way on and back, and writing it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QStackedLayout, QToolButton, QVBoxLayout, QWidget

from app.lessons.lesson_state import LessonState
from app.lessons.step_dots import StepDots
from app.lessons.step_view import StepView
from app.state.run_controller import RunController
from app.state.session import Session
from app.widgets.buttons import IconButton, PrimaryButton, QuietButton
from app.widgets.lines import hairline
from app.widgets.menus import Menu
from app.widgets.text import ElidedLabel, EmptyState, caption


class LessonPanel(QWidget):
    """Reads and writes the lesson of the open project. A check that does not hold never blocks the way."""

    def __init__(self, session: Session, controller: RunController) -> None:
        super().__init__()
        self._session = session
        self.state = LessonState(session, controller, self)
        self.view: StepView | None = None
        self.title = ElidedLabel("", "heading")
        self.count = caption("")
        self.more = IconButton("dots-horizontal", "More about the lesson")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = Menu(self)
        self.edit_action, self.restart_action = QAction("Edit the lesson", self), QAction("Start again", self)
        self.menu.addActions([self.edit_action, self.restart_action])
        self.more.setMenu(self.menu)
        self.dots = StepDots()
        self.step_area = QScrollArea()
        self.step_area.setWidgetResizable(True)
        self.step_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.back, self.skip, self.next = QuietButton("Back"), QuietButton("Skip"), PrimaryButton("Next")
        self.empty = EmptyState("No lesson", "A lesson explains a drawing step by step. This one has none.")
        self.write = QuietButton("Write a lesson")
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._reading())
        self._stack.addWidget(self._nothing())
        self._editor: QWidget | None = None
        self._connect()
        self._show_step()

    @property
    def is_written(self) -> bool:
        """Whether the lesson is being written."""
        return self._editor is not None and self._stack.currentWidget() is self._editor

    def keyPressEvent(self, event: QKeyEvent) -> None:
        way = {Qt.Key.Key_PageDown: 1, Qt.Key.Key_PageUp: -1}.get(Qt.Key(event.key()))
        if way is None or self.is_written:
            super().keyPressEvent(event)
            return
        self.state.go(self.state.place + way)

    def edit(self) -> None:
        """Write the lesson, at the step on show."""
        from app.lessons.lesson_editor import LessonEditor

        self.state.is_written = True
        editor = LessonEditor(self._session, self.state.place)
        editor.closed.connect(self._read_again)
        self._editor = editor
        self._stack.addWidget(editor)
        self._stack.setCurrentWidget(editor)

    # Making ----------------------------------------------------------------------------------

    def _reading(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(16, 12, 10, 6)
        head.addWidget(self.title, 1)
        head.addSpacing(10)
        head.addWidget(self.count)
        head.addSpacing(4)
        head.addWidget(self.more)
        column.addLayout(head)
        column.addWidget(self.dots)
        column.addWidget(hairline())
        column.addWidget(self.step_area, 1)
        column.addWidget(hairline())
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 10, 16, 12)
        foot.addWidget(self.back)
        foot.addStretch(1)
        foot.addWidget(self.skip)
        foot.addWidget(self.next)
        column.addLayout(foot)
        return page

    def _nothing(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.addWidget(self.empty, 1)
        column.addWidget(self.write, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        return page

    def _connect(self) -> None:
        self.state.step_changed.connect(self._show_step)
        self.state.outcomes_changed.connect(self._show_outcomes)
        self.dots.chosen.connect(self.state.go)
        self.back.clicked.connect(lambda: self.state.go(self.state.place - 1))
        self.next.clicked.connect(self._go_on)
        self.skip.clicked.connect(self._go_on)
        self.edit_action.triggered.connect(self.edit)
        self.write.clicked.connect(self.edit)
        self.restart_action.triggered.connect(self.state.restart)
        self._session.file_changed.connect(self._on_file)

    # Showing ---------------------------------------------------------------------------------

    def _on_file(self) -> None:
        """Another file is open, or the same one was saved."""
        if self.is_written and not self.state.lesson.steps:
            self._read_again()

    def _read_again(self) -> None:
        editor, self._editor = self._editor, None
        self.state.is_written = False
        if editor is not None:
            self._stack.removeWidget(editor)
            editor.deleteLater()
        self._show_step()

    def _go_on(self) -> None:
        if self.state.place + 1 < len(self.state.lesson.steps):
            self.state.go(self.state.place + 1)
        else:
            self.state.finish()

    def _show_step(self) -> None:
        if self.is_written:
            return
        step, lesson = self.state.step, self.state.lesson
        self._stack.setCurrentIndex(0 if step is not None else 1)
        if step is None:
            return
        self.title.setText(lesson.title or self._session.project.name)
        self.view = StepView(step)
        self.view.answered.connect(self.state.answer)
        self.step_area.setWidget(self.view)
        self.back.setEnabled(self.state.place > 0)
        self.state.look()
        self._show_outcomes()

    def _show_outcomes(self) -> None:
        step, count = self.state.step, len(self.state.lesson.steps)
        if step is None or self.view is None or self.is_written:
            return
        self.view.show_outcomes(self.state.outcomes)
        self.count.setText(f"{self.state.place + 1} of {count}")
        titles = [each.title for each in self.state.lesson.steps]
        self.dots.show_steps(titles, self.state.place, self.state.done)
        is_last = self.state.place + 1 == count
        is_done = self.state.place in self.state.done or not step.checks
        self.skip.setVisible(not is_done and not is_last)
        self.next.setVisible(is_done or is_last)
        finished = is_last and self.state.place in self.state.done
        self.next.setText("Finished" if finished else "Finish" if is_last else "Next")
        self.next.setEnabled(not finished and (is_done or not is_last))
