"""Whether a run may write into a folder that somebody else may have made.

A link, a second name of a file, a pipe, or a trigger in the database would make a run that goes on there
write elsewhere, wait for ever or compute without end. Does not import torch.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

from engine.runs.database import BESIDE, METRICS, opened, tables_of
from engine.runs.lock import NAME as LOCK
from engine.runs.plain_files import ArchiveError, is_folder, reason

MOST_ENTRIES = 100_000
"""The most files and folders of a run."""
WRITTEN_IN_PLACE = frozenset((LOCK, METRICS, *(f"{METRICS}{end}" for end in BESIDE)))
"""Files that are changed where they are; the others are replaced."""


def require_plain(folder: Path) -> None:
    """Raise `ArchiveError` unless there are only folders and plain files here, none of them a link."""
    if not is_folder(folder):
        raise ArchiveError(f"{folder}: Expected the folder of a run. Received a link or none.")
    waiting, count = [folder], 0
    while waiting:
        for entry in _entries(waiting.pop()):
            count += 1
            if count > MOST_ENTRIES:
                raise ArchiveError(f"{folder}: Expected at most {MOST_ENTRIES:,} files. Received more.")
            if _is_plain_folder(entry, folder):
                waiting.append(Path(entry.path))


def _entries(place: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(place) as entries:
            yield from entries
    except OSError as error:
        raise ArchiveError(f"{place}: cannot be read. {reason(error)}.") from error


def _is_plain_folder(entry: os.DirEntry[str], run: Path) -> bool:
    """Whether this is a folder. Raises `ArchiveError` where it is neither that nor a plain file."""
    found = entry.stat(follow_symlinks=False)
    if stat.S_ISDIR(found.st_mode):
        return True
    if not stat.S_ISREG(found.st_mode):
        kind = "a link" if stat.S_ISLNK(found.st_mode) else "a pipe, a socket or a device"
        raise ArchiveError(f"{run}: Expected plain files and folders. Received {kind}, {entry.name}.")
    if found.st_nlink > 1 and entry.name in WRITTEN_IN_PLACE:
        raise ArchiveError(
            f"{run}: Copy the folder and use the copy. Expected a file of its own. Received {entry.name}, "
            "which has another name elsewhere (a hard link)."
        )
    return False


def require_tables(folder: Path) -> None:
    """Raise `ArchiveError` unless the database has a run's tables, nothing else, and no change half made."""
    journal = folder / f"{METRICS}-journal"
    if os.path.lexists(journal):  # SQLite would undo what it says, and delete the file that it names
        raise ArchiveError(
            f"{folder}: Expected a whole {METRICS}. Received one with a {journal.name} beside it."
        )
    try:
        with opened(folder) as database:
            tables_of(database, alone=True)
    except sqlite3.Error as error:
        raise ArchiveError(f"{folder.name}: its measurements cannot be read. {error}") from error
