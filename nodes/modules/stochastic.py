"""Random draws within a network; the numbers come from torch's own random state."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Reparameterise(nn.Module):
    """mean + exp(½ log_variance)·ε; the mean alone in evaluation where no draw is wanted there."""

    def __init__(self, always: bool) -> None:
        super().__init__()
        self.always = always

    def forward(self, mean: Tensor, log_variance: Tensor) -> Tensor:
        if not self.training and not self.always:
            return mean
        return mean + (0.5 * log_variance).exp() * torch.randn_like(mean)


class RandomMix(nn.Module):
    """u·a + (1 − u)·b, one u for each sample."""

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        share = torch.rand((a.shape[0], *[1] * (a.dim() - 1)), dtype=a.dtype, device=a.device)
        return share * a + (1.0 - share) * b
