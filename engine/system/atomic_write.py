"""Writes a file so that at any moment the old one or the new one is there, whole, even after a power cut."""

from __future__ import annotations

import contextlib
import itertools
import os
import stat
import time
from pathlib import Path

_COUNT = itertools.count()


def write_atomically(path: Path, data: bytes, *, mode: int | None = None, durable: bool = True) -> None:
    """Put these bytes in the place of a file: a temporary file beside it, fsync, rename, fsync of the folder.

    A link is followed, so that it still links afterwards. The permissions of a file that was there are kept,
    unless `mode` gives others. Not `durable`: after a power cut the file may be empty; for what is no loss.
    Raises `OSError` where the disk refuses; the old file is then as it was.
    """
    path = path.resolve()
    kept = mode if mode is not None else _mode_of(path)
    temporary = path.with_name(f".{path.name[:100]}.{os.getpid()}-{next(_COUNT)}.part")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        if kept is not None:
            temporary.chmod(kept)
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    if durable:
        _sync_folder(path.parent)


def remove_leftovers(folder: Path, names: str) -> None:
    """Delete what killed processes left half written of the files that match `names`, once a minute old.

    Best effort: a leftover that cannot be deleted harms nobody.
    """
    with contextlib.suppress(OSError):
        for leftover in folder.glob(f".{names}.*-*.part"):
            if time.time() - leftover.stat().st_mtime > 60:
                leftover.unlink()


def _mode_of(path: Path) -> int | None:
    """The permissions that the file has; None where it is new and gets those that new files get."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return None


def _sync_folder(folder: Path) -> None:
    """Make the rename itself last. Windows has no handle for this, and needs none."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
