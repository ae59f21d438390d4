"""Losses as modules: classes on the last dimension (sequences) or on the channel (images), and yes or no."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nodes.modules.devices.bounded import NAN, Bounded
from nodes.spec import UNCOUNTED


@runtime_checkable
class Counting(Protocol):
    """A loss whose mean is Σ w·l / Σ w: batches are put together by their Σ w, not by their samples."""

    def counted(self, *inputs: Tensor) -> Tensor | None:
        """Σ w of a batch, from the inputs of the loss; None where all samples count alike."""


def spread_over(weight: Tensor, each: Tensor) -> Tensor:
    """Weights `(N)`, `(N, T)`, … or one for each value, in the shape and type of these values `(N, T, …)`."""
    lead = weight.shape[: each.dim()]
    shape = each.shape if weight.numel() == each.numel() else (*lead, *[1] * (each.dim() - len(lead)))
    return weight.to(each.dtype).reshape(shape).expand(each.shape)


def summed_up(each: Tensor, weight: Tensor | None, reduction: str) -> Tensor:
    """Σ w·l, or as a mean Σ w·l / Σ w; 0 where nothing counts. `each` and `weight` are of one shape."""
    if weight is None:
        return each.sum() if reduction == "sum" else each.mean()
    total = (each * weight).sum()
    if reduction == "sum":
        return total
    counted = weight.sum()
    return total / torch.where(counted > 0, counted, torch.ones_like(counted))


def total_weight(each: Tensor, weight: Tensor | None, reduction: str) -> Tensor | None:
    """Σ w for a mean over values of the shape of `each`; None where no weights are given, and for a sum."""
    return None if weight is None or reduction == "sum" else spread_over(weight, each).sum()


def place_weight(weight: Tensor | None, places: int) -> Tensor | None:
    """Weights of `places` places per sample as `(N, places)`; None where they are of samples, or none."""
    if weight is None or places == 1 or weight.numel() != len(weight) * places:
        return None
    return weight.reshape(len(weight), places)


def is_one_of(label: Tensor, labels: tuple[int, ...]) -> Tensor:
    """Where a label is one of a few, of the same shape."""
    found = label == labels[0]
    for other in labels[1:]:
        found = found | (label == other)
    return found


class CrossEntropy(nn.Module):
    """Cross-entropy of logits `(N, …, classes)`, channel first `(N, classes, …)`, and labels `(N, …)` or
    shares of the classes, like the logits; and a weight of each sample `(N)` or label `(N, …)`.

    `class_weight` `(classes)` multiplies the loss of each label; None: all alike. Labels that are `ignored`
    count neither in the sum nor in the mean, which is Σ w·l / Σ w.
    """

    class_weight: Tensor | None

    def __init__(
        self,
        reduction: str,
        label_smoothing: float,
        channel_first: bool,
        class_weight: Tensor | None = None,
        ignored: tuple[int, ...] = (),
    ) -> None:
        super().__init__()
        self.reduction, self.label_smoothing = reduction, label_smoothing
        self.channel_first, self.ignored = channel_first, ignored
        self.register_buffer("class_weight", class_weight, persistent=False)

    def forward(self, logits: Tensor, label: Tensor, weight: Tensor | None = None) -> Tensor:
        if logits.dim() > 2 and not self.channel_first:
            shares = label.is_floating_point()
            if weight is not None:
                weight = spread_over(weight, logits[..., 0]).reshape(-1)
            logits = logits.reshape(-1, logits.shape[-1])
            label = label.reshape(logits.shape) if shares else label.reshape(-1)
        if label.is_floating_point():
            label = label.to(logits.dtype)
        elif self.ignored:
            label = label.masked_fill(is_one_of(label, self.ignored), UNCOUNTED)
        return self._reduced(logits, label, weight)

    def _reduced(self, logits: Tensor, label: Tensor, weight: Tensor | None) -> Tensor:
        class_weight = None if self.class_weight is None else self.class_weight.to(logits.dtype)
        smoothing = self.label_smoothing
        if weight is None:
            loss = F.cross_entropy(
                logits, label, class_weight, reduction=self.reduction, label_smoothing=smoothing
            )
            if not self.ignored or self.reduction == "sum":
                return loss
            return loss.masked_fill((label == UNCOUNTED).all(), 0.0)  # torch has 0/0 there
        each = F.cross_entropy(logits, label, class_weight, reduction="none", label_smoothing=smoothing)
        spread = spread_over(weight, each)
        if self.reduction == "sum" or label.is_floating_point():
            return summed_up(each, spread, self.reduction)
        counted = self._counts(label, class_weight, spread)
        return (each * spread).sum() / torch.where(counted > 0, counted, torch.ones_like(counted))

    def counted(self, logits: Tensor, label: Tensor, weight: Tensor | None = None) -> Tensor | None:
        """Σ w of what is not ignored; None where all samples count alike."""
        is_share, class_weight = label.is_floating_point(), self.class_weight
        if self.reduction == "sum" or (
            weight is None and (is_share or (not self.ignored and class_weight is None))
        ):
            return None
        first = logits.select(1 if self.channel_first else -1, 0)
        spread = torch.ones_like(first) if weight is None else spread_over(weight, first)
        if is_share:
            return spread.sum()
        if self.ignored:
            label = label.masked_fill(is_one_of(label, self.ignored), UNCOUNTED)
        return self._counts(label, None if class_weight is None else class_weight.to(first.dtype), spread)

    @staticmethod
    def _counts(label: Tensor, class_weight: Tensor | None, spread: Tensor) -> Tensor:
        counts = (label != UNCOUNTED).to(spread.dtype)
        if class_weight is not None:
            counts = counts * class_weight[label.clamp(min=0)]
        return (spread * counts).sum()


class BoundedCrossEntropy(Bounded, CrossEntropy):
    """The same for labels of which nobody knows that each is a class; NaN where one is none."""

    def forward(self, logits: Tensor, label: Tensor, weight: Tensor | None = None) -> Tensor:
        last = logits.dim() > 2 and not self.channel_first
        known, classes = label, logits.shape[-1 if last else 1]
        if self.ignored:
            uncounted = is_one_of(label, self.ignored)
            known = label.masked_fill(uncounted, 0)
        safe, outside = self.inside(known, classes)
        if self.ignored:
            safe = torch.where(uncounted, label, safe)
        return super().forward(logits, safe, weight).masked_fill(outside.any(), NAN)

    def counted(self, logits: Tensor, label: Tensor, weight: Tensor | None = None) -> Tensor | None:
        """The same; a label that is no class makes the loss NaN, so it may count as any."""
        classes = logits.shape[1 if self.channel_first or logits.dim() == 2 else -1]
        known = torch.where(label < classes, label, torch.zeros_like(label))
        return super().counted(logits, torch.where(label < 0, label, known), weight)


class BinaryCrossEntropy(nn.Module):
    """Binary cross-entropy of logits and targets of the same shape; targets may be whole numbers. A weight of
    each sample `(N)` or value makes the mean Σ w·l / Σ w.
    """

    weight: Tensor | None

    def __init__(self, reduction: str, positive_weight: float) -> None:
        super().__init__()
        self.reduction = reduction
        weight = None if positive_weight == 1.0 else torch.tensor(positive_weight)
        self.register_buffer("weight", weight, persistent=False)

    def forward(self, logits: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
        wanted = target.to(logits.dtype)
        reduction = self.reduction if weight is None else "none"
        each = F.binary_cross_entropy_with_logits(logits, wanted, reduction=reduction, pos_weight=self.weight)
        if weight is None:
            return each
        return summed_up(each, spread_over(weight, each), self.reduction)

    def counted(self, logits: Tensor, _target: Tensor, weight: Tensor | None = None) -> Tensor | None:
        """Σ w; None where all samples count alike."""
        return total_weight(logits, weight, self.reduction)


class WeightedDistance(nn.Module):
    """A distance between a prediction and a target of the same shape, with a weight of each sample `(N)` or
    value: Σ w·l, or as a mean Σ w·l / Σ w.

    `distance` is a module of torch that gives the loss of each value.
    """

    def __init__(self, distance: nn.Module, reduction: str) -> None:
        super().__init__()
        self.distance, self.reduction = distance, reduction

    def forward(self, prediction: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        each: Tensor = self.distance(prediction, target)
        return summed_up(each, spread_over(weight, each), self.reduction)

    def counted(self, prediction: Tensor, _target: Tensor, weight: Tensor) -> Tensor | None:
        """Σ w; None where all samples count alike."""
        return total_weight(prediction, weight, self.reduction)


class Dice(nn.Module):
    """One minus the overlap of predicted and true regions, for each sample and class; labels that are
    `ignored` lie in no region. A weight of each sample `(N)` makes the mean Σ w·l / Σ w; one of each place,
    as a mask, says how much the place counts in both regions.
    """

    def __init__(
        self, smoothing: float, reduction: str, channel_first: bool, ignored: tuple[int, ...] = ()
    ) -> None:
        super().__init__()
        self.smoothing, self.reduction, self.channel_first = smoothing, reduction, channel_first
        self.ignored = ignored

    def forward(self, logits: Tensor, label: Tensor, weight: Tensor | None = None) -> Tensor:
        classes = 1 if self.channel_first else logits.dim() - 1
        logits = logits.movedim(classes, 1)
        if label.shape == logits.movedim(1, classes).shape:
            share, truth = logits.sigmoid(), label.movedim(classes, 1).to(logits.dtype)
        else:
            places = torch.arange(logits.shape[1], device=label.device)
            places = places.view(-1, *[1] * (logits.dim() - 2))
            share, truth = logits.softmax(1), (label.unsqueeze(1) == places).to(logits.dtype)
        if self.ignored and label.dim() < logits.dim():
            counts = ~is_one_of(label.unsqueeze(1), self.ignored)
            share, truth = share * counts, truth * counts
        share, truth = (one.reshape(*one.shape[:2], -1) for one in (share, truth))
        if (of_places := place_weight(weight, share.shape[2])) is not None:
            weight, counts = None, of_places.to(share.dtype).unsqueeze(1)
            share, truth = share * counts, truth * counts
        both, all_ = (share * truth).sum(2), share.sum(2) + truth.sum(2)
        each = 1.0 - (2.0 * both + self.smoothing) / (all_ + self.smoothing)
        return summed_up(each, None if weight is None else spread_over(weight, each), self.reduction)

    def counted(self, logits: Tensor, _label: Tensor, weight: Tensor | None = None) -> Tensor | None:
        """Σ w over samples; None where all count alike."""
        if weight is None or weight.numel() != len(weight):
            return None
        return total_weight(logits.flatten(1)[:, 0], weight, self.reduction)


class PerceptronCriterion(nn.Module):
    """Σ (y − t)·s with y = [s ≥ threshold] held constant."""

    def __init__(self, threshold: float, reduction: str) -> None:
        super().__init__()
        self.threshold, self.reduction = threshold, reduction

    def forward(self, score: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
        wrong = (score.detach() >= self.threshold).to(score.dtype) - target.to(score.dtype)
        each = wrong * score
        return summed_up(each, None if weight is None else spread_over(weight, each), self.reduction)

    def counted(self, score: Tensor, _target: Tensor, weight: Tensor | None = None) -> Tensor | None:
        """Σ w; None where all samples count alike."""
        return total_weight(score, weight, self.reduction)
