"""Metric modules with the interface of torchmetrics: update, compute, reset.

Sums stay on the device until `compute`. Torchmetrics itself takes 0.46 s to import after torch, which a run
would pay before its first loss; these are a few sums each.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nodes.modules.loss import is_one_of, place_weight, spread_over


class _Mean(nn.Module):
    """The mean of something over all that was seen."""

    def __init__(self) -> None:
        super().__init__()
        self.reset()

    def reset(self) -> None:
        """Forget what was seen."""
        self.summed: Tensor | float = 0.0
        self.count: Tensor | float = 0

    def gather(self, values: Tensor, weight: Tensor | None = None) -> None:
        """Take values in, without waiting for the device; with weights `(N)`, or one for each value."""
        if weight is None:
            self.summed = self.summed + values.sum(dtype=torch.float32)
            self.count += values.numel()
            return
        spread = spread_over(weight, values.float())
        self.summed = self.summed + (values * spread).sum()
        self.count = self.count + spread.sum()

    def compute(self) -> Tensor:
        """The mean so far, Σ w·v / Σ w; 0 where nothing was seen."""
        if isinstance(self.count, Tensor):
            return self.summed / torch.where(self.count > 0, self.count, torch.ones_like(self.count))
        return torch.as_tensor(self.summed) / max(self.count, 1)


class TopAccuracy(_Mean):
    """Share of positions whose label is among the k highest scores; `ignored` labels do not count."""

    def __init__(self, k: int, channel_first: bool, ignored: tuple[int, ...] = ()) -> None:
        self.k, self.dimension, self.ignored = k, 1 if channel_first else -1, ignored
        super().__init__()

    def update(self, logits: Tensor, label: Tensor, weight: Tensor | None = None) -> None:
        right, counts = self.right(logits, label), self.counts(label, weight)
        self.gather(right, counts)

    def right(self, logits: Tensor, label: Tensor) -> Tensor:
        """Where the label is among the best, of the shape of the labels."""
        if self.k == 1:
            return logits.argmax(self.dimension) == label
        best = logits.topk(self.k, self.dimension).indices
        return (best == label.unsqueeze(self.dimension)).any(self.dimension)

    def counts(self, label: Tensor, weight: Tensor | None) -> Tensor | None:
        """How much each label counts, of their shape; None where all count alike."""
        if not self.ignored:
            return weight
        counted = (~is_one_of(label, self.ignored)).float()
        return counted if weight is None else spread_over(weight, counted) * counted


class Perplexity(TopAccuracy):
    """e to the mean of −log softmax(logits)[label]; NaN where a label is no class and is not ignored."""

    def __init__(self, channel_first: bool, ignored: tuple[int, ...] = ()) -> None:
        super().__init__(1, channel_first, ignored)

    def update(self, logits: Tensor, label: Tensor, weight: Tensor | None = None) -> None:
        counts = self.counts(label, weight)
        safe = label.clamp(0, logits.shape[self.dimension] - 1)
        shares = logits.float().log_softmax(self.dimension)
        each = -shares.gather(self.dimension, safe.unsqueeze(self.dimension)).squeeze(self.dimension)
        outside = safe != label
        if self.ignored:
            outside = outside & ~is_one_of(label, self.ignored)
        self.gather(each.masked_fill(outside, float("nan")), counts)

    def compute(self) -> Tensor:
        """The perplexity so far; 1 where nothing was seen."""
        return super().compute().exp()


class BalancedAccuracy(TopAccuracy):
    """The mean over classes of the share of each that is right; classes that were not seen do not count."""

    def reset(self) -> None:
        super().reset()
        self.hits: Tensor | float = 0.0
        self.seen: Tensor | float = 0.0

    def update(self, logits: Tensor, label: Tensor, weight: Tensor | None = None) -> None:
        classes = logits.shape[self.dimension]
        places = torch.arange(classes, device=label.device)
        of_class = (label.reshape(-1, 1) == places).float()
        counts = self.counts(label, weight)
        if counts is not None:
            of_class = of_class * spread_over(counts, label.float()).reshape(-1, 1)
        right = self.right(logits, label).reshape(-1, 1)
        self.hits = self.hits + (of_class * right).sum(0)
        self.seen = self.seen + of_class.sum(0)

    def compute(self) -> Tensor:
        """The mean so far; 0 where nothing was seen."""
        hits, seen = torch.as_tensor(self.hits), torch.as_tensor(self.seen)
        shares = torch.where(seen > 0, hits / torch.where(seen > 0, seen, torch.ones_like(seen)), 0.0)
        return shares.sum() / (seen > 0).sum().clamp(min=1)


class BinaryAccuracy(_Mean):
    """Share of values on the right side of a threshold."""

    def __init__(self, threshold: float) -> None:
        super().__init__()
        self.threshold = threshold

    def update(self, logits: Tensor, target: Tensor, weight: Tensor | None = None) -> None:
        self.gather((logits >= self.threshold) == (target > 0.5), weight)


class AbsoluteError(_Mean):
    """Mean of |prediction − target|."""

    def update(self, prediction: Tensor, target: Tensor, weight: Tensor | None = None) -> None:
        self.gather((prediction - target).abs(), weight)


class RootSquaredError(_Mean):
    """√ of the mean of (prediction − target)²."""

    def update(self, prediction: Tensor, target: Tensor, weight: Tensor | None = None) -> None:
        self.gather((prediction - target).square(), weight)

    def compute(self) -> Tensor:
        return super().compute().sqrt()


class PeakSignalNoiseRatio(_Mean):
    """10 log₁₀(range² / mean squared error over all that was seen)."""

    def __init__(self, span: float) -> None:
        super().__init__()
        self.span = span

    def update(self, prediction: Tensor, target: Tensor, weight: Tensor | None = None) -> None:
        self.gather((prediction - target).square(), weight)

    def compute(self) -> Tensor:
        return 10.0 * torch.log10(self.span**2 / super().compute())


class StructuralSimilarity(_Mean):
    """SSIM of the neighbourhood of every pixel, averaged over each image, then over images.

    Neighbourhoods that reach over the edge see the image mirrored there, as torchmetrics has it.
    """

    deviation, reach = 1.5, 5

    def __init__(self, span: float) -> None:
        super().__init__()
        self.constants = ((0.01 * span) ** 2, (0.03 * span) ** 2)

    def update(self, prediction: Tensor, target: Tensor, weight: Tensor | None = None) -> None:
        first, second = (F.pad(image.float(), [self.reach] * 4, "reflect") for image in (prediction, target))
        pairs = (first, second, first * first, second * second, first * second)
        a, b, aa, bb, ab = self._blurred(torch.cat(pairs)).chunk(5)
        c1, c2 = self.constants
        # rounding may leave a variance just below zero
        variances = (aa - a * a).clamp(min=0.0) + (bb - b * b).clamp(min=0.0)
        alike = (2 * a * b + c1) * (2 * (ab - a * b) + c2)
        self.gather((alike / ((a * a + b * b + c1) * (variances + c2))).mean((1, 2, 3)), weight)

    def _blurred(self, images: Tensor) -> Tensor:
        """The mean of each Gaussian neighbourhood that lies within."""
        places = torch.arange(-self.reach, self.reach + 1, dtype=images.dtype, device=images.device)
        bell = (-(places**2) / (2 * self.deviation**2)).exp()
        bell, channels = bell / bell.sum(), images.shape[1]
        down = F.conv2d(images, bell.view(1, 1, -1, 1).expand(channels, -1, -1, -1), groups=channels)
        return F.conv2d(down, bell.view(1, 1, 1, -1).expand(channels, -1, -1, -1), groups=channels)


class Overlap(nn.Module):
    """IoU ("iou") or Dice ("dice") of each class, as a mean over classes that were seen or predicted, or of
    all pixels together. Labels `(N, …)` that are `ignored` count nowhere; with weights of samples or pixels
    each counts so often.

    `is_mask`: labels have the shape of the logits, which are a yes from 0 on; each channel is a class.
    """

    def __init__(
        self, measure: str, channel_first: bool, by_pixels: bool, ignored: tuple[int, ...], *, is_mask: bool
    ) -> None:
        super().__init__()
        self.measure, self.channel_first, self.by_pixels = measure, channel_first, by_pixels
        self.ignored, self.is_mask = ignored, is_mask
        self.reset()

    def reset(self) -> None:
        """Forget what was seen."""
        self.both: Tensor | float = 0.0
        self.predicted: Tensor | float = 0.0
        self.true: Tensor | float = 0.0

    def update(self, logits: Tensor, label: Tensor, weight: Tensor | None = None) -> None:
        """Take a batch in, without waiting for the device."""
        dimension = 1 if self.channel_first else logits.dim() - 1
        scores = logits.movedim(dimension, -1)
        if self.is_mask:
            guess, truth = scores >= 0, label.movedim(dimension, -1) > 0.5
        else:
            places = torch.arange(scores.shape[-1], device=label.device)
            guess = scores.argmax(-1, keepdim=True) == places
            truth = label.unsqueeze(-1) == places
            if self.ignored:
                counted = ~is_one_of(label, self.ignored).unsqueeze(-1)
                guess, truth = guess & counted, truth & counted
        guess, truth = (one.reshape(len(one), -1, one.shape[-1]) for one in (guess, truth))
        counts = None
        if weight is not None:
            of_places = place_weight(weight, guess.shape[1])
            counts = (weight.reshape(-1, 1) if of_places is None else of_places).float().unsqueeze(2)
        self.both = self.both + _counted(guess & truth, counts)
        self.predicted = self.predicted + _counted(guess, counts)
        self.true = self.true + _counted(truth, counts)

    def compute(self) -> Tensor:
        """The overlap so far; 0 where nothing was seen."""
        both, sizes = (torch.as_tensor(one) for one in (self.both, self.predicted + self.true))
        if self.by_pixels:
            both, sizes = both.sum(), sizes.sum()
        above, below = (both, sizes - both) if self.measure == "iou" else (2 * both, sizes)
        seen = below > 0
        each = above / torch.where(seen, below, torch.ones_like(below))
        return (each * seen).sum() / seen.sum().clamp(min=1)


def _counted(found: Tensor, counts: Tensor | None) -> Tensor:
    """How often each class `(N, places, classes)` was found; with weights `(N, places or 1, 1)` Σ w.

    Whole numbers where there are no weights: float32 cannot hold every count above 16,777,216.
    """
    return found.sum((0, 1)) if counts is None else (found * counts).sum((0, 1))
