"""A run: compiles a snapshot of a project, trains it in a thread of its own or in the caller's, and tells
what happens.

The same object serves the window, the command line and the tests. Whatever goes wrong ends in one `Finished`
event with a sentence; no exception is lost in the thread, and what was learned is kept.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from engine.compile import Plan, compile  # noqa: A004
from engine.compile.beginning import begin_from_files
from engine.data.kept_data import encoded, kept_data
from engine.document.project import Project
from engine.feed.sources import Sources
from engine.messages.command_queue import CommandQueue
from engine.messages.commands import RunCommand
from engine.messages.events import Event, Finished, FinishReason, Paused, Reading, Resumed, Started
from engine.messages.mailbox import Mailbox
from engine.run.failure import sentence
from engine.run.files import RunFiles
from engine.run.resume import GoingOn, differing, going_on, left_out
from engine.run.same_words import changed_data, require_same_words
from engine.runs.checkpoints import CHECKPOINTS, checkpoints_of
from engine.sample.history import SampleHistory
from engine.system.cpu_affinity import own_cores
from engine.system.device import DeviceError, choose, release_memory
from engine.system.numerics import numerics, precision_notices
from engine.train.batch_norm import require_values
from engine.train.bounds import bounds
from engine.train.divergence.diverged import DivergedError
from engine.train.loop import Loop
from engine.train.snapshot import take_up
from engine.weights.checkpoint import Loaded, WeightsError, load_weights
from nodes.data.source import DataSource
from nodes.reading.progress import CalledOffError, NowAndThen, listening

Sink = Callable[[Event], None]


class Asked(NamedTuple):
    """What was asked of the run, None where nothing was."""

    device: str | None
    seed: int | None
    epochs: int | None
    steps: int | None


class Run:
    """One training run of one snapshot.

    `folder` is where its files go (none are written without one). `device`, `seed` and `epochs` default to
    the project's settings; `steps` bounds the run by steps instead. `plan` is there once it is compiled.

    `resume` is a checkpoint of the run in `folder`, which goes on in the same folder, to the same bits as if
    it had never stopped; device, seed and bounds default to what they were. `start` is a file of weights to
    begin with: they are filled by path where shapes agree, or into the one part at `prefix`, and a warning
    names what was not.
    """

    def __init__(
        self,
        project: Project,
        *,
        folder: Path | None = None,
        device: str | None = None,
        seed: int | None = None,
        epochs: int | None = None,
        steps: int | None = None,
        resume: Path | None = None,
        start: Path | None = None,
        prefix: str = "",
    ) -> None:
        assert resume is None or start is None, "a run goes on, or begins"
        self.project, self.folder = project, folder
        self._asked = Asked(device, seed, epochs, steps)
        self._resume, self._weights, self._prefix = resume, start, prefix
        self.device = project.settings.device if device is None else device
        self.seed = project.settings.seed if seed is None else seed
        self.epochs, self.steps = epochs, steps
        self.mailbox = Mailbox()
        self.samples = SampleHistory(None if folder is None else folder / "samples")
        """What its samplers drew and were told to keep; may be read while it runs."""
        self.state = "created"
        self.plan: Plan | None = None
        self.finished: Finished | None = None
        self._commands = CommandQueue()
        self.sources_kind: Callable[[Plan], Sources] = Sources
        self.loop_kind: Callable[..., Loop] = Loop
        self.writes = True
        """Whether this process writes the folder; of several that train together only one does."""
        self._thread: threading.Thread | None = None
        self._started = 0.0
        self._loop: Loop | None = None

    # Running --------------------------------------------------------------------------------------

    def start(self) -> None:
        """Run in a thread of its own; events wait in `mailbox`."""
        assert self.state == "created", "a run runs once"
        self.state = "compiling"
        self._thread = threading.Thread(target=self._run, args=(self.mailbox.put,), name="run", daemon=True)
        self._thread.start()

    def execute(self, sink: Sink) -> Finished:
        """Run in the calling thread; every event goes to `sink`. Ctrl+C stops the run as `stop` does."""
        assert self.state == "created", "a run runs once"
        self.state = "compiling"
        return self._run(sink)

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the thread; whether it has ended."""
        if self._thread is not None:
            self._thread.join(timeout)
        return self._thread is None or not self._thread.is_alive()

    def send(self, command: RunCommand) -> str:
        """Tell the run something; it is carried out between two steps. Every command is taken."""
        self._commands.send(command)
        return ""

    # The run itself -------------------------------------------------------------------------------

    def _run(self, sink: Sink) -> Finished:
        with own_cores(self._on_cpu()):
            finished = self._run_through(sink)
        if self._loop is not None:
            self._loop.close()
        return finished

    def _on_cpu(self) -> bool:
        try:
            return choose(self.device).type == "cpu"
        except DeviceError:  # told when the run compiles
            return False

    def _run_through(self, sink: Sink) -> Finished:
        self._started = perf_counter()
        files: RunFiles | None = None
        sources: Sources | None = None
        reason: FinishReason = "completed"
        message = ""
        try:
            going_on = self._going_on()
            with listening(self._told(sink)):
                plan = compile(self.project, choose(self.device), self.seed)
                self.plan = plan
                sources = self.sources_kind(plan)
                require_values(plan, sources.smallest_batch)
            loaded = None if going_on is not None else self._begun(plan)
            if self.folder is not None and self.writes:
                at = None if going_on is None else going_on.step
                files = RunFiles(self.folder, self.project, resumed_at=at)
                files.keep_data(partial(_kept, plan, sources))
                if going_on is not None:
                    require_same_words(self.folder, sources.sets())
            self._train(plan, sources, files, sink, going_on, loaded)
            message = self._end_sentence()
            if self._loop is not None and self._loop.results.stopped_early:
                reason = "early_stopped"
            if self._commands.is_stopped() and not self._is_complete():
                reason = "stopped"
        except (KeyboardInterrupt, CalledOffError):
            reason = "stopped"
        except Exception as error:  # noqa: BLE001 - the edge: all that fails becomes a sentence
            reason = "diverged" if isinstance(error, DivergedError) else "failed"
            message = self._sentence(error, self._steps() + 1)
            error.__traceback__ = None  # it holds the failed step's tensors
        finally:
            if sources is not None:
                sources.close()
        finished = self._finish(reason, message, files)
        self.finished, self.state = finished, "finished"
        sink(finished)
        return finished

    def _begun(self, plan: Plan) -> Loaded | None:
        """Fill what a new run begins with from files; what came of its weights, where some are asked for."""
        begin_from_files(plan)
        return None if self._weights is None else load_weights(plan.model, self._weights, self._prefix)

    def _told(self, sink: Sink) -> Callable[[str, float | None], None]:
        """Passes on how far the reading of data is, now and then; a run that is stopped calls it off."""
        shown = NowAndThen(lambda what, share: sink(Reading(what, share)))

        def tell(what: str, share: float | None) -> None:
            if self._commands.is_stopped():
                raise CalledOffError
            shown(what, share)

        return tell

    def _going_on(self) -> GoingOn | None:
        """What the checkpoint holds with which this run goes on. Raises `WeightsError`."""
        if self._resume is None:
            return None
        found = going_on(self._resume, self.project, self.folder)
        asked = self._asked
        if asked.seed is not None and asked.seed != found.seed:
            raise WeightsError(
                f"seed: Expected {found.seed}, that of the run which goes on. Received {asked.seed}."
            )
        found.require_rest(asked.epochs, asked.steps)
        self.seed = found.seed
        if asked.device is None:
            self.device = found.device
        if asked.epochs is None and asked.steps is None:
            self.steps = found.total_steps
        return found

    def _train(
        self,
        plan: Plan,
        sources: Sources,
        files: RunFiles | None,
        sink: Sink,
        going_on: GoingOn | None,
        loaded: Loaded | None,
    ) -> None:
        def emit(event: Event) -> None:
            self._follow(event)
            if files is not None:
                files.record(event)
            sink(event)

        limits = bounds(plan, sources, self.epochs, self.steps)
        loop = self.loop_kind(plan, sources, limits, self._commands, emit, self.samples)
        if going_on is not None:
            if going_on.step > 0:
                self._begin_samples(loop)
            take_up(loop, going_on.tensors, going_on.facts)
            self.samples.forget_after(loop.step)
            if self.folder is not None and self._resume is not None:
                loop.notices += left_out(self._resume, self.folder, going_on.step)
            loop.notices += differing(loop, going_on)
            loop.notices += changed_data(self.folder, {at: node.layer for at, node in plan.sources.items()})
        self._loop = loop
        if loaded is not None and not loaded.is_whole:
            loop.notices.append(loaded.sentence)
        if self._thread is not None:
            loop.views.is_seen = lambda: not self.mailbox.has_frames()
        if files is not None:
            earlier = 0.0 if going_on is None else going_on.seconds
            files.attend(loop, earlier + perf_counter() - self._started)
        settings = self.project.settings
        loop.notices += precision_notices(plan.device, settings.precision)
        with numerics(
            plan.device, precision=settings.precision, deterministic=settings.deterministic, tell=loop.warn
        ):
            loop.run()

    def _begin_samples(self, loop: Loop) -> None:
        """Samples of the beginning that a stop cut off are drawn from the initial weights, which are kept."""
        if self.folder is None or not self.writes or not loop.views.keeping.lacks(0, 0):
            return
        try:
            load_weights(loop.plan.model, self.folder / CHECKPOINTS / "initial.safetensors")
        except WeightsError as error:
            loop.notices.append(f"The samples of the beginning cannot be drawn any more: {error}")
            return
        loop.stepper.resume({})  # running means start from these weights
        loop.views.keeping.begin(0, 0)

    def _finish(self, reason: FinishReason, message: str, files: RunFiles | None) -> Finished:
        """Write what is left to write; a disk that refuses turns the end into a failure that says so."""
        loop = self._loop
        if self.plan is not None:
            release_memory(self.plan.device)
        metrics = {} if loop is None else loop.results.metrics()
        epoch = loop.epoch if loop is not None else 0
        seconds = perf_counter() - self._started if files is None else files.seconds
        nonfinite = 0 if loop is None else loop.results.nonfinite.epochs
        finished = Finished(reason, self._steps(), epoch, seconds, metrics, message, nonfinite)
        if files is None:
            if self.folder is not None:
                with suppress(OSError):
                    self.folder.rmdir()  # made for this run and still empty
            return finished
        try:
            files.finish(finished)
        except Exception as error:  # noqa: BLE001 - the edge of the thread, as above
            text = message or self._sentence(error, self._steps())
            finished = Finished("failed", self._steps(), epoch, seconds, metrics, text, nonfinite)
            with suppress(Exception):  # the disk refuses: the folder is then listed as interrupted
                files.end(finished)
        finally:
            files.close()
        return finished

    def _end_sentence(self) -> str:
        """Why it ended early, and what of its validation is not finite; empty for a plain end."""
        loop = self._loop
        if loop is None:
            return ""
        results = loop.results
        return " ".join(filter(None, (results.stopped_early, results.nonfinite.sentence(loop.epoch))))

    def _sentence(self, error: Exception, step: int) -> str:
        kept = self.folder is not None and any(one.resumable for one in checkpoints_of(self.folder))
        return sentence(error, self.plan, step, goes_on=kept)

    def _follow(self, event: Event) -> None:
        if isinstance(event, Paused):
            self.state = "paused"
        elif isinstance(event, Started | Resumed):
            self.state = "running"

    def _steps(self) -> int:
        return self._loop.step if self._loop is not None else 0

    def _is_complete(self) -> bool:
        return self._loop is not None and self._loop.is_complete


def _kept(plan: Plan, sources: Sources) -> bytes:
    """What was fitted to the data of this run."""
    layers = {path: node.layer for path, node in plan.sources.items()}
    return encoded(
        {
            path: kept_data(layer, data)
            for path, data in sources.sets().items()
            if isinstance(layer := layers[path], DataSource)
        }
    )
