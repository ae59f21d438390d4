"""A run: compiles a snapshot of a project, trains it in a thread of its own or in the caller's, and tells
what happens.

The same object serves the window, the command line and the tests. Whatever goes wrong ends in one `Finished`
event with a sentence; no exception is lost in the thread, and what was learned is kept.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import perf_counter

from engine.compile import Plan, compile  # noqa: A004
from engine.cores import own_cores
from engine.data.reading import CalledOffError, listening
from engine.document.project import Project
from engine.lens.request import LensRequest
from engine.run.controls import Controls
from engine.run.device import DeviceError, choose
from engine.run.events import Event, Finished, Paused, Reading, Resumed, Started
from engine.run.failure import sentence
from engine.run.files import RunFiles
from engine.run.loop import Loop, bounds
from engine.run.mailbox import Mailbox
from engine.run.sources import Sources
from engine.sample.history import History

Sink = Callable[[Event], None]


class Run:
    """One training run of one snapshot.

    `folder` is where its files go (none are written without one). `device`, `seed` and `epochs` default to
    the project's settings; `steps` bounds the run by steps instead. `plan` is there once it is compiled.
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
    ) -> None:
        self.project, self.folder = project, folder
        self.device = project.settings.device if device is None else device
        self.seed = project.settings.seed if seed is None else seed
        self.epochs, self.steps = epochs, steps
        self.mailbox = Mailbox()
        self.samples = History(None if folder is None else folder / "samples")
        """What its samplers drew and were told to keep; may be read while it runs."""
        self.state = "created"
        self.plan: Plan | None = None
        self.finished: Finished | None = None
        self._controls = Controls()
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

    # Levers ---------------------------------------------------------------------------------------

    def pause(self) -> None:
        self._controls.pause()

    def resume(self) -> None:
        self._controls.resume()

    def step(self) -> None:
        """Make one step, then pause."""
        self._controls.step()

    def stop(self) -> None:
        """End after the present step."""
        self._controls.stop()

    def set_learning_rate(self, objective_path: str, value: float) -> None:
        """From the next step on; a schedule goes on from this rate."""
        self._controls.set_learning_rate(objective_path, value)

    def watch(self, requests: frozenset[LensRequest]) -> None:
        """Send frames of these, and of nothing else, from now on."""
        self._controls.watch(requests)

    def pin(self, sample_index: int) -> None:
        """Look at this sample of the validation data."""
        self._controls.pin(sample_index)

    # The run itself -------------------------------------------------------------------------------

    def _run(self, sink: Sink) -> Finished:
        with own_cores(self._on_cpu()):
            return self._run_through(sink)

    def _on_cpu(self) -> bool:
        try:
            return choose(self.device).type == "cpu"
        except DeviceError:  # told when the run compiles
            return False

    def _run_through(self, sink: Sink) -> Finished:
        self._started = perf_counter()
        files: RunFiles | None = None
        sources: Sources | None = None
        status, message = "completed", ""
        try:
            with listening(self._told(sink)):
                plan = compile(self.project, choose(self.device), self.seed)
                self.plan = plan
                sources = Sources(plan)
            files = RunFiles(self.folder, self.project) if self.folder is not None else None
            self._train(plan, sources, files, sink)
            message = self._loop.stopped_early if self._loop is not None else ""
            if self._controls.is_stopped() and not self._is_complete():
                status = "stopped"
        except (KeyboardInterrupt, CalledOffError):
            status = "stopped"
        except Exception as error:  # noqa: BLE001 - the edge: all that fails becomes a sentence
            status, message = "failed", sentence(error, self.plan, self._steps() + 1)
            error.__traceback__ = None  # it holds the failed step's tensors
        finally:
            if sources is not None:
                sources.close()
        finished = self._finish(status, message, files)
        self.finished, self.state = finished, "finished"
        sink(finished)
        return finished

    def _told(self, sink: Sink) -> Callable[[str, float | None], None]:
        """Passes on how far the reading of data is; a run that is stopped calls it off."""

        def tell(what: str, share: float | None) -> None:
            if self._controls.is_stopped():
                raise CalledOffError
            sink(Reading(what, share))

        return tell

    def _train(self, plan: Plan, sources: Sources, files: RunFiles | None, sink: Sink) -> None:
        def emit(event: Event) -> None:
            self._follow(event)
            if files is not None:
                files.record(event)
            sink(event)

        limits = bounds(plan, sources, self.epochs, self.steps)
        loop = Loop(plan, sources, limits, self._controls, emit, self.samples)
        self._loop = loop
        if self._thread is not None:
            loop.is_seen = lambda: not self.mailbox.has_frames()
        if files is not None:
            files.attend(loop)
        loop.run()

    def _finish(self, status: str, message: str, files: RunFiles | None) -> Finished:
        """Write what is left to write; a disk that refuses turns the end into a failure that says so."""
        loop = self._loop
        metrics: dict[str, float] = {}
        if loop is not None and loop.measured is not None:
            metrics = {**loop.measured.losses, **loop.measured.metrics}
        epoch = loop.epoch if loop is not None else 0
        seconds = perf_counter() - self._started
        finished = Finished(status, self._steps(), epoch, seconds, metrics, message)
        if files is None:
            if self.folder is not None:
                with suppress(OSError):
                    self.folder.rmdir()  # made for this run and still empty
            return finished
        try:
            files.finish(finished)
        except Exception as error:  # noqa: BLE001 - the edge of the thread, as above
            text = message or sentence(error, self.plan, self._steps())
            finished = Finished("failed", self._steps(), epoch, seconds, metrics, text)
        finally:
            files.close()
        return finished

    def _follow(self, event: Event) -> None:
        if isinstance(event, Paused):
            self.state = "paused"
        elif isinstance(event, Started | Resumed):
            self.state = "running"

    def _steps(self) -> int:
        return self._loop.step if self._loop is not None else 0

    def _is_complete(self) -> bool:
        return self._loop is not None and self._loop.step >= self._loop.bounds.total_steps
