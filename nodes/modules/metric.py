"""Metric modules with the interface of torchmetrics: update, compute, reset.

Sums stay on the device until `compute`. Torchmetrics itself takes 0.46 s to import after torch, which a run
would pay before its first loss; these four are a few sums each.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class _Mean(nn.Module):
    """The mean of something over all that was seen."""

    def __init__(self) -> None:
        super().__init__()
        self.reset()

    def reset(self) -> None:
        """Forget what was seen."""
        self.summed: Tensor | float = 0.0
        self.count = 0

    def gather(self, values: Tensor) -> None:
        """Take values in, without waiting for the device."""
        self.summed = self.summed + values.sum(dtype=torch.float32)
        self.count += values.numel()

    def compute(self) -> Tensor:
        """The mean so far; 0 where nothing was seen."""
        return torch.as_tensor(self.summed) / max(self.count, 1)


class TopAccuracy(_Mean):
    """Share of positions whose label is among the k highest scores."""

    def __init__(self, k: int, channel_first: bool) -> None:
        super().__init__()
        self.k, self.dimension = k, 1 if channel_first else -1

    def update(self, logits: Tensor, label: Tensor) -> None:
        if self.k == 1:
            self.gather(logits.argmax(self.dimension) == label)
            return
        best = logits.topk(self.k, self.dimension).indices
        self.gather((best == label.unsqueeze(self.dimension)).any(self.dimension))


class BinaryAccuracy(_Mean):
    """Share of values on the right side of a threshold."""

    def __init__(self, threshold: float) -> None:
        super().__init__()
        self.threshold = threshold

    def update(self, logits: Tensor, target: Tensor) -> None:
        self.gather((logits >= self.threshold) == (target > 0.5))


class AbsoluteError(_Mean):
    """Mean of |prediction − target|."""

    def update(self, prediction: Tensor, target: Tensor) -> None:
        self.gather((prediction - target).abs())


class RootSquaredError(_Mean):
    """√ of the mean of (prediction − target)²."""

    def update(self, prediction: Tensor, target: Tensor) -> None:
        self.gather((prediction - target).square())

    def compute(self) -> Tensor:
        return super().compute().sqrt()
