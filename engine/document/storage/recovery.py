"""Recovery files of open projects, and locks that mark which files are open.

Recovery files are in the state folder of the user, so that projects without a file have one too. They are
written atomically and belong to the process that wrote them; the next start offers those of a dead process.
`write` may be called from any thread, one at a time.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import platformdirs

from engine.document.project import Project
from engine.document.storage.file import LARGEST_FILE, ProjectFileError, from_bytes, to_bytes
from engine.system.atomic_write import remove_leftovers, write_atomically
from engine.system.process_identity import Process, this_process
from nodes.regular_file import NotRegularFileError, open_regular
from nodes.user_error import UserError

_SUFFIX = ".recovery"
_LARGEST_HEADER = 64 << 10
"""Bytes of the first line of a recovery file, and of a lock."""
_PATIENCE = 2.0
"""Seconds to wait for another process that reads or writes locks at the moment."""


def state_folder() -> Path:
    """The default folder of recovery files and locks; created on first write."""
    return platformdirs.user_state_path("layerloom", appauthor=False)


class Recovered(msgspec.Struct, frozen=True):
    """The project of a process that died. `saved_at` is in seconds since 1970."""

    session_id: str
    project: Project
    original_path: Path | None
    saved_at: float


class Damaged(msgspec.Struct, frozen=True):
    """A recovery file that cannot be read, and why."""

    file: Path
    reason: str


class _Header(msgspec.Struct, frozen=True):
    """The first line of a recovery file; the canonical bytes of the project follow."""

    session_id: str
    owner: Process
    original_path: str | None
    saved_at: float


class _Lock(msgspec.Struct, frozen=True):
    """What a lock says; the path is for a person who reads it."""

    owner: Process


class RecoveryStore:
    """The recovery files of this user.

    The window writes one within a second of an edit and discards it after a save or a deliberate close.
    """

    def __init__(self, folder: Path | str | None = None) -> None:
        self.folder = Path(folder) if folder is not None else state_folder() / "recovery"

    def write(self, session_id: str, project: Project, original_path: Path | str | None = None) -> None:
        """Write the project of this session, replacing its earlier recovery file.

        Raises `ProjectFileError` where that cannot be done (a full disk).
        """
        path = None if original_path is None else str(Path(original_path).resolve())
        header = _Header(session_id, this_process(), path, time.time())
        data = msgspec.json.encode(header) + b"\n" + to_bytes(project)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_atomically(self._file(session_id), data, mode=0o600)
        except OSError as error:
            raise _unwritable(self.folder, error) from error

    def pending(self) -> list[Recovered]:
        """The recovery files of dead processes, newest first. Unreadable ones are in `damaged`."""
        remove_leftovers(self.folder, f"*{_SUFFIX}")
        found = [recovered for recovered, _ in self._left() if recovered is not None]
        return sorted(found, key=lambda recovered: -recovered.saved_at)

    def damaged(self) -> list[Damaged]:
        """Recovery files that cannot be read; they stay until the user discards them."""
        return [damaged for _, damaged in self._left() if damaged is not None]

    def discard(self, session_id: str) -> None:
        """Delete the recovery file of a session: it was saved, or is not wanted.

        One that cannot be deleted (a disk that has become read-only) is offered again at the next start.
        """
        with contextlib.suppress(OSError):
            self._file(session_id).unlink()

    def adopt(self, session_id: str) -> bool:
        """Take over a recovery file, so that no other instance offers it again.

        False where another instance took it first. Raises `ProjectFileError` where the folder cannot be
        written.
        """
        path = self._file(session_id)
        try:
            with _guarded(self.folder):
                header, body = _split(_content(path))
                if header.owner.is_alive:
                    return header.owner == this_process()
                owned = msgspec.structs.replace(header, owner=this_process())
                write_atomically(path, msgspec.json.encode(owned) + b"\n" + body, mode=0o600)
        except (FileNotFoundError, ValueError):  # taken or discarded meanwhile
            return False
        except OSError as error:
            raise _unwritable(self.folder, error) from error
        return True

    def _file(self, session_id: str) -> Path:
        # Sessions are named by us, but a name must never lead out of the folder.
        safe = (
            session_id
            if session_id.replace("-", "").isalnum() and len(session_id) <= 64
            else _digest(session_id)
        )
        return self.folder / f"{safe}{_SUFFIX}"

    def _left(self) -> Iterator[tuple[Recovered | None, Damaged | None]]:
        for file in sorted(self.folder.glob(f"*{_SUFFIX}")):
            try:
                header, body = _split(_content(file))
                if header.owner.is_alive:
                    continue
                path = Path(header.original_path) if header.original_path is not None else None
                yield Recovered(header.session_id, from_bytes(body), path, header.saved_at), None
            except FileNotFoundError:
                continue
            except (OSError, ValueError, UserError) as error:
                yield None, Damaged(file, str(error))


def _content(path: Path) -> bytes:
    """The bytes of a regular file. Raises `ProjectFileError` where there are too many, OSError."""
    with open_regular(path) as file:
        data = file.read(LARGEST_FILE + _LARGEST_HEADER + 1)
    if len(data) > LARGEST_FILE + _LARGEST_HEADER:
        raise ProjectFileError([("", f"Expected at most {LARGEST_FILE:,} bytes. Received more.")], path)
    return data


def _split(data: bytes) -> tuple[_Header, bytes]:
    line, _, body = data.partition(b"\n")
    try:
        return msgspec.json.decode(line, type=_Header), body
    except RecursionError as error:
        raise ValueError("its first line has lists in lists without end") from error


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


# Which files are open ---------------------------------------------------------------------------------------


def _unwritable(folder: Path, error: OSError) -> ProjectFileError:
    reason = (error.strerror or str(error)).lower()
    return ProjectFileError([("", f"Cannot write the recovery file in {folder}: {reason}.")])


class OpenFiles:
    """Locks that tell whether a project file is open in another running instance.

    A lock names its owner; a lock of a dead process does not count.
    """

    def __init__(self, folder: Path | str | None = None) -> None:
        self.folder = Path(folder) if folder is not None else state_folder() / "open"
        self.unwritable: ProjectFileError | None = None
        """Why the last file that was claimed could not be marked."""

    def claim(self, path: Path | str) -> Process | None:
        """Mark the file as open here.

        Returns the process that has it open already; then it is not marked. Where no lock can be written (a
        full disk, a read-only home), every file counts as free, and `unwritable` says why.
        """
        self.unwritable = None
        lock = self._lock(path)
        entry = {"owner": msgspec.to_builtins(this_process()), "path": str(Path(path).resolve())}
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with _guarded(self.folder):
                owner = _owner(lock)
                if owner is not None and owner != this_process() and owner.is_alive:
                    return owner
                write_atomically(lock, json.dumps(entry).encode(), mode=0o600)
        except OSError as error:
            self.unwritable = _unwritable(self.folder, error)
        return None

    def owner(self, path: Path | str) -> Process | None:
        """The other running process that has this file open."""
        owner = _owner(self._lock(path))
        return owner if owner is not None and owner != this_process() and owner.is_alive else None

    def release(self, path: Path | str) -> None:
        """Remove our lock; the lock of another process stays.

        One that cannot be removed counts no more when this process has ended.
        """
        lock = self._lock(path)
        if not lock.exists():
            return
        with contextlib.suppress(OSError), _guarded(self.folder):
            if _owner(lock) == this_process():
                lock.unlink(missing_ok=True)

    def _lock(self, path: Path | str) -> Path:
        return self.folder / f"{_digest(os.path.normcase(Path(path).resolve()))}.lock"


def _owner(lock: Path) -> Process | None:
    """Who wrote the lock; None where there is none or it cannot be read."""
    try:
        with open_regular(lock, follow_links=False) as file:
            return msgspec.json.decode(file.read(_LARGEST_HEADER), type=_Lock).owner
    except (OSError, ValueError, RecursionError):
        return None


@contextlib.contextmanager
def _guarded(folder: Path) -> Iterator[None]:
    """One process at a time. The system releases the lock when its holder dies.

    Raises OSError where something else than a plain file is in its place, or another process does not
    release it.
    """
    path = folder / ".guard"
    handle = os.open(path, os.O_RDWR | os.O_CREAT | _FLAGS, 0o600)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise NotRegularFileError(path, f"{path.name} is no plain file")
        end = time.monotonic() + _PATIENCE
        while not _is_locked(handle):
            if time.monotonic() > end:
                raise OSError(errno.EAGAIN, "another process holds it", str(path))
            time.sleep(0.01)
        yield
    finally:
        os.close(handle)


_FLAGS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)

if os.name == "nt":

    def _is_locked(handle: int) -> bool:
        """Whether this process has the lock now."""
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except PermissionError:
            return False
        return True

else:

    def _is_locked(handle: int) -> bool:
        """Whether this process has the lock now."""
        import fcntl

        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
