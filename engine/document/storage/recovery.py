"""Recovery files of open projects, and locks that mark which files are open.

Recovery files are in the state folder of the user, so that projects without a file have one too. They are
written atomically and belong to the process that wrote them; the next start offers those of a dead process.
`write` may be called from any thread, one at a time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import platformdirs

from engine.document.json_reader import BrokenJsonError, parse
from engine.document.project import Project
from engine.document.storage.file import ProjectFileError, from_bytes, to_bytes
from engine.system.atomic_write import remove_leftovers, write_atomically
from engine.system.process_identity import Process, this_process
from nodes.user_error import UserError

_SUFFIX = ".recovery"


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
        """Delete the recovery file of a session: it was saved, or is not wanted."""
        with contextlib.suppress(FileNotFoundError):
            self._file(session_id).unlink()

    def adopt(self, session_id: str) -> bool:
        """Take over a recovery file, so that no other instance offers it again.

        False where another instance took it first. Raises `ProjectFileError` where the folder cannot be
        written.
        """
        path = self._file(session_id)
        try:
            with _guarded(self.folder):
                header, body = _split(path.read_bytes())
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
                header, body = _split(file.read_bytes())
                if header.owner.is_alive:
                    continue
                path = Path(header.original_path) if header.original_path is not None else None
                yield Recovered(header.session_id, from_bytes(body), path, header.saved_at), None
            except FileNotFoundError:
                continue
            except (OSError, ValueError, UserError) as error:
                yield None, Damaged(file, str(error))


def _split(data: bytes) -> tuple[_Header, bytes]:
    line, _, body = data.partition(b"\n")
    return msgspec.json.decode(line, type=_Header), body


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

    def claim(self, path: Path | str) -> Process | None:
        """Mark the file as open here.

        Returns the process that has it open already; then it is not marked. Where no lock can be written (a
        read-only home), every file counts as free.
        """
        if not self._is_writable():
            return None
        lock = self._lock(path)
        with _guarded(self.folder):
            owner = _owner(lock)
            if owner is not None and owner != this_process() and owner.is_alive:
                return owner
            entry: dict[str, Any] = {
                "owner": msgspec.to_builtins(this_process()),
                "path": str(Path(path).resolve()),
            }
            write_atomically(lock, json.dumps(entry).encode(), mode=0o600)
        return None

    def _is_writable(self) -> bool:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            return False
        return os.access(self.folder, os.W_OK)

    def owner(self, path: Path | str) -> Process | None:
        """The other running process that has this file open."""
        owner = _owner(self._lock(path))
        return owner if owner is not None and owner != this_process() and owner.is_alive else None

    def release(self, path: Path | str) -> None:
        """Remove our lock; the lock of another process stays."""
        lock = self._lock(path)
        if not lock.exists():
            return
        with _guarded(self.folder):
            if _owner(lock) == this_process():
                lock.unlink(missing_ok=True)

    def _lock(self, path: Path | str) -> Path:
        return self.folder / f"{_digest(os.path.normcase(Path(path).resolve()))}.lock"


def _owner(lock: Path) -> Process | None:
    """Who wrote the lock; None where there is none or it cannot be read."""
    try:
        raw = parse(lock.read_bytes())
        return msgspec.convert(raw["owner"], Process)
    except (OSError, BrokenJsonError, msgspec.ValidationError, KeyError, TypeError):
        return None


@contextlib.contextmanager
def _guarded(folder: Path) -> Iterator[None]:
    """One process at a time. The system releases the lock when its holder dies."""
    handle = os.open(folder / ".guard", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock_handle(handle)
        yield
    finally:
        os.close(handle)


if os.name == "nt":

    def _lock_handle(handle: int) -> None:
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined,unused-ignore]

else:

    def _lock_handle(handle: int) -> None:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX)
