"""Looks at a drawing that does not train: what is watched is computed apart from any run, with the weights of
the newest checkpoint of the run on show, or of the one that is nearest to a chosen step, or with fresh ones.

A run that goes serves its lenses itself, and nothing is done here then. While a drawing is edited, it is
looked at anew a moment after its shapes are known. Knows no widget.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, Protocol

from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance

from app.state import warmup
from app.state.looks.bench import Bench, LookAnswer, LookPart, LookQuestion
from app.state.looks.lens_history import LensHistory, SeenMoment
from app.state.looks.moments import Moments
from app.state.looks.pins import Pins
from app.state.run_drawing import RunDrawing
from app.state.sample_draws import SampleDraws
from app.state.session import Session
from app.widgets.background_task import BackgroundTask
from engine.document.changes import same_meaning
from engine.document.project import Project
from engine.lens.lens import Cost
from engine.lens.registry import LENSES
from engine.messages.events import FRESH, LensFrame
from engine.messages.lens_request import LensKey, LensRequest
from engine.messages.pinned import GivenSample, Pinned
from engine.messages.run_handle import RunHandle

EDITED_MS, ASKED_MS = 200, 30
"""Rest before a look: after an edit, and after something else was asked for."""
MOST_PARAMETERS = 100_000_000
"""Weights of a drawing that is looked at without being asked to train."""
MOST_BYTES = 32 << 20


class LookedRun(Protocol):
    """What looking needs to know of the run on show."""

    session: Session
    run: RunHandle | None
    past: Path | None
    follows: bool
    pins: Pins
    draws: SampleDraws
    drawing: RunDrawing
    moments: Moments
    frames_changed: SignalInstance

    @property
    def is_active(self) -> bool: ...
    @property
    def requests(self) -> frozenset[LensRequest]: ...


class Last(NamedTuple):
    """The newest frame of a request, and the sample that it shows."""

    moment: SeenMoment
    sample: Pinned | None


class Looks(QObject):
    """`steps` are those of the checkpoints, `step` is that of the newest weights that were looked at."""

    changed = Signal()
    _came = Signal(object, object)  # LookQuestion, LookPart; in the thread of the window

    def __init__(self, controller: LookedRun, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._controller, self._session = controller, session
        self.steps: tuple[int, ...] = ()
        self.step: int | None = None
        self.told = ""
        """What is not as one would think: weights that are fresh, or why there is nothing to see."""
        self.troubles: dict[LensKey, str] = {}
        """Why a request could not be served, by its key."""
        self.question: LookQuestion | None = None
        self._history = LensHistory(MOST_BYTES)
        self._last: dict[LensKey, Last] = {}
        self._tried: set[tuple[LensRequest, Pinned | None, int | None]] = set()
        self._is_known = False  # whether the shapes of the present drawing are found
        self._bench = Bench(controller.draws.turn)
        self._work = BackgroundTask("looking without training", self._look, self)
        self._work.answered.connect(self._answered)
        self._work.failed.connect(self._failed)
        self._came.connect(self._take)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._go)
        session.project_changed.connect(self._project_changed)
        session.report_changed.connect(self._report_changed)

    # When ---------------------------------------------------------------------------------------------

    def refresh(self, milliseconds: int = ASKED_MS) -> None:
        """Look, soon, at what is asked for and has not been seen."""
        if not self._timer.isActive() or self._timer.remainingTime() > milliseconds:
            self._timer.start(milliseconds)

    def run_changed(self) -> None:
        """A run began or ended, or another one is on show: which weights there are is not known."""
        self.step, self.steps = None, ()
        self._tried.clear()
        self._history.clear()
        if self.may_look:
            self.refresh()
        else:
            self.cancel()
            self._set_told("")
            self._let_go()

    def sample_changed(self) -> None:
        """Another sample is shown: what is quick of a look that is under way still comes."""
        rows = self._controller.pins.rows
        self._tried = {one for one in self._tried if not isinstance(one[1], GivenSample) or one[1] in rows}
        if self.question is not None:
            self.question.outdated.set()
        self.refresh()

    def cancel(self) -> None:
        """End what is under way, soon; what of it has come stays."""
        self._timer.stop()
        if self.question is not None:
            self.question.called_off.set()
            self._work.call_off()
            self.question = None

    def forget(self) -> None:
        """Another project: nothing of this one is left."""
        self.run_changed()
        self.cancel()
        self._last.clear()
        self.troubles.clear()
        self._set_told("")

    def wait(self) -> None:
        """Until no thread is at work."""
        self._work.wait()

    def close(self, seconds: float = 1.0) -> None:
        """The window goes."""
        self.cancel()
        if self._work.wait(seconds):
            self._bench.close()

    @property
    def may_look(self) -> bool:
        """Whether nobody trains here, so that torch's random state is free."""
        return not self._controller.is_active or self._controller.follows

    def _project_changed(self, old: Project, new: Project) -> None:
        if not same_meaning(old, new):
            self._is_known = False
            self._history.clear()
            self._tried.clear()
            self.troubles.clear()
            if self.question is not None:
                self.cancel()

    def _report_changed(self) -> None:
        self._is_known = bool(self._session.report.nodes)
        if self._is_known:
            self._timer.start(EDITED_MS)  # anew: more edits may follow

    def _let_go(self) -> None:
        """A run needs the memory: what is kept goes, where no thread uses it."""
        if self._work.wait(0):
            self._bench.close()

    # What ---------------------------------------------------------------------------------------------

    def seen(self, key: LensKey, sample: Pinned | None, step: int | None) -> Last | None:
        """The frame of this request nearest to a step (None: the newest weights), of this sample; where there
        is none, what was seen last.
        """
        newest = FRESH if self.step is None else self.step
        found = self._history.nearest((key, sample), newest if step is None else step)
        return Last(found, sample) if found is not None else self._last.get(key)

    def course(self, key: LensKey, sample: Pinned | None) -> tuple[SeenMoment, ...]:
        """What is kept of a request with this sample, in the order of steps."""
        return self._history.course((key, sample))

    def trouble(self, request: LensRequest) -> str:
        """Why this request could not be served apart from a run; empty where it could."""
        return self.troubles.get(request.key, "") if self.may_look else ""

    @property
    def folder(self) -> Path | None:
        """The run whose weights are looked at."""
        run = self._controller.run
        return run.folder if run is not None else self._controller.past

    def point_at(self, step: int | None) -> int | None:
        """The step of the weights that would be taken; None: not known yet."""
        if self.folder is None:
            return FRESH
        if step is None or not self.steps:
            return self.step
        return min(reversed(self.steps), key=lambda one: abs(one - step))

    def _lacking(self) -> list[LensRequest]:
        """The requests that a look would show something new for."""
        step = self._controller.moments.chosen
        point = self.point_at(step)
        found = []
        for request in sorted(self._controller.requests, key=lambda one: (one.kind, one.target, one.pin)):
            if request.kind not in LENSES or LENSES[request.kind].cost is Cost.LOOP:
                continue
            sample = self.sample_of(request.kind, request.pin)
            if (request, sample, point) in self._tried:
                continue
            if point is None or not self._is_seen(request, sample, point, step):
                found.append(request)
        return found

    def _is_seen(self, request: LensRequest, sample: Pinned | None, point: int, step: int | None) -> bool:
        """Whether there is a frame as near to the step as one with the weights of `point` would be."""
        own = self._history.nearest((request.key, sample), point)
        if own is not None and own.frame.step == point:
            return True
        if isinstance(sample, GivenSample):
            last = self._last.get(request.key)
            return last is not None and last.sample == sample and last.moment.frame.step == point
        frame, is_stale = self._controller.drawing.seen_in_run(
            request.kind, request.target, request.options, request.pin, step
        )
        if frame is None or is_stale:
            return False
        return frame.step >= point if step is None else abs(frame.step - step) <= abs(point - step)

    def sample_of(self, kind: str, pin: int) -> Pinned | None:
        """The sample that a lens of this kind shows at this pin; None where it shows none."""
        return self._controller.pins.at(pin) if kind in LENSES and LENSES[kind].of_sample else None

    def _go(self) -> None:
        controller, draws = self._controller, self._controller.draws
        if not (self.may_look and warmup.is_loaded() and self._is_known) or self._is_too_large():
            return
        wanted = self._lacking()
        if not wanted or (self.question is not None and self.question.outdated.is_set()):
            return  # what is under way soon ends, and asks again
        self.cancel()
        if draws.is_held_besides(LookQuestion):
            return  # whoever has it tells when it is free: `refresh` is called then
        folder, pins = self.folder, controller.pins.rows
        question = LookQuestion(self._session.project, tuple(wanted), pins, folder, controller.moments.chosen)
        self.question = question
        draws.hold_engine(question, self.cancel)
        self._work.ask(question)
        self.changed.emit()

    def _is_too_large(self) -> bool:
        count = self._session.report.parameters
        if count > MOST_PARAMETERS:
            self._set_told(f"Not looked at without training: {count:,} weights.")
        return count > MOST_PARAMETERS

    def _look(self, question: LookQuestion) -> LookAnswer:
        """In the thread."""
        try:
            return self._bench.look(question, lambda part: self._tell(question, part))
        finally:
            self._controller.draws.let_engine_go(question)

    def _tell(self, question: LookQuestion, part: LookPart) -> None:
        try:
            self._came.emit(question, part)
        except RuntimeError:
            return  # Qt has deleted this with its window

    # What came ----------------------------------------------------------------------------------------

    def _take(self, question: LookQuestion, part: LookPart) -> None:
        """Frames of a look; those of one that was called off are of a drawing or sample of before."""
        if question is not self.question:
            return
        for frame in part.frames:
            self._note(frame, question)
        for request, words in part.troubles:
            self.troubles[request.key] = words
        targets = {frame.target for frame in part.frames}
        targets |= {request.target for request, _ in part.troubles}
        if targets:
            self._controller.frames_changed.emit(targets)

    def _note(self, frame: LensFrame, question: LookQuestion) -> None:
        self.troubles.pop(frame.key, None)
        sample, moment = _shown(question, frame.lens, frame.pin), SeenMoment(frame, question.project)
        self._last[frame.key] = Last(moment, sample)
        if self._controller.pins.is_kept(sample):
            self._history.add((frame.key, sample), moment)
        if question.step is None:
            self.step = frame.step

    def _answered(self, question: LookQuestion, answer: LookAnswer) -> None:
        if question is not self.question:
            return
        self.question = None
        self.steps = answer.steps
        if question.step is None and not answer.failed:
            self.step = answer.step
        point = self.point_at(question.step)
        for request in question.requests if not question.outdated.is_set() else ():
            sample = _shown(question, request.kind, request.pin)
            self._tried |= {(request, sample, point), (request, sample, self.point_at(None))}
        self._set_told(answer.failed or answer.partly)
        self.changed.emit()
        self.refresh()

    def _failed(self, question: LookQuestion, _error: str) -> None:
        """An unexpected error, which is told elsewhere."""
        if question is self.question:
            self._answered(question, LookAnswer(failed="This could not be looked at."))

    def _set_told(self, words: str) -> None:
        if words != self.told:
            self.told = words
            self.changed.emit()


def _shown(question: LookQuestion, kind: str, pin: int) -> Pinned | None:
    """The sample that a lens of this kind shows in the answer; None where it shows none."""
    is_shown = LENSES[kind].of_sample and pin < len(question.samples)
    return question.samples[pin] if is_shown else None
