"""Samples on demand: from the run that goes, from the weights that a run has left, or from fresh ones.

A run that goes draws by itself, between two steps. Otherwise the drawing is compiled apart, in a thread of
its own, with what fits of a checkpoint. Torch's random state belongs to the whole process, so a run that is
to begin waits until that thread has let go of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal, SignalInstance

from app.state import warmup
from app.state.run_drawing import RunDrawing
from app.state.session import Session
from app.widgets.background_task import BackgroundTask
from engine.document.project import MAIN, Node, Project
from engine.messages.commands import Draw, RunCommand
from engine.messages.events import LensFrame
from engine.messages.run_handle import RunHandle
from engine.runs.archive import Checkpoint, checkpoints_of
from engine.runs.checkpoints import start_of
from nodes.param import ParamError
from nodes.registry import REGISTRY
from nodes.spec import Role
from nodes.user_error import UserError


def samplers_of(project: Project) -> dict[str, str]:
    """The samplers on main by path, with the words for them: their ids, which a person can choose."""
    nodes = project.graphs[MAIN].nodes.values()
    return {
        node.id: node.id
        for node in nodes
        if node.layer in REGISTRY and REGISTRY[node.layer].role is Role.SAMPLER
    }


@dataclass(frozen=True, eq=False)
class _Question:
    """What is to be drawn, and with which weights (None: fresh ones)."""

    project: Project
    paths: tuple[str, ...]
    weights: Checkpoint | None
    turn: threading.Lock
    called_off: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, eq=False)
class _Answer:
    """`partly` says which weights did not fit, `failed` why nothing came."""

    frames: tuple[LensFrame, ...] = ()
    partly: str = ""
    failed: str = ""


class SampledRun(Protocol):
    """What drawing samples needs to know of the run on show."""

    session: Session
    run: RunHandle | None
    past: Path | None
    project: Project
    follows: bool
    state_changed: SignalInstance
    drawing: RunDrawing

    @property
    def is_active(self) -> bool: ...
    def send(self, command: RunCommand) -> bool: ...
    def show_frame(self, frame: LensFrame, project: Project) -> None: ...
    def engine_ready(self) -> None: ...


class SampleDraws(QObject):
    """`busy` are the samplers that are drawn just now; `drawn` what came last, by path."""

    changed = Signal()
    _let_go = Signal(object)

    def __init__(self, controller: SampledRun, parent: QObject) -> None:
        super().__init__(parent)
        self._controller = controller
        self.drawn: dict[str, LensFrame] = {}
        self.chosen: Path | None = None
        """The checkpoint that a person chose; None: the one that suits best."""
        self._question: _Question | None = None
        self._others: dict[object, Callable[[], None]] = {}
        self.turn = threading.Lock()
        """Held by the thread that computes apart from a run: torch has one random state."""
        self._let_go.connect(self._gone)
        self._work = BackgroundTask("samples on demand", _draw, self)
        self._work.answered.connect(self._answered)
        self._work.failed.connect(self._not_drawn)
        controller.state_changed.connect(self.changed)

    @property
    def busy(self) -> frozenset[str]:
        return frozenset(self._question.paths) if self._question is not None else frozenset()

    # The engine -----------------------------------------------------------------------------------

    @property
    def holds_engine(self) -> bool:
        """Whether somebody computes with torch's random state: a run that is to begin waits."""
        return self._question is not None or bool(self._others)

    def is_held_besides(self, kind: type) -> bool:
        """Whether somebody computes other than owners of this kind."""
        return self._question is not None or any(not isinstance(owner, kind) for owner in self._others)

    def hold_engine(self, owner: object, cancel: Callable[[], None]) -> None:
        """Somebody else computes; `cancel` is called where a run is to begin."""
        self._others[owner] = cancel

    def let_engine_go(self, owner: object) -> None:
        """The same has ended; may be called from any thread."""
        with suppress(RuntimeError):  # Qt has deleted this with its window
            self._let_go.emit(owner)

    def _gone(self, owner: object) -> None:
        if self._others.pop(owner, None) is not None:
            self._controller.engine_ready()

    # The weights -----------------------------------------------------------------------------------

    @property
    def folder(self) -> Path | None:
        """The run whose weights are used."""
        run = self._controller.run
        return run.folder if run is not None else self._controller.past

    def checkpoints(self) -> tuple[Checkpoint, ...]:
        """Those that there are to choose from, the newest last."""
        return checkpoints_of(self.folder) if self.folder is not None else ()

    def weights(self) -> Checkpoint | None:
        """The checkpoint that is drawn from; None: fresh weights."""
        if self.folder is None:
            return None
        chosen = [point for point in self.checkpoints() if point.path == self.chosen]
        return chosen[0] if chosen else start_of(self.folder)

    def told(self) -> str:
        """In words, with which weights would be drawn."""
        controller = self._controller
        if controller.is_active and not controller.follows:
            return "weights in training"
        point = self.weights()
        if point is None:
            return "fresh weights"
        kind = {"last": "", "kept": ""}.get(point.kind, f", {point.kind}")
        return f"weights of step {point.step:,}{kind}"

    def choose(self, path: Path | None) -> None:
        """Draw from this checkpoint from now on; None: from the one that suits best."""
        self.chosen = path
        self.changed.emit()

    # Drawing ---------------------------------------------------------------------------------------

    def draw(self, paths: Iterable[str]) -> None:
        """Let these samplers draw now, with the parameters that they have on the canvas."""
        wanted = tuple(paths)
        if not wanted or self.busy:
            return
        controller = self._controller
        if controller.is_active and not controller.follows:
            for path in wanted:
                self._let_run_draw(path)
            return
        self._question = _Question(controller.session.project, wanted, self.weights(), self.turn)
        self.changed.emit()
        self._work.ask(self._question)

    def cancel(self) -> None:
        """End what is being drawn, soon; nothing comes of it."""
        if self._question is not None:
            self._question.called_off.set()
        for cancel in list(self._others.values()):
            cancel()

    def forget(self) -> None:
        """Another project: nothing of this one is left."""
        self.cancel()
        self.chosen = None
        self.drawn.clear()
        self.changed.emit()

    def wait(self) -> None:
        """Until no thread is at work."""
        self._work.wait()

    def _let_run_draw(self, path: str) -> None:
        controller = self._controller
        own = controller.project.graphs[MAIN].nodes.get(path)
        node = controller.session.project.graphs[MAIN].nodes.get(path)
        if "." not in path and own is None:
            controller.session.notify(
                f"{path} is not part of the run that goes. It draws in the next one.", "warn"
            )
        elif controller.run is not None:
            controller.send(Draw(path, _changes(own, node)))

    def _answered(self, question: object, answer: object) -> None:
        assert isinstance(question, _Question)
        assert isinstance(answer, _Answer)
        if question is self._question:
            self._question = None
            if not question.called_off.is_set():
                self._tell(question, answer)
            self.changed.emit()
        self._controller.engine_ready()  # a run may have waited for this

    def _not_drawn(self, question: object, _error: str) -> None:
        """An unexpected error, which is told elsewhere: drawing and training are free again."""
        if question is self._question:
            self._question = None
            self.changed.emit()
        self._controller.engine_ready()

    def _tell(self, question: _Question, answer: _Answer) -> None:
        notify = self._controller.session.notify
        if answer.failed:
            notify(f"Nothing was drawn. {answer.failed}", "bad")
        if answer.partly and question.weights is not None:
            notify(f"Drawn with the weights of step {question.weights.step:,}. {answer.partly}", "warn")
        for frame in answer.frames:
            self.drawn[frame.target] = frame
            self._controller.show_frame(frame, question.project)


def _changes(own: Node | None, node: Node | None) -> dict[str, Any]:
    """The values of a sampler's parameters that are others than in the drawing of the run."""
    if own is None or node is None or own.layer != node.layer:
        return {}
    try:
        old, new = (REGISTRY.make(each.layer, each.params).values for each in (own, node))
    except ParamError:
        return {}
    params = REGISTRY[node.layer].params
    return {name: node.params.get(name, params[name].default) for name in new if new[name] != old[name]}


def _draw(question: object) -> _Answer:
    """Compile the drawing and let its samplers draw; a sentence where that cannot be done."""
    assert isinstance(question, _Question)
    warmup.load_engine()
    from engine.infer.layer import MODULE_ERRORS
    from nodes.reading.progress import CalledOffError, listening

    def listen(_what: str, _share: float | None) -> None:
        if question.called_off.is_set():
            raise CalledOffError

    try:
        with listening(listen), question.turn:
            return _drawn(question)
    except CalledOffError:
        return _Answer()
    except (UserError, OSError, *MODULE_ERRORS) as error:
        return _Answer(failed=str(error))


def _drawn(question: _Question) -> _Answer:
    from engine.lens.preview import Preview

    point = question.weights
    preview = Preview(question.project, None if point is None else point.path)
    step, called_off = 0 if point is None else point.step, question.called_off.is_set
    try:
        sound = [path for path in question.paths if path in preview.samplers.layers]
        for path in sound:
            if len(preview.unfilled(path)) == len(preview.samplers.weights_of(path)):
                preview.require_filled(path)
        frames = [frame for path in sound for frame in preview.draw(path, step, called_off)]
    finally:
        preview.close()
    if not sound:
        return _Answer(failed=f"{question.paths[0]} has a problem. See it on the canvas.")
    loaded = preview.loaded
    misfits = loaded is not None and bool(loaded.missing or loaded.refused)
    return _Answer(tuple(frames), loaded.sentence if loaded is not None and misfits else "")
