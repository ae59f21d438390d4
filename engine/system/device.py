"""Which device a run uses, and how much room there is on it."""

from __future__ import annotations

import torch

from nodes import free_memory as machine
from nodes.user_error import UserError


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
    return machine.free_memory()


def title(device: torch.device) -> str:
    """The device as a person knows it."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type.upper()
