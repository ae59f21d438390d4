"""Predictions on the command line: what a trained network says of other data, written as a table.

The drawing, the weights, the scaling and the classes are those of the run; the data are read as those of the
project's data node are, without targets. Nothing is trained and nothing is fitted to the new data.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.application import BadInputError, File, Json, app, plain, say, tell_broken_plug_ins
from app.cli.runs import run_with_weights
from engine.system import imports
from nodes.shown_text import LINES, more_of, shown, shown_lines
from nodes.user_error import UserError

if TYPE_CHECKING:
    from engine.predict.predictions import Predictions
    from engine.predict.written import Written


@app.command()
def predict(
    file: File,
    data: Annotated[Path, typer.Argument(metavar="DATA", help="A file or folder of data to predict for.")],
    run: Annotated[
        str | None, typer.Option(help="A run by name or folder; by default the newest with weights.")
    ] = None,
    out: Annotated[Path, typer.Option(help="The table to write.")] = Path("predictions.csv"),
    weights: Annotated[
        str,
        typer.Option(metavar="best|last", help="The best weights, where there are some, or the last."),
    ] = "best",
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps.")] = "auto",
    as_json: Json = False,
) -> int:
    """Predict for data that the network has not seen, in the units and labels of its own data."""
    if weights not in ("best", "last"):
        raise BadInputError(f"--weights: Expected best or last. Received {weights!r}.")
    if out.suffix.lower() != ".csv":
        raise BadInputError(f"--out: Expected a name that ends in .csv. Received {out}.")
    if not data.exists():
        raise BadInputError(f"{data}: Expected a file or folder of data. Received none of that name.")
    folder = run_with_weights(file, run)
    predictions, written = _written(folder, data, out, device, best=weights == "best")
    if as_json:
        typer.echo(json.dumps(_facts(folder, predictions, written, out), indent=2))
    else:
        _tell(folder, predictions, written, out)
    return 0


def _written(folder: Path, data: Path, out: Path, device: str, *, best: bool) -> tuple[Predictions, Written]:
    """Predict and write. Every `UserError` names the run or the data."""
    imports.load("engine.predict.written")
    from engine.infer.layer import MODULE_ERRORS
    from engine.predict.network import TrainedNetwork
    from engine.predict.predictions import Predictions
    from engine.predict.written import write
    from engine.system.device import choose

    tell_broken_plug_ins()
    try:
        with _progress():
            network = TrainedNetwork(folder, choose(device), best=best)
            predictions = Predictions(network, data)
            return predictions, write(predictions, out)
    except UserError:
        raise
    except MODULE_ERRORS as error:
        raise BadInputError(f"{folder.name}: {error}") from error
    except OSError as error:
        reason = error.strerror or error
        raise BadInputError(f"{out}: Expected a place to write to. Received: {reason}.") from error


@contextmanager
def _progress() -> Iterator[None]:
    """Show on a terminal how far it is."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    from nodes.reading.progress import listening

    if not sys.stderr.isatty():
        yield
        return
    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    with Bar(
        TextColumn("{task.description}", markup=False), BarColumn(), console=console, transient=True
    ) as bar:
        task = bar.add_task("Predicting", total=1.0)

        def listen(what: str, share: float | None) -> None:
            if share is not None:
                bar.update(task, description=plain(shown(what)), completed=share)

        with listening(listen):
            yield


def _tell(folder: Path, predictions: Predictions, written: Written, out: Path) -> None:
    for note in predictions.notes[:LINES]:
        say(shown_lines(f"layerloom: {note}"), err=True)
    if written.skipped:
        rows = "1 row was" if written.skipped == 1 else f"{written.skipped:,} rows were"
        say(f"layerloom: {rows} left out:", err=True)
        for one in written.named[:LINES]:
            say(shown_lines(f"  {one}"), err=True)
        if written.skipped > LINES:
            say(f"  {more_of(written.skipped - LINES)}", err=True)
    point = predictions.network.weights
    kind = "best" if point.kind == "best" else "last"
    beside = f", {written.files:,} files in {written.folder}" if written.files else ""
    count = "1 row" if written.rows == 1 else f"{written.rows:,} rows"
    say(f"{out}: {count} predicted with the {kind} weights of {folder.name} (step {point.step:,}){beside}")


def _facts(folder: Path, predictions: Predictions, written: Written, out: Path) -> dict[str, Any]:
    """What `--json` writes."""
    point = predictions.network.weights
    return {
        "run": str(folder),
        "weights": {"kind": point.kind, "step": point.step, "epoch": point.epoch},
        "out": str(out),
        "rows": written.rows,
        "skipped": written.skipped,
        "skipped_rows": written.named,
        "notes": list(predictions.notes),
        "columns": predictions.headings,
        "results": [
            {"name": one.name, "kind": one.kind, "classes": list(one.classes)} for one in predictions.results
        ],
        "files": written.files,
        "folder": None if written.folder is None else str(written.folder),
    }
