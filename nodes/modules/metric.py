"""Metric modules."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Accuracy(nn.Module):
    """Share of positions whose arg-max over the last dimension equals the label."""

    def __init__(self) -> None:
        super().__init__()
        self.reset()

    def reset(self) -> None:
        self.hits: Tensor | int = 0
        self.total = 0

    def update(self, logits: Tensor, label: Tensor) -> None:
        self.hits = self.hits + (logits.argmax(-1) == label).sum()
        self.total += label.numel()

    def compute(self) -> Tensor:
        return torch.as_tensor(self.hits) / max(self.total, 1)
