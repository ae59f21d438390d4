"""What can be shown over all nodes at once: how each quantity is called, read, scaled and written."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from app.canvas.items.node_item import Tint
from app.lenses.colour_maps import sequential_pixels
from app.style.theme import Theme
from app.widgets.numbers import number, percent
from engine.report import NodeReport, Report


@dataclass(frozen=True)
class FlowQuantity:
    """`is_log`: colours follow the powers of ten. `is_cost`: it is known from the drawing, without a run."""

    name: str
    title: str
    is_log: bool = False
    is_share: bool = False
    is_cost: bool = False

    def of_frame(self, arrays: Mapping[str, NDArray[np.generic]]) -> float | None:
        """What a lens saw of a node; NaN where its values are not finite."""
        if float(np.asarray(arrays.get("lost", 0.0)).item()) > 0.0:
            return math.nan
        value = arrays.get(self.name)
        return None if value is None else float(np.asarray(value).item())

    def of_report(self, entry: NodeReport, report: Report) -> float | None:
        """The share of a node in the cost of the whole drawing."""
        if self.name == "compute":
            return entry.multiply_adds / report.multiply_adds if report.multiply_adds else None
        total = sum(each.activation_bytes for path, each in report.nodes.items() if "." not in path)
        return entry.activation_bytes / total if total else None

    def words(self, value: float) -> str:
        """A value as it is written on a node."""
        if not math.isfinite(value):
            return "not finite"
        return percent(value) if self.is_share else number(value)


QUANTITIES: dict[str, FlowQuantity] = {
    each.name: each
    for each in (
        FlowQuantity("deviation", "deviation", is_log=True),
        FlowQuantity("gradient", "gradient norm", is_log=True),
        FlowQuantity("zeros", "zeros", is_share=True),
        FlowQuantity("compute", "computation", is_share=True, is_cost=True),
        FlowQuantity("memory", "outputs kept", is_share=True, is_cost=True),
    )
}


@dataclass(frozen=True)
class FlowScale:
    """The ends of the colours, in the quantity's own unit."""

    low: float
    high: float
    is_log: bool

    @staticmethod
    def over(values: list[float], quantity: FlowQuantity) -> FlowScale:
        """From the least to the greatest; shares begin at 0; what cannot be a power of ten is left out."""
        known = [value for value in values if math.isfinite(value) and (value > 0 or not quantity.is_log)]
        high = max(known, default=1.0)
        low = min(known, default=high) if quantity.is_log else 0.0
        return FlowScale(low, high, quantity.is_log)

    def share(self, value: float) -> float:
        """Where a value stands between the ends, in [0, 1]."""
        if self.is_log:
            if value <= 0.0 or self.high <= self.low:
                return 0.0 if value <= 0.0 else 0.5
            return math.log(value / self.low) / math.log(self.high / self.low)
        return min(1.0, max(0.0, value / self.high)) if self.high > 0 else 0.0


def tints(
    values: Mapping[str, float], quantity: FlowQuantity, scale: FlowScale, theme: Theme
) -> dict[str, Tint]:
    """The colours and numbers of nodes; what is not finite is red."""
    return {
        key: Tint(theme.bad if not math.isfinite(value) else colour_of(scale.share(value)), words)
        for key, value in values.items()
        for words in (quantity.words(value),)
    }


@lru_cache(maxsize=64)
def _colour(step: int) -> str:
    blue, green, red, _ = sequential_pixels(np.array([step / 48]), 0.0, 1.0)[0].tolist()
    return QColor(red, green, blue).name()


def colour_of(share: float) -> str:
    """Viridis in 49 steps, so that few colours are in use at once."""
    return _colour(round(min(1.0, max(0.0, share)) * 48))
