"""Which device a run uses, and how much room there is on it."""

from __future__ import annotations

import os
from pathlib import Path

import torch

from nodes.user_error import UserError

MEMORY_REPORT = Path("/proc/meminfo")
"""Where Linux says how much memory can be had, what it caches of files included."""
CONTAINER = Path("/sys/fs/cgroup")
"""Where Linux says how much memory a container may take, and takes."""
ASSUMED_FREE = 2 << 30
"""Bytes taken to be free where the system does not say."""


class DeviceError(UserError, ValueError):
    """The asked device is not there. Says what this machine has."""


def choose(name: str = "auto") -> torch.device:
    """The device of this name; "auto" is CUDA where there is one, else MPS, else the CPU.

    Raises `DeviceError`.
    """
    have = available()
    if name in ("", "auto"):
        return torch.device(have[0])
    try:
        device = torch.device(name)
    except RuntimeError:
        device = None
    if device is None or device.type not in have or (device.index or 0) >= _count(device.type):
        raise DeviceError(
            f"device: Expected auto, {', '.join(have)}. Received {name!r}, which is not on this machine."
        )
    return device


def available() -> list[str]:
    """Device types of this machine, the fastest first."""
    found = ["cuda"] if torch.cuda.is_available() else []
    if torch.backends.mps.is_available():
        found.append("mps")
    return [*found, "cpu"]


def _count(kind: str) -> int:
    return torch.cuda.device_count() if kind == "cuda" else 1


def free_memory(device: torch.device) -> int:
    """Bytes that are free on the device now, as far as the system tells."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    allowed = _allowed()
    return _free() if allowed is None else min(_free(), allowed)


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


def title(device: torch.device) -> str:
    """The device as a person knows it."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type.upper()
