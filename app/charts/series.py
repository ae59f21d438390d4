"""A growing curve: values over steps, smoothed as they come, and thinned to what a screen can show.

Appending never copies what is there (arrays double), and a view of 300,000 points costs a fraction of a
millisecond, for the extents of its blocks are kept at every scale. Numpy only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from app.charts.pyramid import Pyramid

Floats = NDArray[np.float64]

_BLOCK = 128
_GROWTH = 5.0
"""The mean at the start reaches over one value in so many of those before it."""


@dataclass(frozen=True, eq=False)
class Bars:
    """The extent of the values in each pixel column: `x`, `low` and `high` `(columns,)`."""

    x: Floats
    low: Floats
    high: Floats


WINDOWS = 50
"""Running means reach over about this part of a run."""
SLIDER_STEPS = 100


def fitted_smoothing(total_steps: int) -> float:
    """The weight of the past with which losses are averaged over about a fiftieth of a run.

    One that a slider of `SLIDER_STEPS` can show.
    """
    return smoothing_at(slider_position(1.0 - 1.0 / max(2.0, total_steps / WINDOWS)))


def slider_position(weight: float) -> int:
    """The slider's position for a weight of the past."""
    return 0 if weight <= 0 else round(-math.log10(1.0 - weight) / 3.0 * SLIDER_STEPS)


def smoothing_at(position: int) -> float:
    """The weight at a position. Each step to the right averages over about a tenth more values."""
    return 0.0 if position == 0 else min(1.0 - 10.0 ** (-3.0 * position / SLIDER_STEPS), 0.999)


class Series:
    """Values at rising steps. `smoothing` in [0, 1) is the weight of the past in a running mean (0: none).

    At the start, where little is past, the mean reaches over the newest fifth of the values only: the line
    follows the steep beginning of a run instead of hanging above it.
    """

    def __init__(self, smoothing: float = 0.0) -> None:
        self._steps = np.empty(1024, np.float64)
        self._values = np.empty(1024, np.float64)
        self._smooth = np.empty(1024, np.float64)
        self._count = 0
        self._smoothing = smoothing
        self._carry = (0.0, 0.0)
        self._begun = 0  # values in the growing mean at the start
        self._raw_extents, self._smooth_extents = Pyramid(), Pyramid()

    def __len__(self) -> int:
        return self._count

    @property
    def steps(self) -> Floats:
        return self._steps[: self._count]

    @property
    def values(self) -> Floats:
        return self._values[: self._count]

    @property
    def smoothed(self) -> Floats:
        """The running mean, without the pull to zero at its start."""
        return self._smooth[: self._count]

    @property
    def last(self) -> float:
        """The newest smoothed value; NaN while there is none."""
        return float(self._smooth[self._count - 1]) if self._count else float("nan")

    def until(self, step: float) -> float:
        """The smoothed value that was the newest at this step; NaN before the first."""
        place = int(np.searchsorted(self.steps, step, side="right")) - 1
        return float(self._smooth[place]) if place >= 0 else float("nan")

    def clear(self) -> None:
        self._count = 0
        self._forget_means()
        self._raw_extents.clear()
        self._smooth_extents.clear()

    def _forget_means(self) -> None:
        self._carry, self._begun = (0.0, 0.0), 0

    def extend(self, steps: Sequence[float] | Floats, values: Sequence[float] | Floats) -> None:
        """Append points. Steps that do not rise (a run that began again) are left out."""
        new_steps, new_values = np.asarray(steps, np.float64), np.asarray(values, np.float64)
        if self._count and len(new_steps) and new_steps[0] <= self._steps[self._count - 1]:
            later = new_steps > self._steps[self._count - 1]
            new_steps, new_values = new_steps[later], new_values[later]
        if not len(new_steps):
            return
        end = self._count + len(new_steps)
        self._reserve(end)
        self._steps[self._count : end] = new_steps
        self._values[self._count : end] = new_values
        self._smooth_from(self._count, end)
        self._count = end
        self._raw_extents.grow(self.values)
        self._smooth_extents.grow(self.smoothed)

    def set_smoothing(self, smoothing: float) -> None:
        """Another weight of the past; the whole curve is smoothed anew."""
        self._smoothing = min(max(smoothing, 0.0), 0.999)
        self._smooth_anew()

    def _smooth_anew(self) -> None:
        self._forget_means()
        self._smooth_from(0, self._count)
        self._smooth_extents.clear()
        self._smooth_extents.grow(self.smoothed)

    def _reserve(self, count: int) -> None:
        size = len(self._steps)
        if count <= size:
            return
        while size < count:
            size *= 2
        for name in ("_steps", "_values", "_smooth"):
            grown = np.empty(size, np.float64)
            grown[: self._count] = getattr(self, name)[: self._count]
            setattr(self, name, grown)

    def _smooth_from(self, start: int, end: int) -> None:
        """Continue the running mean; values that are no numbers count for nothing."""
        values = self._values[start:end]
        if self._smoothing == 0.0:
            self._smooth[start:end] = values
            return
        start = self._begin_smoothing(start, end)
        values = self._values[start:end]
        finite = np.isfinite(values)
        total, weight = self._carry
        sums, total = _decayed(np.where(finite, values, 0.0), self._smoothing, total)
        weights, weight = _decayed(finite.astype(np.float64), self._smoothing, weight)
        self._carry = (total, weight)
        with np.errstate(invalid="ignore", divide="ignore"):
            self._smooth[start:end] = np.where(weights > 0, sums / weights, np.nan)

    def _begin_smoothing(self, start: int, end: int) -> int:
        """The growing mean, until it reaches as far as the smoothing asks; says where that is."""
        full = math.ceil(_GROWTH / (1.0 - self._smoothing))
        mean, seen = self._carry
        while start < end and self._begun < full:
            value = float(self._values[start])
            if math.isfinite(value):
                self._begun += 1
                share = max(1.0 - self._smoothing, min(1.0, _GROWTH / self._begun))
                mean, seen = mean + share * (value - mean), 1.0
            self._smooth[start] = mean if seen else math.nan
            start += 1
        self._carry = (mean, seen)
        return start

    # Thinning ----------------------------------------------------------------------------------------------

    def span(self, left: float, right: float) -> slice:
        """The points within [left, right], and one more on each side so that lines reach the edge."""
        first = int(np.searchsorted(self.steps, left, "left"))
        last = int(np.searchsorted(self.steps, right, "right"))
        return slice(max(0, first - 1), min(self._count, last + 1))

    def bars(self, left: float, right: float, columns: int) -> Bars | None:
        """Least and largest raw value per pixel column; None where points are few."""
        held = self.span(left, right)
        if held.stop - held.start <= 2 * columns:
            return None
        begin, width, low, high = self._raw_extents.extents(self.values, held.start, held.stop, columns)
        return Bars(self.steps[begin::width][: len(low)], low, high)

    def line(self, left: float, right: float, columns: int, *, smooth: bool = True) -> tuple[Floats, Floats]:
        """A polyline with at most about two points per pixel column; no peak is lost."""
        held = self.span(left, right)
        values = self.smoothed if smooth else self.values
        if held.stop - held.start <= 2 * columns:
            return self.steps[held], values[held]
        pyramid = self._smooth_extents if smooth else self._raw_extents
        begin, width, low, high = pyramid.extents(values, held.start, held.stop, columns)
        blocks = len(low)
        x, y = np.empty(2 * blocks + 1), np.empty(2 * blocks + 1)
        last = held.stop - 1
        places = begin + width * np.arange(blocks)
        x[0:-1:2], x[1::2] = self.steps[places], self.steps[np.minimum(places + width // 2, last)]
        # In each block the end that is nearer to the block before comes first: the line does not zigzag.
        middle = low + high
        rising = np.diff(middle, prepend=middle[:1]) >= 0
        y[0:-1:2], y[1::2] = np.where(rising, low, high), np.where(rising, high, low)
        x[-1], y[-1] = self.steps[last], values[last]
        return x, y

    def sample(self, left: float, right: float, most: int) -> Floats:
        """Some raw values of the span, evenly spread: enough to know where most of them lie."""
        held = self.values[self.span(left, right)]
        result: Floats = held[:: max(1, len(held) // max(1, most))]
        return result

    def at(self, step: float) -> tuple[float, float, float] | None:
        """(step, raw, smoothed) of the point nearest to a step; None while there is none."""
        if not self._count:
            return None
        after = min(int(np.searchsorted(self.steps, step)), self._count - 1)
        before = max(0, after - 1)
        near = before if abs(self._steps[before] - step) <= abs(self._steps[after] - step) else after
        return float(self._steps[near]), float(self._values[near]), float(self._smooth[near])


@lru_cache(maxsize=16)
def _weights(decay: float) -> tuple[Floats, Floats]:
    """What each value of a block adds to the means after it, and what is left of the mean before."""
    power = np.arange(_BLOCK, dtype=np.float64)
    kernel = np.tril((1.0 - decay) * decay ** np.maximum(power[:, None] - power[None, :], 0))
    fade = decay ** (power + 1.0)
    return kernel.astype(np.float64), fade.astype(np.float64)


def _decayed(values: Floats, decay: float, carry: float) -> tuple[Floats, float]:
    """s[i] = decay·s[i−1] + (1 − decay)·v[i] from s[−1] = carry; by blocks, in numpy."""
    count = len(values)
    result = np.empty(count)
    if count < 16:
        for index in range(count):
            carry = decay * carry + (1.0 - decay) * float(values[index])
            result[index] = carry
        return result, carry
    kernel, fade = _weights(decay)
    padded = np.zeros(-(-count // _BLOCK) * _BLOCK)
    padded[:count] = values
    own = padded.reshape(-1, _BLOCK) @ kernel.T
    for row in range(len(own)):
        own[row] += fade * carry
        carry = float(own[row, -1])
    result[:] = own.ravel()[:count]
    return result, float(result[-1])
