"""Ranges and ticks of an axis: round numbers, a few intervals, steady while data wander. Values only."""

from __future__ import annotations

import math
from dataclasses import dataclass

_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class AxisScale:
    """An axis from `low` to `high` with lines at `ticks`; all in the axis' own units (log10 where `log`)."""

    low: float
    high: float
    ticks: tuple[float, ...]
    log: bool = False

    def fits(self, low: float, high: float) -> bool:
        """Whether data from low to high are inside and fill enough to be seen well."""
        span = self.high - self.low
        return self.low <= low and high <= self.high and (high - low) >= 0.4 * span

    def value(self, tick: float) -> float:
        """The value that a tick stands for."""
        return 10.0**tick if self.log else tick


def scale_for(low: float, high: float, *, log: bool = False) -> AxisScale:
    """A round range around the data; `low` and `high` are log10 where `log`."""
    if not (math.isfinite(low) and math.isfinite(high)):
        low, high = 0.0, 1.0
    if high - low < 1e-12 * max(1.0, abs(low), abs(high)):
        pad = 0.5 if log else 0.5 * max(abs(low), 1e-3)
        low, high = low - pad, high + pad
    if log:
        return _log_scale(low, high)
    step = _step((high - low) / 3.6)
    bottom, top = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    count = round((top - bottom) / step)
    return AxisScale(bottom, top, tuple(bottom + step * index for index in range(count + 1)))


def _step(rough: float) -> float:
    magnitude = 10.0 ** math.floor(math.log10(rough))
    return next(nice * magnitude for nice in _NICE if nice * magnitude >= rough * 0.999)


def _log_scale(low: float, high: float) -> AxisScale:
    if high - low >= 2.0:
        every = math.ceil((high - low) / 4.0)
        first, last = math.floor(low + 1e-9), math.ceil(high - 1e-9)
        return AxisScale(first, last, tuple(float(tick) for tick in range(first, last + 1, every)), log=True)
    ladder = [math.log10(m) + e for e in range(math.floor(low) - 1, math.ceil(high) + 1) for m in (1, 2, 5)]
    bottom = max((tick for tick in ladder if tick <= low + 1e-9), default=low)
    top = min((tick for tick in ladder if tick >= high - 1e-9), default=high)
    ticks = tuple(tick for tick in ladder if bottom - 1e-9 <= tick <= top + 1e-9)
    return AxisScale(bottom, top, ticks, log=True)
