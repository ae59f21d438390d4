"""Training on the command line: a run in this thread, shown as progress bars or as one JSON event a line.

The run is the one that the window uses. Ctrl+C asks it to stop after the step, so that what was learned is
kept; a second Ctrl+C ends the program at once.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from engine.document.project import Project
from engine.expand import expand
from engine.infer import infer
from engine.run.events import Event, Finished, Progress, Reading, Started, Validated, Warned
from engine.run.run import Run
from nodes.spec import Role

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

Sink = Callable[[Event], None]
Place = Callable[[], Path]


class Limits(NamedTuple):
    """What the command line says of the run; None: as the project has it."""

    epochs: int | None
    steps: int | None
    seed: int | None
    device: str | None


class RefusedError(Exception):
    """The project cannot be trained as it is. The message is the sentence."""


def train(project: Project, place: Place, limits: Limits, *, as_json: bool) -> int:
    """Train to the end and show it; the exit code. `place` says where files go. Raises `RefusedError`."""
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
    run = Run(
        project,
        folder=place(),
        device=limits.device,
        seed=limits.seed,
        epochs=limits.epochs,
        steps=limits.steps,
    )
    with _stopped_by_interrupt(run):
        finished = run.execute(_write_line) if as_json else _with_progress(run, project)
    if finished.status == "failed":
        print(f"layerloom: {finished.message}", file=sys.stderr)  # noqa: T201 - the command's own output
        return 1
    return 0


def _write_line(event: Event) -> None:
    sys.stdout.write(msgspec.json.encode(event).decode() + "\n")
    sys.stdout.flush()


def _with_progress(run: Run, project: Project) -> Finished:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    console = Console(highlight=False)
    columns = (
        TextColumn("epoch {task.fields[epoch]}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} / {task.total:,.0f} steps"),
        TextColumn("loss {task.fields[loss]}"),
        TextColumn("{task.fields[rate]} samples/s"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=console) as bar:
        finished = run.execute(_shown_on(bar, project))
    words = {"completed": "Trained", "stopped": "Stopped", "failed": "Failed"}.get(
        finished.status, finished.status
    )
    measured = _values(finished.metrics)
    console.print(f"{words} after {finished.step:,} steps in {finished.seconds:.1f} s  {measured}")
    return finished


def _shown_on(bar: Bar, project: Project) -> Sink:
    """A sink that moves the bar and prints above it what should stay."""
    task = bar.add_task("train", total=1, epoch="0", loss="–", rate="–")

    def show(event: Event) -> None:
        if isinstance(event, Reading):
            bar.update(task, description=event.what, total=1, completed=event.share or 0.0)
        elif isinstance(event, Started):
            about = f"{event.parameters:,} parameters, seed {event.seed}"
            bar.console.print(f"{project.name} on {event.device}: {about}")
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
            bar.console.print(f"epoch {event.epoch}  {_measured(event)}")
        elif isinstance(event, Warned):
            bar.console.print(f"step {event.step}: {event.message}", style="yellow")

    return show


def _measured(event: Validated) -> str:
    losses = {f"validation {path}": value for path, value in event.losses.items()}
    return _values({**losses, **event.metrics})


def _values(values: dict[str, float]) -> str:
    return "  ".join(f"{name} {value:.4g}" for name, value in values.items())


@contextmanager
def _stopped_by_interrupt(run: Run) -> Iterator[None]:
    """The first Ctrl+C (or a request to end) stops the run after its step; the second is not caught."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def stop(number: int, _frame: FrameType | None) -> None:
        run.stop()
        signal.signal(number, before[signal.Signals(number)])

    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
