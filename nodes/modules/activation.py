"""Activations that torch lacks."""

from __future__ import annotations

from torch import Tensor, nn


class Step(nn.Module):
    """1 where the value reaches the threshold, else 0; its gradient is zero everywhere."""

    def __init__(self, threshold: float) -> None:
        super().__init__()
        self.threshold = threshold

    def forward(self, features: Tensor) -> Tensor:
        fired = (features >= self.threshold).to(features.dtype)
        # Clamped to [0, 0] the input adds nothing, yet keeps the output in the graph with a gradient of zero.
        return fired + features.clamp(0.0, 0.0)
