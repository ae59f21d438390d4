"""Which process is this, and does it still live? A number is no answer: numbers are given out again.

A process is known by its number and the moment it started.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import msgspec


class Process(msgspec.Struct, frozen=True):
    """One run of a program on this machine. `started` is opaque, and empty where it cannot be known."""

    pid: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
    started: str = ""
    machine: str = ""

    @property
    def is_alive(self) -> bool:
        """Whether it still runs. One on another machine (a shared folder) counts as running."""
        if self.machine and self.machine != _machine():
            return True
        present = _started(self.pid)
        return present is not None and (not self.started or not present or present == self.started)


@lru_cache(maxsize=1)
def _this(pid: int) -> Process:
    return Process(pid, _started(pid) or "", _machine())


def this_process() -> Process:
    """The process that asks."""
    return _this(os.getpid())


@lru_cache(maxsize=1)
def _machine() -> str:
    """This machine, also after it got another name."""
    return _first_line("/etc/machine-id") or platform.node()


def _first_line(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii", errors="replace").partition("\n")[0]
    except OSError:
        return ""


def _started(pid: int) -> str | None:
    """When a process started, in words of the system.

    Empty where the system does not say, None where it is gone.
    """
    if pid <= 0:
        return None
    system: str = sys.platform
    if system == "linux":
        return _started_linux(pid)
    if system == "win32":
        return _started_windows(pid)
    return _started_elsewhere(pid)


def _started_linux(pid: int) -> str | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    except OSError:
        return ""
    # The name of the program stands in brackets and may hold anything; what follows the last one is numbers.
    fields = text.rpartition(")")[2].split()
    state, ticks = fields[0], fields[19]
    return None if state in "ZXx" else f"{_first_line('/proc/sys/kernel/random/boot_id')}:{ticks}"


def _started_windows(pid: int) -> str | None:
    import ctypes

    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]
    handle = kernel.OpenProcess(0x1000, False, pid)  # PROCESS_QUERY_LIMITED_INFORMATION
    if not handle:
        return None
    try:
        times = [ctypes.c_ulonglong() for _ in range(4)]
        code = ctypes.c_ulong()
        kernel.GetExitCodeProcess(handle, ctypes.byref(code))
        if code.value != 259:  # STILL_ACTIVE
            return None
        known = kernel.GetProcessTimes(handle, *(ctypes.byref(time) for time in times))
        return str(times[0].value) if known else ""
    finally:
        kernel.CloseHandle(handle)


def _started_elsewhere(pid: int) -> str | None:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    try:
        asked = subprocess.run(
            ["/bin/ps", "-o", "lstart=,stat=", "-p", str(pid)],
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    words = asked.stdout.split()
    if not words:
        return None
    return None if words[-1].startswith("Z") else " ".join(words[:-1])
