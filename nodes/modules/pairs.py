"""Distances between samples as losses. A weight of each sample `(N)` makes the mean Σ w·l / Σ w."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nodes.modules.loss import spread_over, summed_up, total_weight

Weight = Tensor | None


def _reduced(each: Tensor, weight: Weight, reduction: str) -> Tensor:
    return summed_up(each, None if weight is None else spread_over(weight, each), reduction)


class Contrastive(nn.Module):
    """½D² where `alike` is 1, ½max(0, margin − D)² where it is 0."""

    def __init__(self, margin: float, reduction: str) -> None:
        super().__init__()
        self.margin, self.reduction = margin, reduction

    def forward(self, a: Tensor, b: Tensor, alike: Tensor, weight: Weight = None) -> Tensor:
        distance: Tensor = torch.linalg.vector_norm(a - b, dim=1)
        same = alike.reshape(-1).to(distance.dtype)
        apart = F.relu(self.margin - distance).square()
        each: Tensor = 0.5 * (same * distance.square() + (1.0 - same) * apart)
        return _reduced(each, weight, self.reduction)

    def counted(self, a: Tensor, _b: Tensor, _alike: Tensor, weight: Weight = None) -> Weight:
        """Σ w; None where all samples count alike."""
        return total_weight(a[:, 0], weight, self.reduction)


class Triplet(nn.Module):
    """max(0, D₊ − D₋ + margin), as `nn.TripletMarginLoss`, which refuses a margin of 0."""

    def __init__(self, margin: float, reduction: str) -> None:
        super().__init__()
        self.margin, self.reduction = margin, reduction

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor, weight: Weight = None) -> Tensor:
        near, far = (F.pairwise_distance(anchor, other) for other in (positive, negative))
        each = (self.margin + near - far).clamp_min(0.0)
        return _reduced(each, weight, self.reduction)

    def counted(self, anchor: Tensor, _positive: Tensor, _negative: Tensor, weight: Weight = None) -> Weight:
        """Σ w; None where all samples count alike."""
        return total_weight(anchor[:, 0], weight, self.reduction)


class CosineDistance(nn.Module):
    """1 − cos of the angle between rows."""

    def __init__(self, reduction: str) -> None:
        super().__init__()
        self.reduction = reduction

    def forward(self, prediction: Tensor, target: Tensor, weight: Weight = None) -> Tensor:
        each = 1.0 - F.cosine_similarity(prediction, target, dim=1)
        return _reduced(each, weight, self.reduction)

    def counted(self, prediction: Tensor, _target: Tensor, weight: Weight = None) -> Weight:
        """Σ w; None where all samples count alike."""
        return total_weight(prediction[:, 0], weight, self.reduction)
