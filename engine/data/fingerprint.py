"""What a file or folder of data was when it was added, in a few letters, so that a later change is told.

Of a file its name, size and a digest; of a folder its name, how many files it has, and a digest of their
names and sizes. Kept at the data node. A large file is read in parts: a change that leaves the size as it
is, and lies between the parts, is not seen.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

from engine.data.catalogue import declared
from nodes.data.source import DataSource
from nodes.reading.kept import KeptAnswers
from nodes.reading.progress import tell
from nodes.regular_file import open_regular
from nodes.shown_text import shown
from nodes.user_error import UserError

WHOLE = 16 << 20
"""Bytes of a file that is read whole; of a larger one `PARTS` blocks are, from its start to its end."""
PARTS, BLOCK = 16, 1 << 20
MOST_FILES = 20_000
"""Files of a folder that count."""

RECHECKED = 2.0
"""Seconds after which the files of a folder are looked at again: their times cost a tenth of a second for
`MOST_FILES`, and a drawing asks at every edit."""

_kept: KeptAnswers[str] = KeptAnswers(64)
_times: dict[Path, tuple[float, str]] = {}


def fingerprint(source: DataSource) -> str:
    """What the data of this source are now: `name|files or bytes|digest`; empty where it reads no file."""
    try:
        one = declared(source)
        path = one.folder()
        if path is None or not path.name:
            return ""
        version = (str(path), one.signature(), _times_of(path) if path.is_dir() else "")
    except (UserError, OSError):
        return ""
    if version[1] in (None, ()):
        return ""
    return _kept.get(version, lambda: _of(path))


def _times_of(folder: Path) -> str:
    """A digest of the names, sizes and times of the files of a folder: one that is written over in place
    leaves the time of its folder as it is."""
    known = _times.get(folder)
    if known is not None and monotonic() - known[0] < RECHECKED:
        return known[1]
    digest = hashlib.blake2b(digest_size=8)
    for name, found in _entries(folder):
        digest.update(f"{name}\0{found.st_size}\0{found.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
    _times[folder] = monotonic(), digest.hexdigest()
    return _times[folder][1]


def change_of(source: DataSource) -> str:
    """How the data differ from what they were when they were added, as a sentence; empty where they do not.

    Data of another name are other data, chosen since.
    """
    name, noted, digest = _read(source.fingerprint)
    if not name:
        return ""
    now_name, now, now_digest = _read(fingerprint(source))
    if now_name != name or (now, now_digest) == (noted, digest):
        return ""
    is_folder = noted.endswith(" files")
    if now != noted:
        return f"{shown(name)} has changed since it was added: {noted} then, {now} now."
    what = "names or sizes of its files" if is_folder else "contents"
    return f"{shown(name)} has changed since it was added: as large as then ({now}), with other {what}."


def _read(text: str) -> tuple[str, str, str]:
    """Name, size in words, digest; empty ones where the text is something else."""
    head, _, digest = text.rpartition("|")
    name, _, size = head.rpartition("|")
    return name, size, digest


def _of(path: Path) -> str:
    digest = hashlib.blake2b(digest_size=8)
    try:
        if path.is_dir():
            count = 0
            for name, found in _entries(path):
                digest.update(f"{name}\0{found.st_size}\n".encode("utf-8", "surrogateescape"))
                count += 1
            extent = f"{count:,} files"
        else:
            size = path.stat().st_size
            _digest_file(path, size, digest)
            extent = f"{size:,} bytes"
    except (OSError, UserError):
        return ""
    name = path.name.encode("utf-8", "replace").decode()
    return f"{name}|{extent}|{digest.hexdigest()}"


def _digest_file(path: Path, size: int, digest: hashlib.blake2b) -> None:
    with open_regular(path) as file:
        if size <= WHOLE:
            while block := file.read(BLOCK):
                digest.update(block)
            return
        for part in range(PARTS):
            tell(f"Noting what {path.name} is", part / PARTS)
            file.seek(part * (size - BLOCK) // (PARTS - 1))
            digest.update(file.read(BLOCK))


def _entries(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Names below the folder with what the system knows of each, by the alphabet; links are not followed."""
    left, waiting = MOST_FILES, [(folder, "")]
    while waiting and left > 0:
        here, prefix = waiting.pop()
        with os.scandir(here) as found:
            entries = sorted(found, key=lambda entry: entry.name)
        tell(f"Noting what {folder.name} has")
        for entry in reversed(entries):
            if entry.is_dir(follow_symlinks=False):
                waiting.append((Path(entry.path), f"{prefix}{entry.name}/"))
        for entry in entries:
            if left > 0 and entry.is_file(follow_symlinks=False):
                left -= 1
                yield f"{prefix}{entry.name}", entry.stat(follow_symlinks=False)
