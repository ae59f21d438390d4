"""The verdicts of a discriminator or critic as losses."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class RealOrFake(nn.Module):
    """How far scores are from "real" or from "fake", as a scalar."""

    def __init__(self, real: bool, form: str, smoothing: float, reduction: str) -> None:
        super().__init__()
        self.real, self.form, self.reduction = real, form, reduction
        self.target = 1.0 - smoothing if real else 0.0

    def forward(self, score: Tensor) -> Tensor:
        if self.form == "cross-entropy":
            wanted = torch.full_like(score, self.target)
            return F.binary_cross_entropy_with_logits(score, wanted, reduction=self.reduction)
        if self.form == "least squares":
            each = (score - self.target).square()
        elif self.form == "hinge":
            each = F.relu(1.0 - score if self.real else 1.0 + score)
        else:
            each = -score if self.real else score
        return each.sum() if self.reduction == "sum" else each.mean()

    def extra_repr(self) -> str:
        return f"{'real' if self.real else 'fake'}, {self.form}"
