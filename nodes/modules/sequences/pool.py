"""One row of each sequence, from its real steps alone."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class SequencePool(nn.Module):
    """The mean, max, sum, first or last of the steps `(N, time, F)` where a mask `(N, time)` is not 0.

    Zeros where no step is real.
    """

    def __init__(self, operation: str) -> None:
        super().__init__()
        self.operation = operation

    def forward(self, sequence: Tensor, mask: Tensor | None = None) -> Tensor:
        real = torch.ones_like(sequence[..., 0], dtype=torch.bool) if mask is None else mask != 0
        if self.operation in ("first", "last"):
            return self._one(sequence, real)
        if self.operation == "max":
            best = sequence.masked_fill(~real.unsqueeze(2), float("-inf")).amax(1)
            return best.masked_fill(~real.any(1, keepdim=True), 0.0)
        total = sequence.masked_fill(~real.unsqueeze(2), 0.0).sum(1)
        if self.operation == "sum":
            return total
        return total / real.sum(1, keepdim=True).clamp(min=1).to(total.dtype)

    def _one(self, sequence: Tensor, real: Tensor) -> Tensor:
        places = torch.arange(real.shape[1], device=real.device)
        last = real.shape[1] - 1
        chosen = (
            torch.where(real, places, 0).amax(1)
            if self.operation == "last"
            else torch.where(real, places, last).amin(1)
        )
        at = chosen.reshape(-1, 1, 1).expand(-1, 1, sequence.shape[2])
        return sequence.gather(1, at).squeeze(1).masked_fill(~real.any(1, keepdim=True), 0.0)
