"""How torch computes on CUDA: whether sums come out alike every time, and how matrix products are rounded.

These are switches of the whole process; they are set for the time of a run and put back after it. On other
devices the operations that layers use give the same bits every time, and there is nothing to set.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import torch
import torch.utils.deterministic

TF32_FROM = (8, 0)
"""Compute capability from which CUDA devices have TF32 and bfloat16."""
GAP = r"(?s).*deterministic (implementation|algorithm)"
"""What torch says of an operation that adds up in another order each time."""

Tell = Callable[[str], None]


@contextmanager
def numerics(device: torch.device, *, precision: str, deterministic: bool, tell: Tell) -> Iterator[None]:
    """Within it torch computes on this device as asked. `tell` gets a sentence for each operation that has no
    deterministic form, once.
    """
    if device.type != "cuda":
        yield
        return
    before = _switches()
    _set_switches(precision == "tf32", deterministic)
    try:
        with _gaps_told(tell):
            yield
    finally:
        _restore(before)


def precision_notices(device: torch.device, precision: str) -> list[str]:
    """Why this precision is not what it promises on this device, in sentences."""
    if precision == "tf32" and device.type != "cuda":
        return [f"TF32 is a precision of CUDA devices: on {device.type.upper()} the run computes in float32."]
    if precision == "float32" or device.type != "cuda":
        return []
    if torch.cuda.get_device_capability(device) >= TF32_FROM:
        return []
    name = torch.cuda.get_device_name(device)
    if precision == "tf32":
        return [f"{name} has no TF32: the run computes in float32."]
    return [f"{name} computes bfloat16 in software: float32 is faster on it."]


def _switches() -> dict[str, Any]:
    return {
        "tf32": torch.backends.cuda.matmul.allow_tf32,
        "tf32 of cudnn": torch.backends.cudnn.allow_tf32,
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "warn": torch.is_deterministic_algorithms_warn_only_enabled(),
        "deterministic cudnn": torch.backends.cudnn.deterministic,
        "benchmark": torch.backends.cudnn.benchmark,
        "fill": torch.utils.deterministic.fill_uninitialized_memory,  # type: ignore[attr-defined]
    }


def _set_switches(tf32: bool, deterministic: bool) -> None:
    _restore(
        {
            "tf32": tf32,
            "tf32 of cudnn": tf32,
            "deterministic": deterministic,
            "warn": True,  # an operation without a deterministic form is told, and used
            "deterministic cudnn": deterministic,
            "benchmark": not deterministic,  # the fastest of the moment need not be that of the next run
            "fill": False,  # every tensor is written before it is read; filling it first costs a kernel each
        }
    )


def _restore(held: dict[str, Any]) -> None:
    torch.backends.cuda.matmul.allow_tf32 = held["tf32"]
    torch.backends.cudnn.allow_tf32 = held["tf32 of cudnn"]
    torch.use_deterministic_algorithms(held["deterministic"], warn_only=held["warn"])
    torch.backends.cudnn.deterministic = held["deterministic cudnn"]
    torch.backends.cudnn.benchmark = held["benchmark"]
    torch.utils.deterministic.fill_uninitialized_memory = held["fill"]  # type: ignore[attr-defined]


@contextmanager
def _gaps_told(tell: Tell) -> Iterator[None]:
    """Passes torch's warnings of operations that are not deterministic to `tell`."""
    told: set[str] = set()
    shown_before = warnings.showwarning

    def show(message: Warning | str, *rest: Any, **named: Any) -> None:
        text = str(message)
        if not re.match(GAP, text):
            shown_before(message, *rest, **named)
            return
        name = text.split()[0].rstrip(":,.")
        if name not in told:
            told.add(name)
            tell(f"{name} has no deterministic form on CUDA: the run does not repeat bit for bit.")

    warnings.filterwarnings("always", message=GAP)
    added = warnings.filters[0]
    warnings.showwarning = show
    try:
        yield
    finally:
        if warnings.showwarning is show:
            warnings.showwarning = shown_before
        with suppress(ValueError):
            warnings.filters.remove(added)  # type: ignore[attr-defined]
