"""Regularisers that torch lacks, and one norm that it has with a fault."""

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


class GroupNorm(nn.GroupNorm):
    """torch's, safe where nobody asks for the gradient of what enters.

    Then the backward pass of torch 2.13 on the CPU ends the process for channels that lie side by side in
    memory, as convolutions leave them: behind frozen layers, and where only gradients of the weights are
    looked at. So values are laid out channel by channel before a forward pass that is to be differentiated.
    """

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - the name that torch gives it
        if input.device.type == "cpu" and torch.is_grad_enabled():
            input = input.contiguous()  # noqa: A001
        return super().forward(input)
