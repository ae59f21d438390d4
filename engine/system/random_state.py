"""Torch's random states, from which the layers of a run draw: read, set, and put back after others.

The CPU has one and so has each accelerator; for the same seed they draw other numbers. What has to be the
same numbers everywhere is drawn on the CPU and moved: initial weights, the order of samples, noise, class
labels, and what samplers draw.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor

CPU = "cpu"


def random_state(device: torch.device) -> dict[str, Tensor]:
    """The random states that count in a run on this device, by the kind of device: its own, and the CPU's."""
    found = {CPU: torch.get_rng_state()}
    if device.type == "cuda":
        found["cuda"] = torch.cuda.get_rng_state(device)
    elif device.type == "mps":
        found["mps"] = torch.mps.get_rng_state()
    return found


def set_random_state(state: Mapping[str, Tensor], device: torch.device) -> None:
    """Draw from here on what was drawn after `random_state` gave this; kinds of other devices count not."""
    for kind, tensor in state.items():
        if kind == CPU:
            torch.set_rng_state(tensor.cpu())
        elif kind == "cuda" and device.type == "cuda":
            torch.cuda.set_rng_state(tensor.cpu(), device)
        elif kind == "mps" and device.type == "mps":
            torch.mps.set_rng_state(tensor.cpu())


@contextmanager
def kept_random_state(device: torch.device) -> Iterator[None]:
    """What is drawn inside, on this device or on the CPU, is not felt outside."""
    kept = random_state(device)
    try:
        yield
    finally:
        set_random_state(kept, device)


@contextmanager
def own_random_state(device: torch.device, seed: int) -> Iterator[None]:
    """The same, and what is drawn inside starts from `seed`."""
    with kept_random_state(device):
        torch.default_generator.manual_seed(seed)
        if device.type == "cuda":
            with torch.cuda.device(device):
                torch.cuda.manual_seed(seed)
        elif device.type == "mps":
            torch.mps.manual_seed(seed)
        yield
