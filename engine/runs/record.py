"""The record of a run from its folder: one line of a list, its project and its checkpoints.

Reads only plain files of the folder, up to a size; one that is not valid is unreadable. Without torch.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import msgspec

from engine.document.project import Project
from engine.document.storage.data_paths import anchored, portable
from engine.document.storage.file import LARGEST_FILE, from_bytes
from engine.runs.checkpoints import last_checkpoint, resumes_at
from engine.runs.lock import Pulse, pulse_of
from engine.runs.places import project_folder
from engine.runs.plain_files import ArchiveError as ArchiveError
from engine.runs.plain_files import Count, Seconds, content, decoded, is_folder, reason
from nodes.shown_text import LINE, quoted, shown
from nodes.user_error import UserError

ABOUT = "run.json"
DRAWING = "project.loom"
DATA = "data.json"
"""What was fitted to the training data: scaling, classes, columns (`engine/data/kept_data.py`)."""
NOTES = "notes.json"
FORMAT = 2
"""1: the drawing inside of run.json, a row for each loss. 2: the drawing beside it, losses in blocks."""
LARGEST_ABOUT = 8 << 20
LARGEST_DATA = 64 << 20
LARGEST_NOTES = 1 << 20
LONGEST_NAME, LONGEST_NOTE = 200, 100_000
LONGEST_TAG, MOST_TAGS = 100, 100
ENDED = ("completed", "stopped", "failed")
UNREADABLE = "unreadable"
LARGEST_NUMBER = 10**9
MOST_NUMBERED = 10_000
"""Folders that are asked for the number of a new run."""


class RunRecord(msgspec.Struct, frozen=True):
    """One line of the list of runs.

    `status` is "running" (also where `paused`), "completed", "stopped", "failed", "interrupted" (the process
    died) or "unreadable", which `message` explains. `resumes` is the step from which it can be resumed, None
    where it cannot. `metrics` are those of the last validation, with its losses; `training` the losses by
    objective over the last steps. `nonfinite_epochs` counts epochs whose validation was not finite.
    """

    folder: Path
    name: str
    status: str
    note: str = ""
    tags: tuple[str, ...] = ()
    created: str = ""
    seconds: float = 0.0
    step: int = 0
    epoch: int = 0
    total_steps: int = 0
    epochs: int = 0
    metrics: dict[str, float] = {}
    message: str = ""
    device: str = ""
    seed: int = 0
    parameters: int = 0
    resumes: int | None = None
    training: dict[str, float] = {}
    nonfinite_epochs: int = 0
    paused: bool = False
    number: int = 0
    """Counts the runs of a folder from 1; 0 in runs of earlier versions."""

    @property
    def resumable(self) -> bool:
        return self.resumes is not None

    @property
    def sentence(self) -> str:
        """The status as text."""
        if self.status == UNREADABLE:
            return f"cannot be read: {self.message}"
        if self.status == "running":
            return f"{'paused' if self.paused else 'running'}, step {self.step:,} of {self.total_steps:,}"
        if self.status == "completed":
            early = f"; {self.message}" if self.message else ""
            return f"completed, {self.step:,} steps{early}"
        text = f"{'failed' if self.status == 'failed' else 'stopped'} at step {self.step:,}"
        if self.resumes is not None and self.resumes != self.step:
            text += f"; resume from step {self.resumes:,}"
        elif self.resumes is not None:
            text += "; resume"
        return f"{text}. {self.message}" if self.message else text


Figures = Annotated[
    dict[Annotated[str, msgspec.Meta(max_length=1_000)], float | None], msgspec.Meta(max_length=1_000)
]


class _Started(msgspec.Struct):
    device: str = ""
    parameters: Count = 0
    epochs: Count = 0
    total_steps: Count = 0
    seed: int = 0


class _Result(msgspec.Struct):
    status: str = ""
    step: Count = 0
    epoch: Count = 0
    seconds: Seconds = 0.0
    metrics: Figures = {}
    message: str = ""
    training: Figures = {}
    nonfinite_epochs: Count = 0


class _Version(msgspec.Struct):
    format: int


class _About(msgspec.Struct):
    """run.json without the project, which format 1 stores in it."""

    format: int
    status: str
    created: str = ""
    started: _Started | None = None
    result: _Result | None = None
    number: Count = 0


class _Drawn(msgspec.Struct):
    project: dict[str, Any] = {}


class Notes(msgspec.Struct, frozen=True, omit_defaults=True):
    """Name, note and tags of a run."""

    name: str = ""
    note: str = ""
    tags: tuple[str, ...] = ()


# The list ---------------------------------------------------------------------------------------------------


def record_of(folder: Path) -> RunRecord:
    """The record of the run in this folder. For a folder that cannot be read its status is "unreadable"."""
    notes = Notes()
    try:
        if not is_folder(folder):
            raise ArchiveError("Expected a run's folder. Received a link or none.")
        notes = _shown_notes(folder)
        return _record(folder, notes)
    except (ArchiveError, OSError, ValueError) as error:
        name = notes.name or shown(folder.name, LONGEST_NAME)
        return RunRecord(folder, name, UNREADABLE, notes.note, notes.tags, message=reason(error))


def _record(folder: Path, notes: Notes) -> RunRecord:
    pulse, held = pulse_of(folder)
    about = _about(folder, held=held)
    started = about.started or _Started()
    if about.status in ENDED and not held:
        status, result = about.status, about.result or _Result()
    else:
        status, result = "running" if held else "interrupted", _reached(folder, pulse)
    metrics, training = (
        {name: value for name, value in values.items() if value is not None}
        for values in (result.metrics, result.training)
    )
    return RunRecord(
        folder,
        notes.name or shown(folder.name, LONGEST_NAME),
        status,
        notes.note,
        notes.tags,
        shown(about.created, 100),
        result.seconds,
        result.step,
        result.epoch,
        started.total_steps,
        started.epochs,
        metrics,
        shown(result.message, LINE),
        shown(started.device, 100),
        started.seed,
        started.parameters,
        None if status in ("running", "completed") else resumes_at(folder, started.total_steps),
        training,
        result.nonfinite_epochs,
        held and pulse is not None and pulse.paused,
        _number(about),
    )


def _reached(folder: Path, pulse: Pulse | None) -> _Result:
    """The progress of a run that did not record its end: its last heartbeat, or its last checkpoint where
    that is later.
    """
    last = last_checkpoint(folder)
    kept = (0, 0) if last is None else (last.step, last.epoch)
    if pulse is None:
        return _Result("", *kept)
    return _Result("", *max((pulse.step, pulse.epoch), kept), pulse.seconds, dict(pulse.metrics))


def _about(folder: Path, *, held: bool) -> _About:
    try:
        text = content(folder / ABOUT, LARGEST_ABOUT)
    except FileNotFoundError:
        if held:
            return _About(FORMAT, "running")  # it has only just begun
        raise ArchiveError(f"Expected {ABOUT} in it. Received none.") from None
    try:
        about = decoded(text, _About)
    except ArchiveError as error:
        raise ArchiveError(f"{ABOUT}: {error}") from error
    require_known(text)
    if about.status not in (*ENDED, "running"):
        raise ArchiveError(f"{ABOUT}: Expected a status of a run. Received {quoted(about.status)}.")
    return about


def require_known(about: bytes) -> None:
    """Raise `ArchiveError` where run.json is of a newer format, which only a newer version understands."""
    version = decoded(about, _Version).format
    if not 1 <= version <= FORMAT:
        raise ArchiveError(
            f"{ABOUT}: Expected format {FORMAT} or older. Received format {version}: the run was made "
            "by a newer Layerloom, which can read it."
        )


def runs_in(runs: Path) -> tuple[RunRecord, ...]:
    """All runs in this folder, the newest first. Empty folders are skipped: their run has not started yet.

    Raises `ArchiveError` where something else than a folder is in its place.
    """
    return newest_first(record_of(folder) for folder in run_folders(runs))


def run_folders(runs: Path) -> list[Path]:
    """The folders of the runs in this folder; none where it is not there. Raises `ArchiveError`."""
    if not os.path.lexists(runs):
        return []
    if not is_folder(runs):
        raise ArchiveError(
            f"{runs}: Put a folder there, or remove it. Expected a folder of runs. Received a link or a file."
        )
    try:
        with os.scandir(runs) as entries:
            return [Path(entry.path) for entry in entries if _is_run(entry)]
    except OSError as error:
        raise ArchiveError(f"{runs}: cannot be read. {reason(error)}.") from error


def newest_first(records: Iterable[RunRecord]) -> tuple[RunRecord, ...]:
    """By number, whatever the clock said; runs of earlier versions, which have none, by time after them."""
    return tuple(sorted(records, key=lambda one: (one.number, one.created, one.folder.name), reverse=True))


def next_number(runs: Path) -> int:
    """One more than the largest number of the runs in this folder, for one that begins."""
    largest = 0
    with suppress(ArchiveError):
        for folder in run_folders(runs)[:MOST_NUMBERED]:
            with suppress(ArchiveError, OSError):
                largest = max(largest, _number(decoded(content(folder / ABOUT, LARGEST_ABOUT), _About)))
    return largest + 1


def _number(about: _About) -> int:
    """0 where there is none, or one that counting does not reach."""
    return about.number if about.number < LARGEST_NUMBER else 0


def _is_run(entry: os.DirEntry[str]) -> bool:
    try:
        if entry.name.startswith(".") or not entry.is_dir():
            return False
        if entry.is_symlink():
            return True  # listed as what it is
        with os.scandir(entry.path) as inside:
            return next(inside, None) is not None
    except OSError:
        return True


def project_of(folder: Path) -> Project:
    """The project that was trained; its data paths are relative to the project's present folder.

    Raises `ArchiveError`.
    """
    try:
        if not is_folder(folder):
            raise ArchiveError("Expected a run's folder. Received a link or none.")
        try:
            project = from_bytes(content(folder / DRAWING, LARGEST_FILE))
        except FileNotFoundError:
            project = _inner_project(content(folder / ABOUT, LARGEST_ABOUT))
        place = project_folder(folder)
        return project if place is None else anchored(project, place)
    except (UserError, OSError) as error:
        raise ArchiveError(f"{folder.name}: its drawing cannot be read. {reason(error)}") from error


def _inner_project(about: bytes) -> Project:
    raw = decoded(about, _Drawn).project
    raw.setdefault("format", 2)  # left out where it was the one of that time
    for graph in _dicts(raw.get("graphs")):
        for node in _dicts(graph.get("nodes")):
            node.pop("id", None)
    return from_bytes(msgspec.json.encode(raw))


def _dicts(value: object) -> list[dict[str, Any]]:
    found = value.values() if isinstance(value, dict) else ()
    return [entry for entry in found if isinstance(entry, dict)]


def drawing_bytes(project: Project, folder: Path) -> bytes:
    """The project as JSON for the run's folder; nodes and wires keep their order, which is that of summation.

    Raises `ArchiveError` where a path is not valid UTF-8.
    """
    place = project_folder(folder)
    plain = msgspec.to_builtins(project if place is None else portable(project, place))
    plain["format"] = project.format
    for graph in plain.get("graphs", {}).values():
        for node in graph.get("nodes", {}).values():
            del node["id"]
    try:
        return msgspec.json.format(msgspec.json.encode(plain), indent=1) + b"\n"
    except UnicodeEncodeError as error:
        raise ArchiveError(
            f"Expected data in folders whose names are text (UTF-8). Received {str(error.object)!r}; rename "
            "what is none."
        ) from error


# Notes ------------------------------------------------------------------------------------------------------


def _notes(folder: Path) -> Notes:
    try:
        notes = decoded(content(folder / NOTES, LARGEST_NOTES), Notes)
    except FileNotFoundError:
        return Notes()
    except ArchiveError as error:
        name = f"{NOTES}: "
        raise ArchiveError(f"{name}{str(error).removeprefix(name)}") from error
    tags = (shown(tag, LONGEST_TAG) for tag in notes.tags[:MOST_TAGS])
    return Notes(shown(notes.name, LONGEST_NAME), notes.note[:LONGEST_NOTE], tuple(tags))


def _shown_notes(folder: Path) -> Notes:
    """The notes, or a message where they cannot be read; the run stays readable."""
    try:
        return _notes(folder)
    except (ArchiveError, OSError) as error:
        return Notes(note=f"The note cannot be read. {reason(error)}")


def notes_of(folder: Path) -> Notes:
    """Name, note and tags of this run; empty where they cannot be read."""
    try:
        return _notes(folder)
    except (ArchiveError, OSError):
        return Notes()
