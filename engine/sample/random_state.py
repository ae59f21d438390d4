"""A random state of one's own for a while: torch's is put back, whatever was drawn in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def own_chance(device: torch.device, seed: int) -> Iterator[None]:
    """Torch's default generators of the CPU and of this device start from `seed` inside, and are put back."""
    kept = torch.get_rng_state()
    module = None if device.type == "cpu" else getattr(torch, device.type, None)
    kept_device = None
    if device.type == "cuda":
        kept_device = torch.cuda.get_rng_state(device)
    elif module is not None:
        kept_device = module.get_rng_state()
    try:
        torch.default_generator.manual_seed(seed)
        if device.type == "cuda":
            with torch.cuda.device(device):
                torch.cuda.manual_seed(seed)
        elif module is not None:
            module.manual_seed(seed)
        yield
    finally:
        torch.set_rng_state(kept)
        if kept_device is not None:
            if device.type == "cuda":
                torch.cuda.set_rng_state(kept_device, device)
            elif module is not None:
                module.set_rng_state(kept_device)
