"""Loss modules for classes on the last dimension (sequences) or on the channel (images)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class CrossEntropy(nn.Module):
    """Cross-entropy of logits `(N, …, classes)`, channel first `(N, classes, …)`, and labels `(N, …)`."""

    def __init__(self, reduction: str, label_smoothing: float, channel_first: bool) -> None:
        super().__init__()
        self.reduction, self.label_smoothing = reduction, label_smoothing
        self.channel_first = channel_first

    def forward(self, logits: Tensor, label: Tensor) -> Tensor:
        if logits.dim() > 2 and not self.channel_first:
            logits, label = logits.reshape(-1, logits.shape[-1]), label.reshape(-1)
        return F.cross_entropy(logits, label, reduction=self.reduction, label_smoothing=self.label_smoothing)


class BinaryCrossEntropy(nn.Module):
    """Binary cross-entropy of logits and targets of the same shape; targets may be whole numbers."""

    weight: Tensor | None

    def __init__(self, reduction: str, positive_weight: float) -> None:
        super().__init__()
        self.reduction = reduction
        weight = None if positive_weight == 1.0 else torch.tensor(positive_weight)
        self.register_buffer("weight", weight, persistent=False)

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        wanted = target.to(logits.dtype)
        return F.binary_cross_entropy_with_logits(
            logits, wanted, reduction=self.reduction, pos_weight=self.weight
        )
