"""Takes what was made on the CPU to the device where it is used, without waiting for that device."""

from __future__ import annotations

import torch
from torch import Tensor


def moved(tensor: Tensor, device: torch.device | str) -> Tensor:
    """A tensor of the CPU on this device; on the CPU the tensor itself.

    To CUDA it goes from pinned memory, behind what is queued there: neither waits for the other.
    """
    device = torch.device(device)
    if device.type == "cpu":
        return tensor
    if device.type == "cuda":
        tensor = tensor.pin_memory()
    return tensor.to(device, non_blocking=True)
