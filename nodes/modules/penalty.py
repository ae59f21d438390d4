"""Penalties as modules: distances between distributions, slopes, sparsity, smoothness.

Slopes are gradients that are taken in the forward pass and can be differentiated again. Where no gradient
can be taken (`torch.no_grad`), such a penalty is 0; where the input has no part in the value, its slope is.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nodes.modules.loss import spread_over, summed_up, total_weight
from nodes.modules.values.gradient import slope

_SMALLEST = 1e-6
"""Rates are kept this far from 0 and 1, where the divergence is infinite."""


def _reduced(each: Tensor, reduction: str) -> Tensor:
    return each.sum() if reduction == "sum" else each.mean()


class KLDivergence(nn.Module):
    """KL(N(μ, σ²) ‖ N(0, 1)); a weight of each sample `(N)` makes means Σ w·l / Σ w."""

    def __init__(self, reduction: str) -> None:
        super().__init__()
        self.reduction = reduction

    def forward(self, mean: Tensor, log_variance: Tensor, weight: Tensor | None = None) -> Tensor:
        each = 0.5 * (mean.square() + log_variance.exp() - 1.0 - log_variance)
        if weight is not None:
            each = each.flatten(1).sum(1) if self.reduction == "mean" and each.dim() > 1 else each
            return summed_up(each, spread_over(weight, each), self.reduction)
        if self.reduction == "mean":
            return each.sum() / each.shape[0]
        return _reduced(each, self.reduction)

    def counted(self, mean: Tensor, _log_variance: Tensor, weight: Tensor | None = None) -> Tensor | None:
        """Σ w over samples; None where all count alike."""
        return total_weight(mean.reshape(len(mean), -1)[:, 0], weight, self.reduction)


class GradientPenalty(nn.Module):
    """(‖∂score/∂input‖₂ − target)² of each sample."""

    def __init__(self, target: float, reduction: str) -> None:
        super().__init__()
        self.target, self.reduction = target, reduction

    def forward(self, score: Tensor, features: Tensor) -> Tensor:
        if not torch.is_grad_enabled():
            return score.new_zeros(())
        found = slope(score, features)
        length = torch.linalg.vector_norm(found.reshape(found.shape[0], -1), dim=1)
        return _reduced((length - self.target).square(), self.reduction)


class ContractivePenalty(nn.Module):
    """‖∂code/∂input‖² of each sample: exact (`directions` 0), or from as many random directions."""

    def __init__(self, directions: int, reduction: str) -> None:
        super().__init__()
        self.directions, self.reduction = directions, reduction

    def forward(self, code: Tensor, features: Tensor) -> Tensor:
        flat = code.reshape(code.shape[0], -1)
        if self.directions:
            signs = (torch.randint_like(flat, 2) * 2.0 - 1.0 for _ in range(self.directions))
            slopes = [slope(flat * sign, features) for sign in signs]
        else:
            slopes = [slope(flat[:, unit], features) for unit in range(flat.shape[1])]
        squared = torch.stack([each.square().reshape(each.shape[0], -1).sum(1) for each in slopes]).sum(0)
        return _reduced(squared / max(self.directions, 1), self.reduction)


class SparsityPenalty(nn.Module):
    """|h| of each value, or the divergence of each unit's mean from a rate."""

    def __init__(self, form: str, rate: float, reduction: str) -> None:
        super().__init__()
        self.form, self.rate, self.reduction = form, rate, reduction

    def forward(self, code: Tensor) -> Tensor:
        if self.form == "absolute":
            return _reduced(code.abs(), self.reduction)
        active = code.mean(0).clamp(_SMALLEST, 1.0 - _SMALLEST)
        rate = torch.full_like(active, self.rate)
        each = F.kl_div(active.log(), rate, reduction="none") + F.kl_div(
            torch.log1p(-active), 1.0 - rate, reduction="none"
        )
        return _reduced(each, self.reduction)


class TotalVariation(nn.Module):
    """|differences| between neighbours, down and across."""

    def __init__(self, reduction: str) -> None:
        super().__init__()
        self.reduction = reduction

    def forward(self, image: Tensor) -> Tensor:
        down, across = image.diff(dim=2).abs(), image.diff(dim=3).abs()
        return _reduced(down, self.reduction) + _reduced(across, self.reduction)


class WeightPenalty(nn.Module):
    """Squares, absolute values or ‖WWᵀ − 1‖² of weights of other modules, which `given` holds."""

    zero: Tensor

    def __init__(self, form: str, reduction: str) -> None:
        super().__init__()
        self.form, self.reduction = form, reduction
        self.given: tuple[Tensor, ...] = ()
        """Set when the drawing is compiled; within a tuple they are no parameters of this module."""
        self.register_buffer("zero", torch.zeros(()), persistent=False)

    def forward(self) -> Tensor:
        each = [self._of(weight) for weight in self.given]
        total = self.zero.clone()
        for one in each:
            total = total + one.sum()
        return total if self.reduction == "sum" else total / max(sum(one.numel() for one in each), 1)

    def _of(self, weight: Tensor) -> Tensor:
        if self.form == "squares":
            return weight.square()
        if self.form == "absolute":
            return weight.abs()
        matrix = weight.flatten(1)
        rows = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.t()
        return (rows @ rows.t() - torch.eye(rows.shape[0], dtype=rows.dtype, device=rows.device)).square()
