"""Normalisers that torch lacks."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_SMALLEST = 1e-8


class PixelNorm(nn.Module):
    """The features of each place `(N, C, …)` divided by their root mean square."""

    def forward(self, maps: Tensor) -> Tensor:
        return maps * torch.rsqrt(maps.square().mean(1, keepdim=True) + _SMALLEST)


class MinibatchDeviation(nn.Module):
    """One more channel `(N, C, …)` -> `(N, C + 1, …)`: the deviation over the batch, averaged over all."""

    def forward(self, maps: Tensor) -> Tensor:
        deviation = (maps.var(0, correction=0) + _SMALLEST).sqrt().mean()
        return torch.cat((maps, deviation.expand(maps.shape[0], 1, *maps.shape[2:])), 1)


class LayerScale(nn.Module):
    """Each feature times a learned number; `dimension` is that of the features."""

    def __init__(self, features: int, initial: float, dimension: int) -> None:
        super().__init__()
        self.dimension = dimension
        self.gamma = nn.Parameter(torch.full((features,), initial))

    def forward(self, features: Tensor) -> Tensor:
        if self.dimension == -1:
            return features * self.gamma
        return features * self.gamma.reshape(-1, *[1] * (features.dim() - 2))
