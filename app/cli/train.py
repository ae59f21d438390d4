"""The commands that train: a new run, one that goes on, one in several processes, and one that is watched.

torch is loaded when a run begins, not before.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.application import BadInputError, File, app, in_range, load, tell_broken_plug_ins
from app.cli.distributed import Processes
from engine.document.edits.decoration import set_settings
from engine.document.project import Project
from engine.document.settings import SETTINGS
from engine.system import imports

Epochs = Annotated[
    int | None, in_range(SETTINGS["epochs"], "Passes over the data; by default the project's.")
]
Steps = Annotated[int | None, typer.Option(min=1, help="Training steps, instead of epochs.")]
Seed = Annotated[int | None, in_range(SETTINGS["seed"], "Seed of weights, order and splits.")]
RunDir = Annotated[Path | None, typer.Option("--run-dir", help="Folder of the run.")]


def _found(start: Path | None) -> Path | None:
    """The file to start from: that of known weights where this is their name. Raises `UserError`."""
    if start is None or start.exists():
        return start
    from engine.weights.pretrained import pretrained_file

    return pretrained_file(str(start)) or start


Start = Annotated[
    Path | None,
    typer.Option(
        "--from",
        metavar="CHECKPOINT",
        callback=_found,
        help="Weights to start from: a file, or efficientnet-lite0.",
    ),
]
Part = Annotated[str, typer.Option("--part", metavar="PATH", help="The part that they go into; else all.")]
Name = Annotated[str | None, typer.Option(help="Name of the run.")]
Note = Annotated[str | None, typer.Option(help="A note on the run.")]
Tag = Annotated[list[str] | None, typer.Option(help="A tag; may be given several times.")]
TensorBoard = Annotated[bool, typer.Option("--tensorboard", help="Write TensorBoard event files too.")]
BestBy = Annotated[
    str | None,
    typer.Option(
        "--best-by", metavar="PATH", help="Objective or metric by which the best weights are chosen."
    ),
]
Device = Annotated[str | None, typer.Option(help="auto, cpu, cuda, cuda:1, mps.")]
Lines = Annotated[bool, typer.Option("--json", help="Print one JSON event per line.")]
Nproc = Annotated[
    str, typer.Option("--nproc-per-node", help="Processes on this machine: a number, auto, gpu or cpu.")
]
Nnodes = Annotated[str, typer.Option("--nnodes", help="Number of machines; each starts this command.")]
Backend = Annotated[
    str | None, typer.Option("--rdzv-backend", help="Rendezvous backend of torchrun, such as c10d.")
]
Endpoint = Annotated[str | None, typer.Option("--rdzv-endpoint", help="Rendezvous endpoint: HOST:PORT.")]
RendezvousId = Annotated[
    str | None, typer.Option("--rdzv-id", help="Rendezvous id, the same on every machine.")
]
Target = Annotated[
    str | None, typer.Argument(metavar="[RUN]", help="A run by name or folder; by default the newest.")
]


@app.command()
def train(
    context: typer.Context,
    file: File,
    epochs: Epochs = None,
    steps: Steps = None,
    seed: Seed = None,
    device: Device = None,
    run_dir: RunDir = None,
    start: Start = None,
    part: Part = "",
    name: Name = None,
    note: Note = None,
    tag: Tag = None,
    tensorboard: TensorBoard = False,
    best_by: BestBy = None,
    nproc_per_node: Nproc = "1",
    nnodes: Nnodes = "1",
    rdzv_backend: Backend = None,
    rdzv_endpoint: Endpoint = None,
    rdzv_id: RendezvousId = None,
    as_json: Lines = False,
) -> int:
    """Train a project. Ctrl+C stops it and keeps what was learned."""
    _expect_one_bound(epochs, steps)
    project = _ready(file, run_dir, start, tensorboard=tensorboard or None, best_by=best_by)
    spread = Processes(nproc_per_node, nnodes, rdzv_backend, rdzv_endpoint, rdzv_id)
    if not spread.is_one:
        return _spread_out(context, spread)
    from app.cli import progress
    from engine.runs import places

    return progress.train(
        project,
        lambda: run_dir or places.new_run(places.runs_of(file)),
        progress.Limits(epochs, steps, seed, device),
        as_json=as_json,
        started=_noting(name, note, tag),
        start=start,
        prefix=part,
    )


def _noting(name: str | None, note: str | None, tags: list[str] | None) -> Callable[[Path], None]:
    """Writes these on a run as soon as it has its folder."""
    from engine.runs import archive

    def write(folder: Path) -> None:
        if name is not None or note is not None or tags:
            archive.annotate(folder, name=name, note=note, tags=tuple(tags) if tags else None)

    return write


def _ready(file: Path, run_dir: Path | None, start: Path | None, **changes: Any) -> Project:
    """The project with those of these settings that are given, as it is to be trained. Raises `UserError`."""
    from engine.runs.places import is_free

    project = load(file)
    if start is not None and not start.is_file():
        raise BadInputError(f"--from: Expected a file of weights. Received {start}, which is none.")
    if run_dir is not None and not is_free(run_dir):
        raise BadInputError(
            f"--run-dir: Expected a new or empty folder. Received {run_dir}, which is none or holds files."
        )
    project = set_settings(project, **{name: value for name, value in changes.items() if value is not None})
    imports.load("app.cli.progress")
    from app.cli import progress

    try:
        progress.expect_trainable(project)
    except progress.RefusedError as error:
        raise BadInputError(f"{file}: {error}") from error
    return project


@app.command()
def resume(
    context: typer.Context,
    file: File,
    run: Annotated[
        str | None,
        typer.Argument(
            metavar="[RUN|CHECKPOINT]",
            help="A run by name or folder, or a checkpoint; else the newest.",
        ),
    ] = None,
    epochs: Annotated[
        int | None, in_range(SETTINGS["epochs"], "Total number of epochs, to train longer.")
    ] = None,
    steps: Annotated[
        int | None, typer.Option(min=1, help="Total number of steps, instead of epochs.")
    ] = None,
    device: Device = None,
    nproc_per_node: Nproc = "1",
    nnodes: Nnodes = "1",
    rdzv_backend: Backend = None,
    rdzv_endpoint: Endpoint = None,
    rdzv_id: RendezvousId = None,
    as_json: Lines = False,
) -> int:
    """Go on with a run that was stopped, killed or failed, as if it had never stopped."""
    from app.cli.runs import checkpoint_of
    from engine.runs.record import project_of

    _expect_one_bound(epochs, steps)
    folder, checkpoint = checkpoint_of(file, run, is_longer=epochs is not None or steps is not None)
    tell_broken_plug_ins()
    project = project_of(folder)
    spread = Processes(nproc_per_node, nnodes, rdzv_backend, rdzv_endpoint, rdzv_id)
    if not spread.is_one:
        return _spread_out(context, spread)
    imports.load("app.cli.progress")
    from app.cli import progress

    limits = progress.Limits(epochs, steps, None, device)
    return progress.train(project, lambda: folder, limits, as_json=as_json, resume=checkpoint)


@app.command()
def follow(file: File, run: Target = None, as_json: Lines = False) -> int:
    """Show a run that goes on elsewhere, to its end. Ctrl+C leaves it alone."""
    imports.load("app.cli.progress")
    from app.cli import progress
    from app.cli.runs import record_named
    from engine.run.follow import Follower
    from engine.runs.record import UNREADABLE

    record = record_named(file, run)
    if record.status == UNREADABLE:
        raise BadInputError(f"{record.name}: Expected a run. Received one that {record.sentence}")
    return progress.follow(Follower(record.folder), record.name, as_json=as_json)


def _expect_one_bound(epochs: int | None, steps: int | None) -> None:
    if epochs is not None and steps is not None:
        raise BadInputError("Expected --epochs or --steps. Received both.")


def _spread_out(context: typer.Context, spread: Processes) -> int:
    """This very command line in several processes."""
    from app.cli import distributed

    return distributed.launch(context.obj, spread)
