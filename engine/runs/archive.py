"""The runs of a project on disk: list, read, compare, annotate, remove.

Safe while a run is in progress in this process, in another or on another machine. Does not import torch.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec

from engine.runs.checkpoints import CHECKPOINTS, Checkpoint, checkpoints_of
from engine.runs.comparison import Changed, Comparison, WireChange, compare
from engine.runs.curves import Curves, Series, curves_of
from engine.runs.database import METRICS
from engine.runs.lock import is_held
from engine.runs.plain_files import ArchiveError, is_folder, own_file
from engine.runs.record import (
    ABOUT,
    DRAWING,
    LONGEST_NAME,
    LONGEST_NOTE,
    LONGEST_TAG,
    MOST_TAGS,
    NOTES,
    Notes,
    RunRecord,
    newest_first,
    notes_of,
    project_of,
    record_of,
    run_folders,
    runs_in,
)
from engine.system.atomic_write import write_atomically


def annotate(
    folder: Path, *, name: str | None = None, note: str | None = None, tags: tuple[str, ...] | None = None
) -> RunRecord:
    """Set the name, note or tags of a run, running or not; None keeps the value.

    Raises `ArchiveError`.
    """
    _expect_run(folder)
    old = notes_of(folder)
    new = Notes(
        old.name if name is None else _line(name, LONGEST_NAME),
        old.note if note is None else _text(note)[:LONGEST_NOTE],
        old.tags if tags is None else _tags(tags),
    )
    path = folder / NOTES
    try:
        if path.is_symlink():
            path.unlink()
        write_atomically(path, msgspec.json.format(msgspec.json.encode(new), indent=2) + b"\n")
    except OSError as error:
        raise ArchiveError(f"{folder.name}: the note could not be written. {error.strerror}.") from error
    return record_of(folder)


def _text(text: str) -> str:
    """The text as valid UTF-8: a terminal may pass invalid bytes."""
    return text.encode("utf-8", "replace").decode()


def _line(text: str, longest: int) -> str:
    return " ".join(_text(text).split())[:longest]


def _tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    lines = (_line(tag, LONGEST_TAG) for tag in tags)
    return tuple(dict.fromkeys(line for line in lines if line))[:MOST_TAGS]


def remove(folder: Path) -> None:
    """Delete a run with all its files. Raises `ArchiveError`, also where it is running."""
    _expect_run(folder)
    if is_held(folder):
        raise ArchiveError(
            f"{folder.name}: Expected a run that has ended. Received one that is running; stop it first."
        )
    gone = folder.with_name(f".removed-{folder.name}")
    try:
        if gone.is_dir() and not gone.is_symlink():
            shutil.rmtree(gone)
        folder.rename(gone)  # out of the list at once, and never half there
        shutil.rmtree(gone)
    except OSError as error:
        raise ArchiveError(f"{folder.name}: could not be removed. {error.strerror or error}.") from error


def _expect_run(folder: Path) -> None:
    """Raise `ArchiveError` unless this is the folder of a run and no link."""
    if not is_folder(folder) or not any(own_file(folder / each) for each in (ABOUT, METRICS, DRAWING)):
        raise ArchiveError(f"{folder}: Expected the folder of a run. Received something else.")


__all__ = [
    "CHECKPOINTS",
    "ArchiveError",
    "Changed",
    "Checkpoint",
    "Comparison",
    "Curves",
    "RunRecord",
    "Series",
    "WireChange",
    "annotate",
    "checkpoints_of",
    "compare",
    "curves_of",
    "newest_first",
    "project_of",
    "record_of",
    "remove",
    "run_folders",
    "runs_in",
]
