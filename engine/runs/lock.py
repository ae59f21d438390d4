"""The lock of a run, which ends with its process, and a heartbeat with its progress.

The lock is a system lock on `run.lock` in the run's folder; a killed process loses it at once. Where the
system has no locks on this disk, or the run is on another machine, a recent heartbeat counts as running.
"""

from __future__ import annotations

import contextlib
import os
import platform
import stat
import sys
import threading
import time
from pathlib import Path

import msgspec

from engine.runs.plain_files import ArchiveError, Count, Seconds, decoded
from nodes.regular_file import NotRegularFileError
from nodes.user_error import UserError

NAME = "run.lock"
SIZE = 4096
"""Bytes of the file: the heartbeat is overwritten in place, so that a full disk does not stop it."""
BEAT_SECONDS = 5.0
"""Longest time between two heartbeats, in seconds."""
FRESH_SECONDS = 30.0
"""A heartbeat younger than this (seconds) counts as running where there are no locks."""
PATIENCE = 0.5
"""Seconds to wait for a lock that another process tests at the moment."""
_FLAGS = sum(
    getattr(os, name, 0) for name in ("O_BINARY", "O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC")
)  # all bits differ
_FAR = 1 << 30
"""The offset of the byte that is locked on Windows, so that the heartbeat stays readable."""


class HeldError(UserError, ValueError):
    """The run is running already. The message is a sentence for the user."""


class Pulse(msgspec.Struct, frozen=True, omit_defaults=True):
    """The last heartbeat of a running process. `seconds` is the time since the start, pauses included."""

    pid: int = 0
    host: str = ""
    step: Count = 0
    epoch: Count = 0
    seconds: Seconds = 0.0
    metrics: dict[str, float | None] = {}
    """None: not a number, as JSON has it."""
    paused: bool = False


class RunLock:
    """Held from creation until `release` or the end of the process. Raises `HeldError`, OSError."""

    def __init__(self, folder: Path, *, new: bool) -> None:
        """`new`: the folder must not have a lock file yet; raises `FileExistsError` where it has."""
        self._path = folder / NAME
        flags = os.O_RDWR | os.O_CREAT | _FLAGS
        self._handle = os.open(self._path, flags | (os.O_EXCL if new else 0), 0o666)
        try:
            if not stat.S_ISREG(os.fstat(self._handle).st_mode):
                raise NotRegularFileError(self._path, f"{NAME} is no plain file")
            self._take()
        except BaseException:
            os.close(self._handle)
            raise
        self._guard = threading.Lock()
        self._ended = threading.Event()
        self._pulse = Pulse(os.getpid(), platform.node())
        self.beat()
        self._thread = threading.Thread(target=self._keep_beating, name="run-pulse", daemon=True)
        self._thread.start()

    def _take(self) -> None:
        end = time.monotonic() + PATIENCE
        while _lock(self._handle, shared=False) is False:
            if time.monotonic() > end:
                raise HeldError(f"{self._path.parent}: this run is running already, in another place.")
            time.sleep(0.01)

    def beat(
        self,
        step: int = 0,
        epoch: int = 0,
        seconds: float = 0.0,
        metrics: dict[str, float] | None = None,
        *,
        paused: bool = False,
    ) -> None:
        """Write the progress. Write errors are ignored; other files of the run report them."""
        pulse = msgspec.structs.replace(
            self._pulse,
            step=step,
            epoch=epoch,
            seconds=seconds,
            metrics=dict(metrics or {}),
            paused=paused,
        )
        text = msgspec.json.encode(pulse)
        if len(text) > SIZE:
            text = msgspec.json.encode(msgspec.structs.replace(pulse, metrics={}))
        with self._guard, contextlib.suppress(OSError):
            if self._handle >= 0:
                os.lseek(self._handle, 0, os.SEEK_SET)
                os.write(self._handle, text.ljust(SIZE))

    def _keep_beating(self) -> None:
        while not self._ended.wait(BEAT_SECONDS):
            with self._guard, contextlib.suppress(OSError):
                os.utime(self._path)

    def release(self) -> None:
        """Release the lock; the last heartbeat stays in the file."""
        self._ended.set()
        self._thread.join()
        with self._guard:
            if self._handle >= 0:
                _unlock(self._handle)
                os.close(self._handle)
            self._handle = -1


def pulse_of(folder: Path) -> tuple[Pulse | None, bool]:
    """The last heartbeat of the run in this folder, and whether it is running. Raises nothing."""
    path = folder / NAME
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return None, False
        handle = os.open(path, (os.O_RDWR if os.name == "nt" else os.O_RDONLY) | _FLAGS)
    except OSError:
        return None, False
    try:
        pulse = _read(handle)
        return pulse, _is_held(handle, pulse)
    finally:
        os.close(handle)


def is_held(folder: Path) -> bool:
    """Whether the run in this folder is running."""
    return pulse_of(folder)[1]


def _read(handle: int) -> Pulse | None:
    try:
        return decoded(os.read(handle, SIZE), Pulse)
    except (OSError, ArchiveError):
        return None


def _is_held(handle: int, pulse: Pulse | None) -> bool:
    free = _lock(handle, shared=True)
    if free:
        _unlock(handle)
    if free is False:
        return True
    if free and (pulse is None or pulse.host in ("", platform.node())):
        return False
    age = time.time() - os.fstat(handle).st_mtime
    return abs(age) < FRESH_SECONDS  # below 0: another clock, or one that was set back


if sys.platform == "win32":  # pragma: no cover - not on the machines that test
    import msvcrt

    def _lock(handle: int, *, shared: bool) -> bool | None:  # noqa: ARG001 - there are no shared ones
        """Whether the lock was acquired; None where the disk has no locks."""
        try:
            os.lseek(handle, _FAR, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        except OSError:
            return None
        return True

    def _unlock(handle: int) -> None:
        with contextlib.suppress(OSError):
            os.lseek(handle, _FAR, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(handle: int, *, shared: bool) -> bool | None:
        """Whether the lock was acquired; None where the disk has no locks."""
        try:
            # flock, not lockf: that one ends when anybody in this process closes the file
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return None
        return True

    def _unlock(handle: int) -> None:
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_UN)
