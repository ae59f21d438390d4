"""The commands that look at what was run: list the runs of a project, compare two of them.

Reads folders of runs; loads no torch.
"""

from __future__ import annotations

import json
import math
import os
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.application import BadInputError, File, Json, app, say
from nodes.shown_text import LINE, shown

MOST_FIGURES = 20
"""The most figures of a run that are listed."""

if TYPE_CHECKING:
    from engine.runs.record import RunRecord

Named = Annotated[str, typer.Argument(metavar="RUN", help="A run by name or folder.")]


@app.command()
def runs(file: File, as_json: Json = False) -> int:
    """List the runs of a project, the newest first."""
    found = _records(file)
    if as_json:
        typer.echo(json.dumps([facts(record) for record in found], indent=2))
        return 0
    if not found:
        say(f"{file}: no runs yet; `layerloom train {file}` makes one.")
    width = max((len(shown(record.name)) for record in found), default=0)
    for record in found:
        tags = f"  [{shown(', '.join(record.tags))}]" if record.tags else ""
        about = f"{shown(record.name):{width}}  {record.sentence}  {record.seconds:,.1f} s{tags}"
        say(shown(about, LINE))
        figures = record.metrics | _training(record)
        if figures:
            say(f"{'':{width}}  {shown(_figures(figures), LINE - width - 2)}")
        if record.note:
            say(f"{'':{width}}  {shown(' '.join(record.note.split()), LINE - width - 2)}")
    return 0


@app.command()
def compare(file: File, first: Named, second: Named, as_json: Json = False) -> int:
    """Say how two runs differ: settings, drawing, final figures."""
    from engine.runs import archive
    from engine.runs.final_loss import MEANING

    one, two = record_named(file, first), record_named(file, second)
    found = archive.compare(one.folder, two.folder)
    if as_json:
        typer.echo(json.dumps(_differences(found), indent=2))
        return 0
    for record in (one, two):
        say(f"{record.name}: {record.sentence}  {record.seconds:,.1f} s")
    for change in found.settings:
        say(f"setting  {change.name}: {_shown(change.a)} -> {_shown(change.b)}")
    for sign, paths in (("+", found.added), ("-", found.removed)):
        for path in paths:
            say(f"{sign} node   {path}")
    for change in found.changed:
        say(f"changed  {change.path}.{change.name}: {_shown(change.a)} -> {_shown(change.b)}")
    for wire in found.wires:
        place = f" in {wire.graph}" if wire.graph else ""
        say(f"{'+' if wire.added else '-'} wire   {wire.wire}{place}")
    if found.same_drawing and not found.settings:
        say("The drawings and the settings are the same.")
    for name, (a, b) in found.metrics().items():
        say(f"{name}  {_number(a)} -> {_number(b)}{_gain(a, b)}")
    for path, (a, b) in found.training().items():
        say(f"training loss of {path} ({MEANING})  {_number(a)} -> {_number(b)}")
    return 0


def facts(record: RunRecord) -> dict[str, Any]:
    """A run as JSON has it; a number that is none is null."""
    import msgspec

    plain: dict[str, Any] = msgspec.to_builtins(msgspec.structs.replace(record, folder=str(record.folder)))
    for kind, values in (("metrics", record.metrics), ("training", record.training)):
        plain[kind] = {name: _finite(value) for name, value in values.items()}
    return plain | {"sentence": record.sentence, "resumable": record.resumable}


def _differences(found: Any) -> dict[str, Any]:
    import msgspec

    lists = ("settings", "added", "removed", "changed", "wires")
    return {
        "first": facts(found.first),
        "second": facts(found.second),
        "same_drawing": found.same_drawing,
        **{name: msgspec.to_builtins(getattr(found, name)) for name in lists},
        "metrics": {name: [_finite(a), _finite(b)] for name, (a, b) in found.metrics().items()},
        "training": {path: [_finite(a), _finite(b)] for path, (a, b) in found.training().items()},
    }


def _training(record: Any) -> dict[str, float]:
    """The training losses of objectives that were not validated (`final_loss`), with a name for them."""
    return {
        f"training loss of {path}": loss
        for path, loss in record.training.items()
        if path not in record.metrics
    }


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _figures(values: dict[str, float]) -> str:
    told = [f"{shown(name)} {value:.4g}" for name, value in islice(values.items(), MOST_FIGURES)]
    more = len(values) - len(told)
    return "  ".join(told) + (f"  and {more:,} more" if more else "")


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def _gain(a: float | None, b: float | None) -> str:
    return "" if a is None or b is None else f"  ({b - a:+.4g})"


def _shown(value: Any) -> str:
    return "–" if value is None else shown(str(value))


# Which run is meant -----------------------------------------------------------------------------------------


def _records(file: Path) -> tuple[RunRecord, ...]:
    from engine.runs.places import runs_of
    from engine.runs.record import runs_in

    folder = runs_of(file)
    if not file.is_file() and not folder.is_dir():
        raise BadInputError(f"{file}: Expected a project file. Received no such file.")
    return runs_in(folder)


def run_with_weights(file: Path, run: str | None) -> Path:
    """The run that is asked for, or the newest of the project."""
    from engine.runs.checkpoints import CHECKPOINTS
    from engine.runs.places import runs_of
    from engine.runs.record import runs_in

    if run is not None:
        return record_named(file, run).folder
    if not file.is_file():
        raise BadInputError(f"{file}: Expected a project file. Received no such file.")
    folder = runs_of(file)
    for record in runs_in(folder):
        if os.path.lexists(record.folder / CHECKPOINTS / "last.safetensors"):
            return record.folder
    raise BadInputError(f"{file}: Expected a run with weights in {folder}. Received none; train it first.")


def record_named(file: Path, name: str | None) -> RunRecord:
    """The run of this name, or in the folder of this name or path; the newest where none is named."""
    from engine.runs.record import ABOUT, record_of

    found = _records(file)
    if name is None:
        if not found:
            raise BadInputError(f"{file}: Expected a project with runs. Received one without; train it.")
        return found[0]
    named = [r for r in found if r.folder.name == name] or [r for r in found if r.name == name]
    if len(named) == 1:
        return named[0]
    if len(named) > 1:
        folders = ", ".join(record.folder.name for record in named)
        raise BadInputError(f"{name}: Expected the name of one run. Received that of several: {folders}.")
    if (Path(name) / ABOUT).is_file():
        return record_of(Path(name))
    known = ", ".join(record.folder.name for record in found[:5]) or "none"
    raise BadInputError(f"{file}: Expected one of its runs ({known}). Received {name!r}.")


def checkpoint_of(file: Path, name: str | None, *, is_longer: bool) -> tuple[Path, Path]:
    """The folder and the checkpoint with which a run goes on; a run that is complete only to go on longer."""
    from engine.runs.checkpoints import broken_checkpoints, checkpoints_of
    from engine.runs.record import UNREADABLE
    from nodes.regular_file import is_regular

    if name is not None and name.endswith(".safetensors"):
        path = Path(name)
        if not is_regular(path):
            raise BadInputError(f"{name}: Expected a checkpoint. Received no such file.")
        return path.absolute().parent.parent, path
    record = record_named(file, name) if name is not None else _newest_resumable(file)
    if record.status == UNREADABLE:
        raise BadInputError(f"{record.folder.name}: Expected a run. Received one that {record.sentence}")
    if record.status == "running":
        raise BadInputError(f"{record.name}: Expected a run that has ended. Received one that is running.")
    if record.status == "completed" and not is_longer:
        raise BadInputError(
            f"{record.name}: Expected a run that has steps left. Received one that is complete; "
            "--epochs or --steps make it longer."
        )
    found = [each for each in checkpoints_of(record.folder) if each.resumable]
    if not found:
        broken = "".join(f" {each.sentence}" for each in broken_checkpoints(record.folder)[:3])
        raise BadInputError(
            f"{record.name}: Expected a run with a checkpoint to go on from. Received none.{broken}"
        )
    return record.folder, found[-1].path


def _newest_resumable(file: Path) -> RunRecord:
    records = _records(file)
    return (
        next((record for record in records if record.resumable), records[0])
        if records
        else record_named(file, None)
    )
