"""Regularisers that torch lacks."""

from __future__ import annotations

import torch
from torch import Tensor, nn


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
