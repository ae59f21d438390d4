"""What a file or folder of data was when it was added, in a few letters, so that a later change is told.

Of a file its name, size and a digest; of a folder its name, how many files it has, and three digests: of
their names and sizes, of these and their times, and of their contents. Where times alone differ, as in a copy
of the folder, the contents say whether anything changed. Kept at the data node. Of what is large parts are
read (`WHOLE`, `CONTENTS`): a change that leaves the size as it is, and lies between the parts, is not seen.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
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

CONTENTS, LEAST = 64 << 20, 4096
"""Bytes of the files of a folder that are read, divided among them, and the least for each: 80 MB at most."""

RECHECKED = 2.0
"""Seconds after which the files of a folder are looked at again: their times cost a tenth of a second for
`MOST_FILES`, and a drawing asks at every edit."""


@dataclass(frozen=True)
class _Folder:
    """The files of a folder without their contents: how many there are, and digests of their names and sizes,
    of these with the times of the last change, and of all that the system changes when a file is replaced."""

    count: int
    sizes: str
    times: str
    version: str


_kept: KeptAnswers[str] = KeptAnswers(64)
_folders: dict[Path, tuple[float, Hashable, _Folder]] = {}


def fingerprint(source: DataSource) -> str:
    """What the data of this source are now: `name|files or bytes|digests`; empty where it reads no file."""
    path, version = _place_of(source)
    try:
        return "" if path is None else _folder_print(path, version) if path.is_dir() else _file_print(path)
    except (UserError, OSError):
        return ""


def _place_of(source: DataSource) -> tuple[Path | None, Hashable]:
    """Where the data of a source lie, None where they are not there, and their signature."""
    try:
        one = declared(source)
        path, version = one.folder(), one.signature()
    except (UserError, OSError):
        return None, None
    return (path if path is not None and path.name and version not in (None, ()) else None), version


def change_of(source: DataSource) -> str:
    """How the data differ from what they were when they were added, as a sentence; empty where they do not.

    Data of another name are other data, chosen since.
    """
    then = _read(source.fingerprint)
    path, version = _place_of(source)
    if not then.name or path is None or then.name != _name(path):
        return ""
    now, what = _difference(path, version, then)
    name = shown(then.name)
    if not what:
        return ""
    if now.extent != then.extent:
        return f"{name} has changed since it was added: {then.extent} then, {now.extent} now."
    return f"{name} has changed since it was added: as large as then ({now.extent}), with other {what}."


def differs(source: DataSource, noted: str) -> bool:
    """Whether the data of a source are others than they were, whatever their name is now; False where nobody
    knows."""
    then = _read(noted)
    path, version = _place_of(source)
    return path is not None and bool(then.name) and bool(_difference(path, version, then)[1])


@dataclass(frozen=True)
class _Print:
    """A fingerprint, read: name, size in words, the first digest, and those that folders have besides."""

    name: str = ""
    extent: str = ""
    digest: str = ""
    times: str = ""
    contents: str = ""


def _read(text: str) -> _Print:
    """The parts of a fingerprint; empty ones where the text is something else."""
    head, _, digests = text.rpartition("|")
    name, _, extent = head.rpartition("|")
    digest, times, contents = [*digests.split("."), "", ""][:3]
    return _Print(name, extent, digest, times, contents)


def _difference(path: Path, version: Hashable, then: _Print) -> tuple[_Print, str]:
    """What is there now, and what differs, in words: contents are read only where nothing else tells."""
    try:
        if not path.is_dir():
            now = _read(_file_print(path))
            return now, "" if (now.extent, now.digest) == (then.extent, then.digest) else "contents"
        found = _folder(path, version)
        now = _Print(_name(path), f"{found.count:,} files", found.sizes, found.times)
        if (now.extent, now.digest) != (then.extent, then.digest):
            return now, "names or sizes of its files"
        if now.times == then.times or not then.contents:
            return now, ""
        return now, "" if _contents(path, found) == then.contents else "contents of its files"
    except (UserError, OSError):
        return _Print(), ""


def _name(path: Path) -> str:
    return path.name.encode("utf-8", "replace").decode()


def _file_print(path: Path) -> str:
    def compute() -> str:
        size, digest = path.stat().st_size, hashlib.blake2b(digest_size=8)
        _digest_file(path, size, digest)
        return f"{_name(path)}|{size:,} bytes|{digest.hexdigest()}"

    return _kept.of_file(path, compute)


def _folder_print(path: Path, version: Hashable) -> str:
    found = _folder(path, version)
    return f"{_name(path)}|{found.count:,} files|{found.sizes}.{found.times}.{_contents(path, found)}"


def _folder(folder: Path, signature: Hashable) -> _Folder:
    """The files of a folder: one that is written over in place may leave its `signature` as it is."""
    known = _folders.get(folder)
    if known is not None and known[1] == signature and monotonic() - known[0] < RECHECKED:
        return known[2]
    sizes, times, version = (hashlib.blake2b(digest_size=8) for _ in range(3))
    count = 0
    for name, found in _entries(folder):
        count += 1
        of_size = f"{name}\0{found.st_size}"
        of_time = f"{of_size}\0{found.st_mtime_ns}"
        of_file = f"{of_time}\0{found.st_ino}\0{found.st_ctime_ns}"
        for digest, text in ((sizes, of_size), (times, of_time), (version, of_file)):
            digest.update(f"{text}\n".encode("utf-8", "surrogateescape"))
    read = _Folder(count, sizes.hexdigest(), times.hexdigest(), version.hexdigest())
    _folders[folder] = monotonic(), signature, read
    return read


def _contents(folder: Path, found: _Folder) -> str:
    """A digest of what is in the files of a folder, computed once as long as they stay."""

    def compute() -> str:
        digest = hashlib.blake2b(digest_size=8)
        share = max(LEAST, CONTENTS // max(1, found.count))
        for i, (name, entry) in enumerate(_entries(folder)):
            tell(f"Noting what {folder.name} has", i / found.count if found.count else None)
            digest.update(f"{name}\0".encode("utf-8", "surrogateescape"))
            _digest_share(folder / name, entry.st_size, share, digest)
        return digest.hexdigest()

    return _kept.get((str(folder), found.version), compute)


def _digest_share(path: Path, size: int, share: int, digest: hashlib.blake2b) -> None:
    """Read a small file whole, of a larger one four blocks from its start to its end."""
    try:
        with open_regular(path, follow_links=False) as file:
            if size <= share:
                digest.update(file.read(share))
                return
            block = share // 4
            for part in range(4):
                file.seek(part * (size - block) // 3)
                digest.update(file.read(block))
    except OSError:
        digest.update(b"\0cannot be read")


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
