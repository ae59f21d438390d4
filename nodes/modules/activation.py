"""Activations that torch lacks."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Step(nn.Module):
    """1 where the value reaches the threshold, else 0; its gradient is zero everywhere, or straight through
    it is that of the identity.
    """

    def __init__(self, threshold: float, straight_through: bool = False) -> None:
        super().__init__()
        self.threshold, self.straight_through = threshold, straight_through

    def forward(self, features: Tensor) -> Tensor:
        fired = (features >= self.threshold).to(features.dtype)
        if self.straight_through:
            return fired + (features - features.detach())
        # What is no number stays so; and the output stays in the graph, with a gradient of zero.
        return torch.where(features.isnan(), features, fired)


class Hardsigmoid(nn.Module):
    """min(max(x + 3, 0), 6) / 6; `second_order` is set where gradients are differentiated again."""

    def __init__(self) -> None:
        super().__init__()
        self.second_order = False

    def forward(self, features: Tensor) -> Tensor:
        return F.relu6(features + 3.0) / 6.0 if self.second_order else F.hardsigmoid(features)


class ThresholdUnit(nn.Module):
    """1 where the weighted sum of a row reaches the threshold, else 0; `(N, in)` gives `(N, 1)`."""

    weight: Tensor

    def __init__(self, weights: Sequence[int], threshold: float) -> None:
        super().__init__()
        self.threshold = threshold
        self.register_buffer("weight", torch.tensor(weights, dtype=torch.float32), persistent=False)

    def forward(self, features: Tensor) -> Tensor:
        total = (features * self.weight).sum(1, keepdim=True)
        return (total >= self.threshold).to(features.dtype)


class Gated(nn.Module):
    """One half of a dimension through an activation, times the other half."""

    def __init__(self, activation: str, dimension: int) -> None:
        super().__init__()
        self.activation, self.dimension = activation, dimension

    def forward(self, features: Tensor) -> Tensor:
        gate, passed = features.chunk(2, self.dimension)
        return (F.silu(gate) if self.activation == "silu" else F.gelu(gate)) * passed
