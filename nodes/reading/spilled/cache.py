"""Values of data sets in files of the user's cache, mapped: for sets whose values do not fit into memory.

An entry is a folder of `.npy` files that is written under another name and then renamed, so that it is whole
or not there. Its name tells the version of the data and how they were read; runs that read the same share it.
The oldest entries make room for new ones. All of them may be deleted at any time. What values mean is not
known here.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import platformdirs

from nodes.reading import budget
from nodes.reading.dataset import Array
from nodes.reading.error import DataError, NoRoomError
from nodes.reading.kept import signature
from nodes.reading.spilled.writing import SpillWriter, refused
from nodes.shown_text import shown

SHARE = 0.5
"""Share of the disk space that is free, or held by the cache, that the cache may take."""
FORMAT = 1
"""Raised whenever entries are written otherwise."""
ENTRY = "entry.json"
PART = ".part"
ABANDONED = 600.0
"""Seconds without a change after which an entry that is being written was left by a process that ended."""


class _Entry(msgspec.Struct, frozen=True):
    """What lies beside the arrays of an entry: their names, and what else was learnt, as JSON."""

    arrays: tuple[str, ...]
    learnt: msgspec.Raw


@dataclass(frozen=True, eq=False)
class SpilledValues:
    """Arrays by name, mapped and read-only, what was learnt with them, as JSON, and sentences to tell."""

    arrays: Mapping[str, Array]
    learnt: bytes
    notes: tuple[str, ...] = ()


def folder() -> Path:
    """Where entries lie."""
    return platformdirs.user_cache_path("layerloom") / "values"


def spilled(
    paths: Sequence[Path], asked: object, needed: int, write: Callable[[SpillWriter], bytes]
) -> SpilledValues:
    """The values of these files: those of the cache, or else what `write` writes now.

    `asked` tells how the files are read, and its `repr` from all other ways. `needed` is about how many bytes
    the values take. `write` gives what it learnt as JSON. Raises `NoRoomError` where the disk is too small
    and `DataError` where a file changes meanwhile.
    """
    versions = _versions(paths)
    digest = hashlib.sha256(repr((FORMAT, versions, asked)).encode("utf-8", "surrogateescape"))
    home = folder()
    target = home / digest.hexdigest()[:40]
    notes: tuple[str, ...] = ()
    found = _opened(target)
    if found is None:
        with refused(paths[0], home):
            notes = _make_room(paths[0], home, needed)
            with _being_written(home) as part, SpillWriter(part, paths[0]) as writer:
                learnt = write(writer)
                entry = _Entry(writer.close(), msgspec.Raw(learnt))
                _require_unchanged(paths, versions)
                (part / ENTRY).write_bytes(msgspec.json.encode(entry))
                with suppress(OSError):  # another run wrote the same meanwhile: its entry is as good
                    part.rename(target)
            found = _opened(target)
    if found is None:
        raise NoRoomError(f"{home}: Expected the values that were written. Received none; try again.")
    return SpilledValues(found[0], found[1], (_told(paths[0], target, found[0]), *notes))


def _told(path: Path, target: Path, arrays: Mapping[str, Array]) -> str:
    size = sum(array.nbytes for array in arrays.values())
    return (
        f"{path.name}: its values do not fit into the memory that they may take: {budget.gigabytes(size)} GB "
        f"of them lie in {shown(str(target))}, and are read from there. That folder may be deleted"
    )


def _versions(paths: Sequence[Path]) -> tuple[object, ...]:
    return tuple((str(path.absolute()), signature(path)) for path in paths)


def _require_unchanged(paths: Sequence[Path], versions: tuple[object, ...]) -> None:
    for path, before, now in zip(paths, versions, _versions(paths), strict=True):
        if before != now:
            raise DataError(
                f"{path}: Expected a file that stays as it is while it is read. Received one that changed; "
                "wait until it is complete, then read it again."
            )


def _opened(target: Path) -> tuple[dict[str, Array], bytes] | None:
    """The arrays of an entry, mapped, and what was learnt; None where there is none that is whole."""
    try:
        entry = msgspec.json.decode((target / ENTRY).read_bytes(), type=_Entry)
        arrays: dict[str, Array] = {
            name: np.load(target / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in entry.arrays
        }
        os.utime(target / ENTRY)  # the entries that were used last are kept longest
    except FileNotFoundError:
        return None
    except (OSError, ValueError):  # damaged: it is written anew
        shutil.rmtree(target, ignore_errors=True)
        return None
    return arrays, bytes(entry.learnt)


@contextmanager
def _being_written(home: Path) -> Iterator[Path]:
    """A folder for a new entry, which is gone afterwards unless it was renamed."""
    part = home / f"{os.getpid()}-{time.monotonic_ns()}{PART}"
    part.mkdir()
    try:
        yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _make_room(path: Path, home: Path, needed: int) -> tuple[str, ...]:
    """Remove the oldest entries until so many bytes fit; says what was removed. Raises `NoRoomError`."""
    home.mkdir(parents=True, exist_ok=True)
    entries = sorted(_entries(home))
    held = sum(size for _, size, _ in entries)
    most = int((shutil.disk_usage(home).free + held) * SHARE)
    if needed > most:
        raise NoRoomError(
            f"{path}: Expected values of at most {budget.gigabytes(most)} GB, half of what is free on the "
            f"disk of {home}. Received some that need {budget.gigabytes(needed)} GB; "
            "free space there, or leave out columns."
        )
    removed = 0
    for _, size, entry in entries:
        if held + needed <= most:
            break
        shutil.rmtree(entry, ignore_errors=True)
        held, removed = held - size, removed + 1
    if not removed:
        return ()
    sets = "values of 1 data set" if removed == 1 else f"values of {removed:,} data sets"
    return (
        f"The oldest {sets} were removed from {shown(str(home))}, which may take at most "
        f"{budget.gigabytes(most)} GB, half of what is free on its disk",
    )


def _entries(home: Path) -> Iterator[tuple[float, int, Path]]:
    """When each entry was last used, its bytes, and its folder; what ended processes left is removed."""
    for entry in home.iterdir():
        try:
            found = [file.stat() for file in entry.iterdir()]
            last = max((one.st_mtime for one in found), default=entry.stat().st_mtime)
        except OSError:  # another run removed it meanwhile
            continue
        if not entry.name.endswith(PART):
            yield last, sum(one.st_size for one in found), entry
        elif time.time() - last > ABANDONED:
            shutil.rmtree(entry, ignore_errors=True)
