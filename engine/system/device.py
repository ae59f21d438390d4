"""Which device a run uses, and how much room there is on it."""

from __future__ import annotations

import gc
import os

import torch

from nodes import free_memory as machine
from nodes.user_error import UserError

WORKSPACE = "CUBLAS_WORKSPACE_CONFIG", ":4096:8"
"""What cuBLAS must find in the environment, when it is first used, to add up in the same order every time."""


class DeviceError(UserError, ValueError):
    """The asked device is not there. Says what this machine has."""


def choose(name: str = "auto") -> torch.device:
    """The device of this name; "auto" is CUDA where there is one, else MPS, else the CPU.

    Raises `DeviceError`.
    """
    have = available()
    if have[0] == "cuda":
        os.environ.setdefault(*WORKSPACE)
    if name in ("", "auto"):
        return torch.device(have[0])
    try:
        device = torch.device(name)
    except RuntimeError:
        device = None
    if device is None or device.type not in have or (device.index or 0) >= _count(device.type):
        raise DeviceError(
            f"device: Expected auto, {', '.join(devices())}. Received {name!r}, which is not on this machine."
        )
    return device


def available() -> list[str]:
    """Device types of this machine, the fastest first."""
    found = ["cuda"] if torch.cuda.is_available() else []
    if torch.backends.mps.is_available():
        found.append("mps")
    return [*found, "cpu"]


def devices() -> list[str]:
    """The devices of this machine by the names that `choose` takes, the fastest first; several of CUDA are
    numbered.
    """
    count = _count("cuda")
    numbered = [f"cuda:{index}" for index in range(count)] if count > 1 else ["cuda"]
    return [name for kind in available() for name in (numbered if kind == "cuda" else [kind])]


def _count(kind: str) -> int:
    return torch.cuda.device_count() if kind == "cuda" else 1


def free_memory(device: torch.device) -> int:
    """Bytes that are free on the device now, as far as the system tells."""
    if device.type == "cuda":
        cached = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return int(torch.cuda.mem_get_info(device)[0]) + cached  # torch keeps what was given back to it
    return machine.free_memory()


def release_memory(device: torch.device) -> None:
    """Give memory of CUDA that nothing uses any more back to the system; elsewhere it goes back at once."""
    if device.type == "cuda" and not cuda_is_lost():
        gc.collect()  # an error or a graph may hold tensors in a circle
        torch.cuda.empty_cache()


def drain(device: torch.device) -> None:
    """Wait until the device has done what is queued; on the CPU nothing is."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def cuda_is_lost() -> bool:
    """Whether an error in a kernel, such as an index out of range, has ended CUDA for this process.

    Whatever is asked of it then fails with the same error; another process can use the device.
    """
    if not (torch.cuda.is_available() and torch.cuda.is_initialized()):  # type: ignore[no-untyped-call]
        return False
    try:
        torch.cuda.mem_get_info()
    except torch.OutOfMemoryError:
        return False
    except RuntimeError:
        return True
    return False


def title(device: torch.device) -> str:
    """The device as a person knows it."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type.upper()
