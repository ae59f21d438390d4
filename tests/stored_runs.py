"""Runs on disk: most that nobody trained, with the curves, ends and notes that a test or a picture needs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from engine.document.project import Project
from engine.messages.events import Event, Finished, Progress, Started, Validated
from engine.run.run import Run
from engine.run.run_folder import RunFolder
from engine.runs.archive import annotate
from engine.weights.checkpoint import save_checkpoint
from tests.drawings import mlp

NEWEST = datetime(2026, 11, 12, 14, 3, tzinfo=UTC)


def noisy(steps: int, level: float = 0.3, seed: int = 0, start: float = 2.0) -> np.ndarray:
    """A loss that falls from `start` to `level`, with noise, `(steps,)`."""
    at = np.arange(1, steps + 1)
    noise = np.random.default_rng(seed).normal(0.0, 0.12 * level, steps)
    return level + (start - level) * np.exp(-at / max(1.0, steps / 8)) + noise


def store(
    folder: Path,
    project: Project,
    *,
    losses: dict[str, Any],
    total: int = 0,
    status: str = "completed",
    metrics: dict[str, float] | None = None,
    epochs: int = 10,
    message: str = "",
    seconds: float = 84.0,
    created: datetime | None = None,
    checkpoint: int | None = None,
    terms: dict[str, Any] | None = None,
    name: str = "",
    note: str = "",
    tags: tuple[str, ...] = (),
) -> Path:
    """A run that told these losses (one value for each step) and ended so; "interrupted": its end is missing.

    `metrics` are the final figures, with the validation losses; each is told at every epoch on its way there.
    `checkpoint`: the step from which it can be resumed.
    """
    steps = len(next(iter(losses.values())))
    per_epoch = max(1, (total or steps) // epochs)
    made = RunFolder(folder, project)
    made.record(Started("CPU", 61_706, per_epoch, epochs, total or steps, 0))
    rates = dict.fromkeys(losses, 0.002)
    told = {path: list(map(float, values)) for path, values in losses.items()}
    parts = {path: list(map(float, values)) for path, values in (terms or {}).items()}
    every = list(range(1, steps + 1))
    made.record(Progress(steps, steps // per_epoch, every, told, 21_000.0, 0.0, rates, {}, parts))
    final = metrics or {}
    for epoch in range(1, steps // per_epoch + 1):
        share = 1.0 + 0.6 * np.exp(-epoch)
        lost = {key: value * share for key, value in final.items() if key in losses}
        won = {key: value / share for key, value in final.items() if key not in losses}
        made.record(Validated(epoch * per_epoch, epoch, lost, won))
    made.flush()
    if checkpoint is not None:
        about = {"step": checkpoint, "epoch": checkpoint // per_epoch, "resumable": True}
        for kind, step in (("initial", 0), ("last", checkpoint)):
            save_checkpoint(folder / "checkpoints" / f"{kind}.safetensors", {}, {**about, "step": step})
    if status != "interrupted":
        made.record(Finished(status, steps, steps // per_epoch, seconds, final, message))
    else:
        made._lock.beat(steps, steps // per_epoch, seconds, final)
    made.close()
    if created is not None:
        date(folder, created)
    if name or note or tags:
        annotate(folder, name=name or None, note=note, tags=tags)
    return folder


def date(folder: Path, created: datetime) -> None:
    """Let a run have begun at this time."""
    about = json.loads((folder / "run.json").read_text("utf-8"))
    about["created"] = created.isoformat(timespec="milliseconds")
    about.pop("number", None)  # else it counts
    (folder / "run.json").write_text(json.dumps(about), "utf-8")


def example_runs(runs: Path, project: Project, loss: str, metric: str, now: datetime) -> list[Path]:
    """Six runs with six different fates, the newest first."""
    rows: list[dict[str, Any]] = [
        {"name": "wide, cosine", "status": "interrupted", "steps": 1204, "checkpoint": 1100,
         "tags": ("wide",), "metrics": {loss: 0.341, metric: 0.871}, "note": "the machine was switched off"},
        {"name": "wide", "metrics": {loss: 0.297, metric: 0.893}, "tags": ("wide", "best"),
         "note": "twice the channels"},
        {"name": "rate 1e-1", "status": "failed", "steps": 38, "tags": ("rate",), "seconds": 1.1,
         "message": f"{loss}: the loss is not a finite number at step 38. Lower the learning rate."},
        {"name": "rate 1e-2", "status": "stopped", "steps": 700, "checkpoint": 700, "tags": ("rate",),
         "metrics": {loss: 0.402, metric: 0.845}},
        {"name": "", "metrics": {loss: 0.366, metric: 0.863}},
        {"name": "first try", "metrics": {loss: 0.512, metric: 0.812}, "note": "as it came from the gallery"},
    ]  # fmt: skip
    found = []
    for index, row in enumerate(rows):
        steps, final = row.pop("steps", 1570), row.get("metrics", {loss: 1.2})
        began = now - timedelta(minutes=37 * index + 260 * (index > 2))
        folder = runs / f"{began.astimezone():%Y-%m-%d_%H-%M-%S}"
        values = noisy(steps, final[loss] * 0.8, index)
        found.append(
            store(folder, project, losses={loss: values}, total=1570, created=began, **row)
        )  # fmt: skip
    return found


def trained(folder: Path, project: Project | None = None, **bounds: int) -> list[Event]:
    """A run that was trained in truth (for 30 steps, if nothing else is said), and what it told."""
    events: list[Event] = []
    Run(project or mlp("digits", 8), folder=folder, **(bounds or {"steps": 30})).execute(events.append)
    return events
