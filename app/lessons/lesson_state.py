"""Where a user is in the lesson of the open project, and what its checks say now. Knows no widget."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from app.lessons import progress
from app.lessons.progress import LessonProgress
from app.state.run_controller import RunController
from app.state.session import Session
from engine.document.changes import same_meaning
from engine.document.lesson import Lesson, LessonStep
from engine.document.project import Project
from engine.lessons.check import CheckOutcome, RunFacts, Situation
from engine.lessons.registry import outcomes

LOOK_MS = 100
"""Milliseconds between two looks while a run goes on."""


class LessonState(QObject):
    """The step on show, the steps that are done, and the outcomes of the step's checks.

    `step_changed`: another step is on show, or its words are others. `outcomes_changed`: a check says
    something else, or another step is done.
    """

    step_changed = Signal()
    outcomes_changed = Signal()

    def __init__(self, session: Session, controller: RunController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._controller = session, controller
        self._report_is_old = False
        self.is_written = False
        """Whether somebody writes the lesson: its progress is then neither read nor kept."""
        self.answers: dict[int, str] = {}
        self.outcomes: tuple[CheckOutcome, ...] = ()
        self._progress = LessonProgress()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        session.project_changed.connect(self._on_project)
        session.report_changed.connect(self._on_report)
        controller.state_changed.connect(self._look_soon)
        controller.events.connect(self._look_soon)
        self._take_up()

    @property
    def lesson(self) -> Lesson:
        return self._session.project.lesson

    @property
    def place(self) -> int:
        """The place of the step on show."""
        return min(self._progress.step, max(len(self.lesson.steps) - 1, 0))

    @property
    def step(self) -> LessonStep | None:
        """The step on show; None where the project has no lesson."""
        steps = self.lesson.steps
        return steps[self.place] if steps else None

    @property
    def done(self) -> frozenset[int]:
        """The places of the steps that are done."""
        return self._progress.done

    @property
    def is_met(self) -> bool:
        """Whether every check of the step on show holds."""
        return all(outcome.is_met for outcome in self.outcomes)

    # What a person does ----------------------------------------------------------------------

    def go(self, place: int) -> None:
        """Show another step. One without checks is done once it is left forwards."""
        count = len(self.lesson.steps)
        if not 0 <= place < count or place == self.place:
            return
        step = self.step
        if place > self.place and step is not None and not step.checks:
            self._note_done(self.place)
        self.answers = {}
        self._keep(LessonProgress(place, self.done))
        self.look()
        self.step_changed.emit()

    def finish(self) -> None:
        """The last step was read to its end."""
        step = self.step
        if step is not None and not step.checks:
            self._note_done(self.place)
            self.outcomes_changed.emit()

    def answer(self, check: int, words: str) -> None:
        """An answer to the question at this place among the checks of the step."""
        self.answers[check] = words
        self.look()

    def restart(self) -> None:
        """Begin again: nothing is done."""
        self.answers = {}
        self._keep(LessonProgress())
        self.look()
        self.step_changed.emit()

    # What happens ----------------------------------------------------------------------------

    def look(self) -> None:
        """Look at the drawing and its run now."""
        step = self.step
        found = outcomes(step, self._situation()) if step is not None else ()
        before = (self.outcomes, self.done)
        self.outcomes = found
        if step is not None and step.checks and self.is_met and not self._report_is_old:
            self._note_done(self.place)
        if before != (self.outcomes, self.done):
            self.outcomes_changed.emit()

    def _situation(self) -> Situation:
        held = self._controller
        measured = held.history.training_metrics
        facts = RunFacts(
            state=held.state,
            steps=held.progress.step if held.progress is not None else 0,
            is_current=held.run is not None and not held.drawing.is_outdated,
            losses=held.losses,
            validation=held.validation_losses,
            metrics=held.metrics,
            training_metrics={path: float(line.values[-1]) for path, line in measured.items() if len(line)},
        )
        return Situation(self._session.project, self._session.report, facts, dict(self.answers))

    def _on_project(self, old: Project, new: Project) -> None:
        if not same_meaning(old, new):
            self._report_is_old = True
        if old.lesson is new.lesson:
            self._look_soon()
            return
        if not self.is_written:
            self._take_up()
        self.look()
        self.step_changed.emit()

    def _on_report(self) -> None:
        self._report_is_old = False
        self.look()

    def _look_soon(self, *_: object) -> None:
        if self.lesson.steps and not self._timer.isActive():
            self._timer.start()

    def _take_up(self) -> None:
        self._progress = progress.remembered(self.lesson)
        self.answers = {}

    def _note_done(self, place: int) -> None:
        if place not in self.done:
            self._keep(LessonProgress(self._progress.step, self.done | {place}))

    def _keep(self, held: LessonProgress) -> None:
        self._progress = held
        if self.lesson.steps and not self.is_written:
            progress.remember(self.lesson, held)
