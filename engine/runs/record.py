"""The record of a run from its folder: one line of a list, its project and its checkpoints.

Reads only plain files of the folder, up to a size; one that is not valid is unreadable. Without torch.
"""

from __future__ import annotations

import os
import re
import struct
from pathlib import Path
from typing import Any

import msgspec

from engine.document.project import Project
from engine.document.storage.data_paths import anchored, portable
from engine.document.storage.file import LARGEST_FILE, from_bytes
from engine.runs.lock import Pulse, pulse_of
from engine.runs.places import project_folder
from engine.runs.plain_files import LONGEST, content, decoded, is_folder, own_file, reason
from engine.runs.plain_files import ArchiveError as ArchiveError
from nodes.user_error import UserError

ABOUT = "run.json"
DRAWING = "project.loom"
NOTES = "notes.json"
METRICS = "metrics.sqlite"
CHECKPOINTS = "checkpoints"
FORMAT = 2
"""1: the drawing inside of run.json, a row for each loss. 2: the drawing beside it, losses in blocks."""
LARGEST_ABOUT = LARGEST_FILE
LARGEST_NOTES = 1 << 20
LARGEST_HEADER = 32 << 20
"""The most bytes of the header of a checkpoint."""
STEP_FILE = re.compile(r"step-(\d{1,18})\.safetensors")
KINDS = ("last", "best", "initial", "sound")
ENDED = ("completed", "stopped", "failed")
UNREADABLE = "unreadable"


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


class Checkpoint(msgspec.Struct, frozen=True):
    """A file of weights. `kind` is "last", "best", "kept", "initial" or "sound"; `size` is in bytes.

    `resumable`: a run can be resumed from it; the others hold only weights.
    """

    path: Path
    kind: str
    step: int
    epoch: int
    size: int
    resumable: bool


class _Started(msgspec.Struct):
    device: str = ""
    parameters: int = 0
    epochs: int = 0
    total_steps: int = 0
    seed: int = 0


class _Result(msgspec.Struct):
    status: str = ""
    step: int = 0
    epoch: int = 0
    seconds: float = 0.0
    metrics: dict[str, float | None] = {}
    message: str = ""
    training: dict[str, float | None] = {}
    nonfinite_epochs: int = 0


class _About(msgspec.Struct):
    """run.json without the project, which format 1 stores in it."""

    format: int
    status: str
    created: str = ""
    started: _Started | None = None
    result: _Result | None = None


class _Drawn(msgspec.Struct):
    project: dict[str, Any] = {}


class Notes(msgspec.Struct, frozen=True, omit_defaults=True):
    """Name, note and tags of a run."""

    name: str = ""
    note: str = ""
    tags: tuple[str, ...] = ()


class _Header(msgspec.Struct):
    metadata: dict[str, str] = msgspec.field(default_factory=dict, name="__metadata__")


class _Point(msgspec.Struct):
    step: int = 0
    epoch: int = 0
    resumable: bool = False


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
        name = notes.name or folder.name
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
        notes.name or folder.name,
        status,
        notes.note,
        notes.tags,
        about.created[:100],
        result.seconds,
        result.step,
        result.epoch,
        started.total_steps,
        started.epochs,
        metrics,
        result.message[:LONGEST],
        started.device[:100],
        started.seed,
        started.parameters,
        None if status in ("running", "completed") else _resumes(folder, started.total_steps),
        training,
        result.nonfinite_epochs,
        held and pulse is not None and pulse.paused,
    )


def _reached(folder: Path, pulse: Pulse | None) -> _Result:
    """The progress of a run that did not record its end: its last heartbeat, or its last checkpoint where
    that is later.
    """
    last = _checkpoint(folder / CHECKPOINTS / "last.safetensors", "last")
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
        raise ArchiveError(f"{ABOUT}: {error}"[:LONGEST]) from error
    if not 1 <= about.format <= FORMAT:
        raise ArchiveError(
            f"{ABOUT}: Expected format {FORMAT} or older. Received format {about.format}: the run was made "
            "by a newer Layerloom, which can read it."
        )
    if about.status not in (*ENDED, "running"):
        raise ArchiveError(f"{ABOUT}: Expected a status of a run. Received {about.status[:40]!r}.")
    return about


def _resumes(folder: Path, total_steps: int) -> int | None:
    """The step from which this run resumes: that of its newest checkpoint."""
    place = folder / CHECKPOINTS
    kept = max((path.name for path in place.glob("step-*.safetensors")), key=_kept_step, default="")
    names = {"last": "last.safetensors", "kept": kept, "initial": "initial.safetensors"}
    found = [_checkpoint(place / name, kind) for kind, name in names.items() if name]
    steps = [one.step for one in found if one is not None and one.resumable]
    return max((step for step in steps if step < max(total_steps, 1)), default=None)


def _kept_step(name: str) -> int:
    found = STEP_FILE.fullmatch(name)
    return int(found[1]) if found else -1


def runs_in(runs: Path) -> tuple[RunRecord, ...]:
    """All runs in this folder, the newest first. Empty folders are skipped: their run has not started yet."""
    try:
        with os.scandir(runs) as entries:
            folders = [Path(entry.path) for entry in entries if _is_run(entry)]
    except OSError:
        return ()
    records = [record_of(folder) for folder in folders]
    return tuple(sorted(records, key=lambda record: (record.created, record.folder.name), reverse=True))


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
        raise ArchiveError(f"{NOTES}: {error}"[:LONGEST]) from error
    return Notes(notes.name[:LONGEST], notes.note, notes.tags)


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


# Checkpoints ------------------------------------------------------------------------------------------------


def checkpoints_of(folder: Path) -> tuple[Checkpoint, ...]:
    """The complete checkpoints by step; of two at one step the kept one first."""
    place = folder / CHECKPOINTS
    if not is_folder(folder) or not is_folder(place):
        return ()
    try:
        names = sorted(path.name for path in place.iterdir())
    except OSError:
        return ()
    found = [_checkpoint(place / name, kind) for name in names if (kind := _kind(name))]
    order = ("initial", "kept", "best", "sound", "last")
    return tuple(sorted((each for each in found if each), key=lambda one: (one.step, order.index(one.kind))))


def _kind(name: str) -> str | None:
    if STEP_FILE.fullmatch(name):
        return "kept"
    stem, dot, suffix = name.partition(".")
    return stem if stem in KINDS and dot and suffix == "safetensors" else None


def _checkpoint(path: Path, kind: str) -> Checkpoint | None:
    """The header of a checkpoint; None where it is not valid."""
    if not is_folder(path.parent) or not own_file(path):
        return None
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            (length,) = struct.unpack("<Q", file.read(8))
            if length > min(LARGEST_HEADER, size):
                return None
            header = decoded(file.read(length), _Header)
        point = decoded(header.metadata.get("about", "{}"), _Point)
    except (OSError, struct.error, ArchiveError):
        return None
    return Checkpoint(path, kind, point.step, point.epoch, size, point.resumable)
