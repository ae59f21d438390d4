"""Loss modules with the classes on the last dimension, as sequences have them."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F


class LastDimCrossEntropy(nn.Module):
    """Cross-entropy of logits `(N, …, classes)` and labels `(N, …)`."""

    def __init__(self, reduction: str, label_smoothing: float) -> None:
        super().__init__()
        self.reduction, self.label_smoothing = reduction, label_smoothing

    def forward(self, logits: Tensor, label: Tensor) -> Tensor:
        flat = logits.reshape(-1, logits.shape[-1])
        return F.cross_entropy(
            flat, label.reshape(-1), reduction=self.reduction, label_smoothing=self.label_smoothing
        )
