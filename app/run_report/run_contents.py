"""What a report of a run is made of, read from the run's folder: nothing is trained, nothing is computed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from engine.document.project import Project, Settings
from engine.report import Report
from engine.runs.checkpoints import Checkpoint, checkpoints_of
from engine.runs.curves import Curves, curves_of
from engine.runs.record import RunRecord, project_of, record_of

PATH = re.compile(r"(?:[A-Za-z]:)?[\\/](?:[^\\/\s'\"<>|:]+[\\/])+([^\\/\s'\"<>|:]*)")
MOST_MOMENTS = 6
"""Checkpoints whose pictures are shown."""


@dataclass(frozen=True)
class RunContents:
    """A run: its record, its drawing and what inference says of it, its curves and checkpoints by step."""

    record: RunRecord
    project: Project
    report: Report
    curves: Curves
    checkpoints: tuple[Checkpoint, ...]


def read_contents(folder: Path) -> RunContents:
    """Raises `ArchiveError` where the folder of the run cannot be read."""
    from engine.infer import infer

    project = project_of(folder)
    curves = curves_of(folder)
    return RunContents(record_of(folder), project, infer(project), curves, _moments(folder))


def _moments(folder: Path) -> tuple[Checkpoint, ...]:
    """At most six checkpoints of different steps, evenly chosen, the first and the last among them."""
    by_step = {checkpoint.step: checkpoint for checkpoint in checkpoints_of(folder)}
    steps = sorted(by_step)
    if len(steps) > MOST_MOMENTS:
        last = len(steps) - 1
        places = sorted({round(place * last / (MOST_MOMENTS - 1)) for place in range(MOST_MOMENTS)})
        steps = [steps[place] for place in places]
    return tuple(by_step[step] for step in steps)


def without_paths(text: str) -> str:
    """A text in which files are named without the folders that they lie in."""
    return PATH.sub(lambda found: found[1] or "…", text)


def settings_of(project: Project, record: RunRecord) -> list[tuple[str, str]]:
    """Settings of the run and how far it came, in words."""
    settings: Settings = project.settings
    rows = [
        ("Status", without_paths(record.sentence)),
        ("Started", record.created[:19].replace("T", " ")),
        ("Time", f"{record.seconds:,.1f} s"),
        ("Steps", f"{record.step:,} of {record.total_steps:,}"),
        ("Epochs", f"{record.epoch:,} of {record.epochs:,}"),
        ("Batch size", f"{settings.batch_size:,} samples"),
        ("Seed", str(record.seed)),
        ("Device", record.device),
        ("Precision", settings.precision),
        ("Parameters", f"{record.parameters:,}"),
    ]
    return [(name, value) for name, value in rows if value]
