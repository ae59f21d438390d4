"""Regularisers that torch lacks."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class GaussianNoise(nn.Module):
    """Adds normal noise while training."""

    def __init__(self, deviation: float) -> None:
        super().__init__()
        self.deviation = deviation

    def forward(self, features: Tensor) -> Tensor:
        if not self.training or not self.deviation:
            return features
        return features + self.deviation * torch.randn_like(features)

    def extra_repr(self) -> str:
        return f"deviation={self.deviation}"


class StochasticDepth(nn.Module):
    """All of a sample set to zero with probability p while training, else divided by 1 − p."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, features: Tensor) -> Tensor:
        if not self.training or not self.p:
            return features
        kept = features.new_ones(features.shape[0], *[1] * (features.dim() - 1))
        return features * F.dropout(kept, self.p)

    def extra_repr(self) -> str:
        return f"p={self.p}"
