"""Losses as modules: classes on the last dimension (sequences) or on the channel (images), and yes or no."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nodes.modules.devices.bounded import NAN, Bounded


class CrossEntropy(nn.Module):
    """Cross-entropy of logits `(N, …, classes)`, channel first `(N, classes, …)`, and labels `(N, …)` or
    shares of the classes, like the logits.
    """

    def __init__(self, reduction: str, label_smoothing: float, channel_first: bool) -> None:
        super().__init__()
        self.reduction, self.label_smoothing = reduction, label_smoothing
        self.channel_first = channel_first

    def forward(self, logits: Tensor, label: Tensor) -> Tensor:
        if logits.dim() > 2 and not self.channel_first:
            shares = label.is_floating_point()
            logits = logits.reshape(-1, logits.shape[-1])
            label = label.reshape(logits.shape) if shares else label.reshape(-1)
        if label.is_floating_point():
            label = label.to(logits.dtype)
        return F.cross_entropy(logits, label, reduction=self.reduction, label_smoothing=self.label_smoothing)


class BoundedCrossEntropy(Bounded, CrossEntropy):
    """The same for labels of which nobody knows that each is a class; NaN where one is none."""

    def forward(self, logits: Tensor, label: Tensor) -> Tensor:
        last = logits.dim() > 2 and not self.channel_first
        safe, outside = self.inside(label, logits.shape[-1 if last else 1])
        return super().forward(logits, safe).masked_fill(outside.any(), NAN)


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


class Dice(nn.Module):
    """One minus the overlap of predicted and true regions, for each sample and class."""

    def __init__(self, smoothing: float, reduction: str, channel_first: bool) -> None:
        super().__init__()
        self.smoothing, self.reduction, self.channel_first = smoothing, reduction, channel_first

    def forward(self, logits: Tensor, label: Tensor) -> Tensor:
        classes = 1 if self.channel_first else logits.dim() - 1
        logits = logits.movedim(classes, 1)
        if label.shape == logits.movedim(1, classes).shape:
            share, truth = logits.sigmoid(), label.movedim(classes, 1).to(logits.dtype)
        else:
            places = torch.arange(logits.shape[1], device=label.device)
            places = places.view(-1, *[1] * (logits.dim() - 2))
            share, truth = logits.softmax(1), (label.unsqueeze(1) == places).to(logits.dtype)
        share, truth = (one.reshape(*one.shape[:2], -1) for one in (share, truth))
        both, all_ = (share * truth).sum(2), share.sum(2) + truth.sum(2)
        each = 1.0 - (2.0 * both + self.smoothing) / (all_ + self.smoothing)
        return each.sum() if self.reduction == "sum" else each.mean()


class PerceptronCriterion(nn.Module):
    """Σ (y − t)·s with y = [s ≥ threshold] held constant."""

    def __init__(self, threshold: float, reduction: str) -> None:
        super().__init__()
        self.threshold, self.reduction = threshold, reduction

    def forward(self, score: Tensor, target: Tensor) -> Tensor:
        wrong = (score.detach() >= self.threshold).to(score.dtype) - target.to(score.dtype)
        each = wrong * score
        return each.sum() if self.reduction == "sum" else each.mean()
