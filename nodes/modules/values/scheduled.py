"""A number that the run sets from step to step, and a blend of two values, as modules."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Scheduled(nn.Module):
    """The scalar `now`. It lies on the device, is set between two steps, and is saved with the weights."""

    now: Tensor

    def __init__(self, first: float) -> None:
        super().__init__()
        self.register_buffer("now", torch.full((), first))

    def forward(self) -> Tensor:
        return self.now.clone()  # the next step changes it in place

    def tell(self, value: float) -> None:
        """Set the value; nothing waits for the device."""
        self.now.fill_(value)


class Mix(nn.Module):
    """(1 − share)·a + share·b."""

    def forward(self, a: Tensor, b: Tensor, share: Tensor) -> Tensor:
        return a + share * (b - a)
