"""A run on the command line, shown as progress bars or as one JSON event a line.

The run is the one that the window uses, in this thread or in several processes. Ctrl+C asks it to stop after
the step, so that what was learned is kept; a second Ctrl+C ends the program at once.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from app.cli.application import plain, refuse
from engine.document.project import Project
from engine.expand import expand
from engine.infer import infer
from engine.messages.commands import Stop
from engine.messages.events import Event, Finished, Progress, Reading, Started, Validated, Warned
from engine.run.follow import Follower, left
from engine.run.process_group import GONE, RanksError, is_rank, joined
from engine.run.run import Run
from nodes.spec import Role
from nodes.user_error import UserError

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

Sink = Callable[[Event], None]
Place = Callable[[], Path]
REPORT = "LAYERLOOM_RUN_REPORT"
"""Names the file in which the first of several processes says where the run's folder is."""


class Limits(NamedTuple):
    """What the command line says of the run; None: as the project, or the run that goes on, has it."""

    epochs: int | None
    steps: int | None
    seed: int | None = None
    device: str | None = None


class RefusedError(UserError):
    """The project cannot be trained as it is. The message is the sentence."""


def expect_trainable(project: Project) -> None:
    """Raises `RefusedError` with the first thing that is wrong."""
    errors = infer(project).errors
    if errors:
        more = f" (and {len(errors) - 1} more problems)" if len(errors) > 1 else ""
        raise RefusedError(f"{errors[0].path}: {errors[0].message}{more}")
    if not any(
        flat.layer.role is Role.OBJECTIVE and flat.inputs[0] for flat in expand(project).nodes.values()
    ):
        raise RefusedError(
            "Expected an Objective with a loss wired into it. Received none: nothing to train."
        )


def train(
    project: Project,
    place: Place,
    limits: Limits,
    *,
    as_json: bool,
    started: Callable[[Path], None] = lambda _folder: None,
    **more: Any,
) -> int:
    """Run to the end and show it; the exit code.

    `place` says where files go; `started` is told it once they are there. `more`: what else a run is told.
    """
    if is_rank():
        return _among_others(project, place, limits, as_json=as_json, started=started, **more)
    folder = place()
    run = Run(project, folder=folder, **limits._asdict(), **more)
    return _carried_out(run, as_json=as_json, started=lambda: started(folder))


def _among_others(
    project: Project,
    place: Place,
    limits: Limits,
    *,
    as_json: bool,
    started: Callable[[Path], None],
    **more: Any,
) -> int:
    """The same as one of several processes: the first one shows it and writes it."""
    from engine.run.distributed import RankRun, for_all

    try:
        with joined(limits.device or project.settings.device) as (group, device):
            batch = project if more.get("resume") else for_all(project, group.count)
            folder = place() if group.leads else None
            _report(folder)
            run = RankRun(group, batch, folder=folder, **{**limits._asdict(), "device": device}, **more)
            if folder is not None:
                code = _carried_out(run, as_json=as_json, started=lambda: started(folder))
            else:
                with _stopped_by_interrupt(run):
                    finished = run.execute(lambda _event: None)
                code = int(finished.status == "failed") if group.ends_alike else _code(finished)
            if code:
                raise _EndedError
    except RanksError as error:
        refuse(str(error))
        return 1
    except _EndedError:
        return 1
    return 0


class _EndedError(Exception):
    """The run failed here: nobody is waited for."""


def _report(folder: Path | None) -> None:
    """Tell the process that started us where the run is."""
    report = os.environ.get(REPORT)
    if report and folder is not None:
        Path(report).write_text(str(folder.absolute()), "utf-8")


def _carried_out(run: Run, *, as_json: bool, started: Callable[[], None]) -> int:
    output = _Output(run, started)
    with _stopped_by_interrupt(run):
        if as_json:
            finished = run.execute(output.into(_write_line))
        else:
            finished = _with_progress(lambda sink: run.execute(output.into(sink)), run.project.name)
    return _code(finished) or output.code


class _Output:
    """Where a run is told. Once nobody takes it any more, the run is stopped like one that is interrupted:
    it ends well, with a checkpoint, and says no more.
    """

    def __init__(self, run: Run, started: Callable[[], None]) -> None:
        self._run, self._started = run, started
        self.code = 0

    def into(self, sink: Sink) -> Sink:
        """A sink that never fails because of what it tells."""

        def tell(event: Event) -> None:
            if isinstance(event, Started):
                self._started()
            if self.code:
                return
            try:
                sink(event)
            except BrokenPipeError:
                self._refused()
            except SystemExit:  # what rich makes of it
                self._refused()
            except OSError as error:
                self._refused()
                refuse(f"The output could not be written, so the run was stopped: {error.strerror}.")

        return tell

    def _refused(self) -> None:
        self.code = 1
        self._run.send(Stop())


def follow(follower: Follower, name: str, *, as_json: bool) -> int:
    """Show a run that somebody else runs, to its end; the exit code."""

    def told(sink: Sink) -> Finished:
        last = None
        for event in follower.events():
            sink(event)
            last = event
        return last if isinstance(last, Finished) else left(follower.folder)

    try:
        return _code(told(_write_line) if as_json else _with_progress(told, name))
    except KeyboardInterrupt:
        return 0


def _code(finished: Finished) -> int:
    if finished.status != "failed":
        return 0
    if not (is_rank() and finished.message == GONE and os.environ.get(REPORT)):  # who started us says why
        refuse(finished.message)
    return 1


def _write_line(event: Event) -> None:
    more = {"status": event.status} if isinstance(event, Finished) else {}
    text = msgspec.json.encode(msgspec.to_builtins(event) | more if more else event).decode()
    if not text.isascii():  # JSON in whatever encoding the output has
        text = "".join(c if c.isascii() else json.dumps(c)[1:-1] for c in text)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _with_progress(run: Callable[[Sink], Finished], name: str) -> Finished:
    """Show what is told by this run of this name."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    console = Console(highlight=False, markup=False, emoji=False)  # names and messages are no markup
    columns = (
        TextColumn("epoch {task.fields[epoch]}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} / {task.total:,.0f} steps"),
        TextColumn("loss {task.fields[loss]}"),
        TextColumn("{task.fields[rate]} samples/s"),
        TimeRemainingColumn(),
    )
    finished: Finished | None = None
    try:
        with Bar(*columns, console=console) as bar:
            finished = run(_shown_on(bar, name))
        words = {"completed": "Trained", "stopped": "Stopped", "failed": "Failed"}.get(
            finished.status, finished.status
        )
        measured = _values(finished.metrics)
        console.print(f"{words} after {finished.step:,} steps in {finished.seconds:.1f} s  {measured}")
        if finished.nonfinite_epochs:
            console.print(plain(finished.message), style="yellow")
    except (OSError, SystemExit):
        if finished is None:
            raise
    return finished


def _shown_on(bar: Bar, name: str) -> Sink:
    """A sink that moves the bar and prints above it what should stay."""
    task = bar.add_task("train", total=1, epoch="0", loss="–", rate="–")

    def show(event: Event) -> None:
        if isinstance(event, Reading):
            bar.update(task, description=event.what, total=1, completed=event.share or 0.0)
        elif isinstance(event, Started):
            about = f"{event.parameters:,} parameters, seed {event.seed}"
            bar.console.print(plain(f"{name} on {event.device}: {about}"))
            bar.update(task, description="train", completed=0, total=event.total_steps)
        elif isinstance(event, Progress):
            last = [values[-1] for values in event.losses.values() if values]
            bar.update(
                task,
                completed=event.step,
                epoch=str(event.epoch),
                loss=" ".join(f"{loss:.4f}" for loss in last) or "–",
                rate=f"{event.samples_per_second:,.0f}",
            )
        elif isinstance(event, Validated):
            bar.console.print(plain(f"epoch {event.epoch}  {_measured(event)}"))
        elif isinstance(event, Warned):
            bar.console.print(plain(f"step {event.step}: {event.message}"), style="yellow")

    return show


def _measured(event: Validated) -> str:
    losses = {f"validation {path}": value for path, value in event.losses.items()}
    return _values({**losses, **event.metrics})


def _values(values: dict[str, float]) -> str:
    return "  ".join(f"{name} {value:.4g}" for name, value in values.items())


@contextmanager
def _stopped_by_interrupt(run: Run) -> Iterator[None]:
    """The first Ctrl+C (or a request to end, or the end of the terminal) stops the run after its step; the
    second is not caught. A run that is to outlive its terminal (`nohup`) does so.
    """
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    known = {number: signal.getsignal(number) for number in numbers}
    before = {
        number: handler
        for number, handler in known.items()
        if handler is not signal.SIG_IGN
        or number.name != "SIGHUP"  # a script's background ignores SIGINT too
    }

    def stop(number: int, _frame: FrameType | None) -> None:
        run.send(Stop())
        signal.signal(number, before[signal.Signals(number)])

    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
