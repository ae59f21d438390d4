"""Answers the last question that was asked, in a thread of its own; what was asked before is called off.

Torch's random state belongs to the whole process. A question whose answer needs it holds it: a run that is to
begin calls the work off and waits until the thread has let go.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Signal

from app.state import warmup
from app.state.run_controller import RunController
from app.widgets.background_task import BackgroundTask

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class QuestionSignals(QObject):
    """What a panel that asks can listen to, in the thread of the window."""

    changed = Signal()  # asked, answered or called off
    answered = Signal(object, object)  # the question and its answer
    progressed = Signal(str)  # how far the work is, in words


class LastQuestion(Generic[Question, Answer]):
    """`work` answers in the thread. `failed` makes an answer of the words of a mistake of the program, which
    is reported as well. `name` names the thread.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[Question], Answer],
        failed: Callable[[str], Answer],
        controller: RunController,
        parent: QObject,
    ) -> None:
        self._answer, self._as_failed, self._controller = work, failed, controller
        self.signals = QuestionSignals(parent)
        self.changed, self.answered = self.signals.changed, self.signals.answered
        self.progressed = self.signals.progressed
        self.question: Question | None = None
        """The one that is not answered yet."""
        self._has_share = False
        self._task = BackgroundTask(name, self._work, self.signals)
        self._task.answered.connect(self._done)
        self._task.failed.connect(self._failed)
        self._task.progressed.connect(self._progressed)

    @property
    def is_busy(self) -> bool:
        return self.question is not None

    def ask(self, question: Question, *, uses_torch: bool = True) -> None:
        """Answer this one. What was asked before is called off."""
        self._task.call_off()
        self.question, self._has_share = question, False
        if uses_torch:
            self._controller.draws.hold_engine(question, self.cancel)
        self._task.ask(question)
        self.changed.emit()

    def cancel(self) -> None:
        """End what is under way, soon; it is not answered."""
        self._task.call_off()
        if self.question is not None:
            self.question = None
            self.changed.emit()

    def wait(self) -> None:
        """Until no thread is at work."""
        self._task.wait()

    def _work(self, question: Question) -> Answer:
        """In the thread. Raises `CalledOffError` where it is called off."""
        try:
            warmup.load_engine()
            return self._answer(question)
        finally:
            self._controller.draws.let_engine_go(question)

    def _done(self, question: object, answer: object) -> None:
        if question is self.question:
            self.question = None
            self.answered.emit(question, answer)
            self.changed.emit()

    def _failed(self, question: object, error: str) -> None:
        self._done(question, self._as_failed(error))

    def _progressed(self, question: object, told: tuple[str, float | None]) -> None:
        """A share says more than words alone, so these do not replace one."""
        what, share = told
        if question is not self.question or (share is None and self._has_share):
            return
        self._has_share = share is not None
        self.progressed.emit(what if share is None else f"{what} · {share:.0%}")
