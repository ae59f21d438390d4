"""Deep dream: a picture is changed along the gradient until something in a network grows.

From Mordvintsev et al. (2015), Inceptionism: the picture is made small and grows by octaves, and at each of
them what was added so far is enlarged with it, so that what appears is of several sizes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import torch
from torch import Tensor
from torch.nn import functional as F

OCTAVE = 1.4
"""From one octave to the next, in sides."""
JITTER = 0.06
"""How far the picture is shifted before each step, as a share of its side."""
Excitement = Callable[[Tensor], tuple[Tensor, Tensor]]
"""Of a picture (1, C, H, W): what is to grow, a scalar, and its gradient by the picture."""


@dataclass(frozen=True)
class Dream:
    """`pictures` are the start and the picture after each octave, each (1, C, H, W) of the full size.

    `before` and `after` are the excitements by the first and the last of them, `reached` that before each
    step.
    """

    pictures: tuple[Tensor, ...]
    before: float
    reached: tuple[float, ...]
    after: float


Size = tuple[int, int]


def octave_sizes(size: Size, count: int, fits: Callable[[Size], bool]) -> list[Size]:
    """The sides of the octaves, the smallest first; those that the network does not take are left out."""
    high, wide = size
    factors = [OCTAVE**less for less in range(count - 1, 0, -1)]
    wished = [(max(1, round(high / by)), max(1, round(wide / by))) for by in factors]
    return [*(one for one in dict.fromkeys(wished) if one != size and fits(one)), size]


def dream(
    start: Tensor,
    excitement: Excitement,
    sizes: list[tuple[int, int]],
    *,
    steps: int,
    rate: float,
    bounds: tuple[float, float],
    patience: float = math.inf,
) -> Dream:
    """Climb `steps` steps at each of these sizes, from a picture (1, C, H, W); fewer, as many at each, where
    they would take longer than `patience` seconds.

    A step is `rate` times the range of the data along the gradient over its mean size; the picture stays
    within `bounds`. The shifts before each step are the same every time.
    """
    low, high = bounds
    chance = torch.Generator().manual_seed(0)
    full = (start.shape[2], start.shape[3])
    detail = torch.zeros_like(_sized(start, sizes[0]))
    before = float(excitement(start)[0])
    steps = _affordable(start, excitement, sizes, steps, patience)
    pictures, reached = [start], list[float]()
    for size in sizes:
        base = _sized(start, size)
        picture = base + _sized(detail, size)
        for _ in range(steps):
            shift = [int(one) for one in _shifts(chance, size)]
            value, gradient = excitement(picture.roll(shift, (2, 3)))
            reached.append(float(value))
            gradient = gradient.roll([-one for one in shift], (2, 3))
            mean = gradient.abs().mean().clamp(min=1e-12)
            picture = (picture + rate * (high - low) * gradient / mean).clamp(low, high)
        detail = picture - base
        pictures.append((start + _sized(detail, full)).clamp(low, high))
    after = float(excitement(pictures[-1])[0])
    return Dream(tuple(pictures), before, tuple(reached), after)


def _affordable(start: Tensor, excitement: Excitement, sizes: list[Size], steps: int, patience: float) -> int:
    """How many steps at each size take so long, at least one; told by a step of the whole picture."""
    if patience == math.inf:
        return steps
    begun = perf_counter()
    float(excitement(start)[0])
    spent = perf_counter() - begun
    each = spent * sum(high * wide for high, wide in sizes) / (start.shape[2] * start.shape[3])
    return max(1, min(steps, int(patience / max(each, 1e-9))))


def _shifts(chance: torch.Generator, size: tuple[int, int]) -> list[int]:
    """How far to shift down and to the right."""
    most = [max(0, round(side * JITTER)) for side in size]
    return [int(torch.randint(-one, one + 1, (), generator=chance)) for one in most]


def _sized(picture: Tensor, size: tuple[int, int]) -> Tensor:
    if tuple(picture.shape[2:]) == size:
        return picture
    return F.interpolate(picture, size, mode="bilinear", align_corners=False)
