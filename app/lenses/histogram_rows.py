"""Histograms as values: counts between two ends, read from the arrays of a lens, and moved to other bins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF

from app.widgets.numbers import grouped, percent, scaled

NAMES = ("activations", "weights", "gradients")


@dataclass(frozen=True, eq=False)
class HistogramRow:
    """One histogram: counts of the values that are not 0 between `low` and `high`."""

    name: str
    counts: NDArray[np.int64]
    low: float
    high: float
    total: int
    zeros: float
    """Share of the values that are exactly 0."""
    lost: float
    """Share of the values that are not finite."""
    counted: int = 0
    """How many of the values were counted, evenly spaced ones; 0: all."""

    def words(self, *, short: bool) -> str:
        """How many values there are, and how many of them are 0 or no numbers."""
        parts = [scaled(self.total) if short and self.total >= 10_000 else grouped(self.total)]
        if self.zeros:
            parts.append(f"{percent(self.zeros)} zero")
        if self.lost:
            parts.append(f"{percent(self.lost)} not finite")
        if short:
            return " · ".join(parts)
        some = f"{grouped(self.counted)} of " if 0 < self.counted < self.total else ""
        return " · ".join([f"{some}{parts[0]} values", *parts[1:]])

    def place(self, value: float, area: QRectF) -> float:
        """Where a value stands on the axis."""
        return area.left() + (value - self.low) / ((self.high - self.low) or 1.0) * area.width()

    def edges(self) -> NDArray[np.float64]:
        """The ends of the bins."""
        return np.linspace(self.low, self.high, len(self.counts) + 1)

    def moved(self, low: float, high: float, bins: int) -> NDArray[np.float64]:
        """The counts in other bins, whose ends hold those of this one; a bin that is cut is divided."""
        cumulative = np.concatenate([[0.0], np.cumsum(self.counts)])
        ends = np.interp(np.linspace(low, high, bins + 1), self.edges(), cumulative)
        return np.diff(ends)


def rows_of(arrays: Mapping[str, NDArray[Any]]) -> list[HistogramRow]:
    """The histograms among the arrays of the lens."""
    found = []
    for name in NAMES:
        if name in arrays:
            low, high = (float(end) for end in arrays[f"{name}_range"])
            total, zeros, lost, seen = (int(count) for count in arrays[f"{name}_total"])
            shares = zeros / max(1, seen), lost / max(1, seen)
            found.append(
                HistogramRow(name, np.asarray(arrays[name], np.int64), low, high, total, *shares, seen)
            )
    return found
