"""How much memory of this machine is free. Imports no torch; memory of other devices is theirs to tell."""

from __future__ import annotations

import os
from pathlib import Path

MEMORY_REPORT = Path("/proc/meminfo")
"""Where Linux says how much memory can be had, what it caches of files included."""
STATUS = Path("/proc/self/status")
"""Where Linux says how much memory this process takes."""
CONTAINER = Path("/sys/fs/cgroup")
"""Where Linux says how much memory a container may take, and takes."""
ASSUMED_FREE = 2 << 30
"""Bytes taken to be free where the system does not say."""


def free_memory() -> int:
    """Bytes that are free now, as far as the system tells."""
    bounds = (_free(), _allowed(), _of_this_process())
    return min(bound for bound in bounds if bound is not None)


def _of_this_process() -> int | None:
    """Bytes that the limit on the data of this process (`ulimit -d`) leaves; None where there is none."""
    try:
        import resource

        limit, _ = resource.getrlimit(resource.RLIMIT_DATA)
        if limit == resource.RLIM_INFINITY:
            return None
        status = dict(line.split(":", 1) for line in STATUS.read_text("ascii").splitlines() if ":" in line)
        return max(limit - int(status["VmData"].split()[0]) * 1024, 0)
    except (ImportError, OSError, ValueError, KeyError):  # not on Linux
        return None


def _allowed() -> int | None:
    """Bytes that a container still allows; None where nothing is limited. Caches of files count as free."""
    try:
        limit = (CONTAINER / "memory.max").read_text("ascii").strip()
        if limit == "max":
            return None
        taken = int((CONTAINER / "memory.current").read_text("ascii"))
        lines = (CONTAINER / "memory.stat").read_text("ascii").splitlines()
        cached = dict(line.split() for line in lines).get("inactive_file", "0")
        return max(int(limit) - taken + int(cached), 0)
    except (OSError, ValueError):
        return None


def _free() -> int:
    try:
        lines = MEMORY_REPORT.read_text("ascii").splitlines()
    except OSError:
        return _half_of_all()
    report = dict(line.split(":", 1) for line in lines if ":" in line)
    return int(report["MemAvailable"].split()[0]) * 1024 if "MemAvailable" in report else _half_of_all()


def _half_of_all() -> int:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    except (AttributeError, ValueError, OSError):
        return ASSUMED_FREE
