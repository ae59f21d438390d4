"""The verdicts of a discriminator or critic as losses."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nodes.modules.loss import spread_over, summed_up, total_weight


class RealOrFake(nn.Module):
    """How far scores are from "real" or from "fake", as a scalar. A weight of each sample `(N)` or of each
    score makes the mean Σ w·l / Σ w.
    """

    def __init__(self, real: bool, form: str, smoothing: float, reduction: str) -> None:
        super().__init__()
        self.real, self.form, self.reduction = real, form, reduction
        self.target = 1.0 - smoothing if real else 0.0

    def forward(self, score: Tensor, weight: Tensor | None = None) -> Tensor:
        each = self._each(score, "none" if weight is not None else self.reduction)
        if each.dim() == 0 and weight is None:
            return each
        return summed_up(each, None if weight is None else spread_over(weight, each), self.reduction)

    def counted(self, score: Tensor, weight: Tensor | None = None) -> Tensor | None:
        """Σ w; None where all samples count alike."""
        return total_weight(score, weight, self.reduction)

    def _each(self, score: Tensor, reduction: str) -> Tensor:
        """The loss of each score; cross-entropy is reduced by torch's own kernel where it can be."""
        if self.form == "cross-entropy":
            wanted = torch.full_like(score, self.target)
            return F.binary_cross_entropy_with_logits(score, wanted, reduction=reduction)
        if self.form == "least squares":
            return (score - self.target).square()
        if self.form == "hinge":
            return F.relu(1.0 - score if self.real else 1.0 + score)
        return -score if self.real else score

    def extra_repr(self) -> str:
        return f"{'real' if self.real else 'fake'}, {self.form}"
