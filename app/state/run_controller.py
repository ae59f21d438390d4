"""Between the window and a run: starts and controls it, drains its mailbox, keeps what it has told.

Panels listen to its signals; they never touch the thread of the run. One serves one session. The state is
what the run has told, never what it is about to tell: a panel that hears of "running" finds the run's start
here, whenever the panel was made.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal

from app.state import warmup
from app.state.looks.looks import Looks
from app.state.looks.moments import Moments
from app.state.looks.pins import Pins
from app.state.run.drain_pace import DrainPace
from app.state.run_drawing import RunDrawing
from app.state.run_history import RunHistory
from app.state.run_request import RunRequest
from app.state.sample_draws import SampleDraws
from app.state.session import Session
from engine.document.project import Project
from engine.messages.commands import (
    Pause,
    PinSamples,
    Resume,
    RunCommand,
    SetLearningRate,
    StepOnce,
    Stop,
    Watch,
)
from engine.messages.events import (
    Event,
    Finished,
    LearningRateSet,
    LensFrame,
    Paused,
    Progress,
    Reading,
    Resumed,
    Started,
    Validated,
    Warned,
)
from engine.messages.lens_request import LensKey, LensRequest
from engine.messages.pinned import HeldSample
from engine.messages.run_handle import RunHandle

Place = Callable[[], Path | None]


class RunController(QObject):
    """The run of a session, as the window sees it.

    `state` is "idle" before any run, then "compiling", "running", "paused" or "finished". `frames` holds the
    last frame per key of its request, `losses` the mean per objective path as the chart says it, `metrics`
    the last metrics, `history` all curves of the run.
    """

    state_changed = Signal()
    events = Signal(list)  # list[Event], at most 30 times a second
    frames_changed = Signal(object)  # set[str]: paths of the nodes with new frames
    pinned_changed = Signal(int)
    run_started = Signal()  # a new run object exists; what was kept of the last one is gone

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.run: RunHandle | None = None
        self.past: Path | None = None
        """The folder of an earlier run whose drawing is on show."""
        self.project = session.project
        """The drawing that the run trains."""
        self.state = "idle"
        self.reading: Reading | None = None
        self.started: Started | None = None
        self.finished: Finished | None = None
        self.progress: Progress | None = None
        self.losses: dict[str, float] = {}
        self.validation_losses: dict[str, float] = {}
        self.metrics: dict[str, float] = {}
        self.history = RunHistory()
        self.frames: dict[LensKey, LensFrame] = {}
        self.follows = False
        """Whether the run belongs to somebody else: it is looked at and cannot be steered."""
        self.pins = Pins(self)
        self.pins.changed.connect(self._pin)
        self.moments = Moments(self)
        self.moments.changed.connect(self._show_moment)
        self.place: Place = lambda: None
        """Says where the folder of the next run goes; None: nowhere."""
        self._watched: dict[int, frozenset[LensRequest]] = {}
        self._asked: frozenset[LensRequest] = frozenset()
        self.drawing = RunDrawing(self, session, self)
        self.drawing.changed.connect(self._ask)
        self._restarts = False
        self._pending: Callable[[], None] | None = None
        self._told = "compiling"  # the state that the run told last
        self._pace = DrainPace(self.drain, self._is_beside, self)
        self.hurry = self._pace.hurry
        self.draws = SampleDraws(self, self)
        self.looks = Looks(self, session, self)
        """What is seen while nothing trains."""

    # What a person does ----------------------------------------------------------------------

    @property
    def is_active(self) -> bool:
        """Whether a run is going or waiting."""
        return self.state in ("compiling", "running", "paused")

    def play(self) -> None:
        """Start a run, or go on with a paused one."""
        if self.state == "paused" and self.run is not None:
            self.send(Resume())
        elif not self.is_active:
            self.begin(RunRequest(self.session.project))

    def begin(self, order: RunRequest, history: RunHistory | None = None) -> None:
        """Start this run; `history` is what it told before, where it goes on. None may be going."""
        assert not self.is_active, "one run at a time"
        self._begin(order, lambda: None, history)

    def follow(self, folder: Path, project: Project) -> None:
        """Show the run of this drawing that somebody else trains in this folder. None may be going."""
        assert not self.is_active, "one run at a time"
        from engine.run.follow import Follower

        self._clear()
        self.follows, self.project = True, project
        self._show(Follower(folder))

    def pause(self) -> None:
        if self.is_active:
            self.send(Pause())

    def step(self) -> None:
        """One training step; starts a run that waits after its first step where there is none."""
        if not self.is_active:
            self._begin(RunRequest(self.session.project), self._step_once)
        elif self.run is not None:
            self._step_once()

    def stop(self) -> None:
        self._pending = None
        if self.run is not None and self.is_active:
            self.send(Stop())
        elif self.is_active:
            self._set_state("idle")

    def send(self, command: RunCommand) -> bool:
        """Tell the run something; whether it took it. A refusal is shown to the user."""
        if self.run is None:
            return False
        refusal = self.run.send(command)
        if refusal:
            self.session.notify(refusal)
        self.hurry()
        return not refusal

    def _watch(self) -> Watch:
        return Watch(tuple(sorted(self._asked, key=lambda request: (request.kind, request.target))))

    def restart(self) -> None:
        """Stop the run that goes, and train the present drawing once it has ended."""
        self._restarts = self.run is not None
        self.stop()
        if not self._restarts:
            self.play()

    def set_learning_rate(self, objective_path: str, value: float) -> bool:
        """Whether the run took the command; `LearningRateSet` says when it acts."""
        return self.is_active and self.send(SetLearningRate(objective_path, value))

    @property
    def pinned(self) -> int:
        """The place of the sample that pictures show among those held back."""
        return self.pins.index

    def pin(self, index: int) -> None:
        """Look at this sample of the validation data from now on."""
        self.pins.show(HeldSample(index))

    def _pin(self) -> None:
        if self.run is not None:
            self.run.send(PinSamples(self.pins.rows))
            self.hurry()
        self.looks.sample_changed()
        self.pinned_changed.emit(self.pinned)
        self._show_moment()

    def _show_moment(self) -> None:
        """Another step, or another sample, is to be seen."""
        self.looks.refresh()
        self.frames_changed.emit({request.target for request in self.requests})

    def watch(self, owner: object, requests: frozenset[LensRequest]) -> None:
        """What `owner` wants to see, instead of before. The union over all owners goes to the run."""
        if requests:
            self._watched[id(owner)] = requests
        else:
            self._watched.pop(id(owner), None)
        self._ask()

    def _ask(self) -> None:
        """Tell the run what is to be seen, by the names that it knows, where that is something else now."""
        asked = self.drawing.asked(self.requests)
        if self.run is not None and asked != self._asked:
            self._asked = asked
            self.run.send(self._watch())
            self.hurry()
        self.looks.refresh()

    @property
    def requests(self) -> frozenset[LensRequest]:
        return frozenset().union(*self._watched.values())

    def engine_ready(self) -> None:
        """The engine is loaded, or free again: start the run that waited for it."""
        if self.draws.holds_engine:
            return
        pending, self._pending = self._pending, None
        if pending is not None:
            pending()
        self.looks.refresh()

    def look_back(self, folder: Path) -> None:
        """The drawing on show is that of the run in this folder: what it kept may be looked at."""
        self.past, self.project = folder, self.session.project
        self.drawing.forget()
        self.looks.run_changed()
        self.state_changed.emit()

    def forget(self) -> None:
        """Another project was opened: end the run and drop what was kept of it."""
        self.shutdown()
        self.draws.forget()
        self.run = self.past = None
        self._clear()
        self.frames = {}
        self.drawing.forget()
        self.pins.clear()
        self.looks.forget()
        self._set_state("idle")

    def shutdown(self, timeout: float = 10.0) -> None:
        """End the run, if any, and wait for its thread, for a second where it has learned nothing yet."""
        self._pending, self._restarts = None, False
        self.draws.cancel()
        self.looks.close()
        if self.run is not None:
            self.run.send(Stop())
            self.run.join(timeout if self.started is not None else min(timeout, 1.0))
            self.drain()
        self._pace.stop()

    # What the run says ----------------------------------------------------------------------

    def _is_beside(self) -> bool:
        """Whether the run computes on another device than the CPU."""
        return self.started is not None and self.started.device != "CPU"

    @property
    def drain_ms(self) -> int:
        """Time to the next drain."""
        return self._pace.interval

    def drain(self) -> None:
        """Take what the run has said since the last time, and tell the panels once."""
        if self.run is None:
            return
        ended = self.run.join(0)  # asked first: whatever it said before it ended is in the mailbox now
        taken = self.run.mailbox.drain()
        if ended and self.finished is None and not any(isinstance(event, Finished) for event in taken):
            taken.append(self._died())
        touched: set[str] = set()
        for event in taken:
            if isinstance(event, LensFrame):
                self.frames[event.key] = event
                self.drawing.note(event)
                sample = self.looks.sample_of(event.lens, event.pin)
                if self.pins.is_kept(sample):
                    self.moments.note(event, self.project, sample)
                touched.add(event.target)
            else:
                self._note(event)
        if taken:
            self.events.emit(taken)
        if touched:
            self.frames_changed.emit({self.drawing.present_path(path) for path in touched})
        self._set_state(self._told)
        if self.finished is not None:
            self._pace.stop()
            if self._restarts:
                self._restarts = False
                self.play()

    def _died(self) -> Finished:
        """The end of a run that ended without a word."""
        at = self.progress
        step, epoch = (at.step, at.epoch) if at is not None else (0, 0)
        sentence = "The run ended without a word. What it had learned until its last checkpoint is kept."
        return Finished("failed", step, epoch, 0.0, {}, sentence)

    def _note(self, event: Event) -> None:
        self.history.take(event)
        match event:
            case Reading():
                self.reading = event
            case Started():
                self.started, self._told = event, "running"
            case Progress():
                self.progress = event
                told = self.history.losses
                self.losses.update({path: told[path].last for path in event.losses if path in told})
            case Validated():
                self.validation_losses.update(event.losses)
                self.metrics.update(event.metrics)
            case Warned():
                self.session.notify(event.message, "warn")
            case LearningRateSet() if self.progress is not None:
                rates = {**self.progress.learning_rates, event.objective: event.value}
                self.progress = msgspec.structs.replace(self.progress, learning_rates=rates)
            case Finished():
                self.finished, self._told = event, "finished"
                if event.status == "failed":
                    self.session.notify(event.message, "bad")
            case Paused():
                self._told = "paused"
            case Resumed():
                self._told = "running"

    def _begin(self, order: RunRequest, then: Callable[[], None], history: RunHistory | None = None) -> None:
        self._clear()
        self.history = history or self.history
        self.draws.cancel()
        if self._is_free:
            self._launch(order, then)
        else:
            self.run = None
            self._pending = lambda: self._launch(order, then)
            self._set_state("compiling")

    @property
    def _is_free(self) -> bool:
        """Whether torch is loaded, and its random state not in the hands of somebody who draws samples."""
        return warmup.is_loaded() and not self.draws.holds_engine

    def _launch(self, order: RunRequest, then: Callable[[], None]) -> None:
        self.project = order.project
        folder = order.folder if order.folder is not None else self.place()
        self._show(order.made(folder), then)

    def _show(self, run: RunHandle, then: Callable[[], None] = lambda: None) -> None:
        """Let this run go, and tell what it says."""
        self.run = run
        run.send(PinSamples(self.pins.rows))
        self.drawing.forget()
        self._asked = self.drawing.asked(self.requests)
        run.send(self._watch())
        then()
        run.start()
        self.run_started.emit()
        self._set_state("compiling")
        self._pace.start()

    def _step_once(self) -> None:
        self.send(StepOnce())

    def show_frame(self, frame: LensFrame, project: Project) -> None:
        """A lens saw something outside of a run, in this drawing."""
        self.frames[frame.key] = frame
        self.drawing.note(frame, project)
        self.frames_changed.emit({frame.target})

    def _clear(self) -> None:
        self.reading = self.started = self.finished = self.progress = None
        self.losses, self.validation_losses, self.metrics = {}, {}, {}
        self.history, self.follows, self._told = RunHistory(), False, "compiling"
        self.draws.drawn.clear()
        self.draws.chosen = None
        self.moments.forget()
        self.frames = {}

    def _set_state(self, state: str) -> None:
        if state != self.state:
            was_active, self.state = self.is_active, state
            if was_active != self.is_active:
                self.looks.run_changed()
            self.state_changed.emit()
