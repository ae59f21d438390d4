"""Dead and saturated units: which units of an activation say the same whatever the network is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from engine.lens.arrays import PART, ROW, array
from engine.lens.lens import Arrays, Lens, Reads, Seen
from engine.report import NodeReport
from nodes.layers.activation import Activation, AlongDimension
from nodes.param import Choice
from nodes.spec import Layer

if TYPE_CHECKING:
    from torch import Tensor

SATURATED = 0.98
"""From this share of the way from the middle to an end on, a value is saturated."""
MOSTLY = 0.95
"""A unit is saturated where at least this share of its values is."""


class DeadUnits(Lens):
    """Arrays: `zero`, the share of each unit's values that are exactly 0, (units); where the activation has
    two ends, `saturated`, the share of those that are within 1 % of its range from an end, (units); of at
    most 4096 units. `counts`: units, dead units, saturated units, values of each unit, samples, (5); `set`:
    of how many samples these are and whether they are held back, (3).
    """

    kind = "dead_units"
    title = "Dead and saturated units"
    help = (
        "Which units are 0 for every one of up to 256 held-back samples (dead: nothing flows back through "
        "them), and which are at an end of their range for at least 95 % of them (saturated: they hardly "
        "learn). A unit of a map counts all its places."
    )
    reads = frozenset({Reads.SET})
    place = 32

    units = Choice(
        "auto",
        choices=("auto", "channels", "last"),
        titles={"auto": "automatic", "channels": "channels (dimension 1)", "last": "last dimension"},
        help="Where the units are. Automatic: the features of a sequence (N, time, features), else channels.",
    )

    def applies_to(self, layer: type[Layer], report: NodeReport | None) -> bool:
        if not issubclass(layer, Activation) or issubclass(layer, AlongDimension) or layer.keeps_values:
            return False
        specs = () if report is None else tuple(report.outputs.values())
        return any(spec.is_float and spec.rank > 1 for spec in specs)

    def compute(self, seen: Seen) -> Arrays:
        values = seen.set_output
        if values is None or values.dim() < 2 or not values.numel():
            return {}
        is_last = seen.options["units"] == "last" or (seen.options["units"] == "auto" and values.dim() == 3)
        unit = values.dim() - 1 if is_last else 1
        units = values.shape[unit]
        each = values.numel() // units
        zero = _counts(values, unit, lambda part: part == 0) / each
        found: Arrays = {"zero": array(zero[:ROW])}
        saturated = 0
        limits = seen.layer.limits() if isinstance(seen.layer, Activation) else None
        if limits is not None:
            middle, half = sum(limits) / 2, (limits[1] - limits[0]) / 2
            share = _counts(values, unit, lambda part: (part - middle).abs() > SATURATED * half) / each
            found["saturated"] = array(share[:ROW])
            saturated = int((share >= MOSTLY).sum())
        counts = units, int((zero == 1).sum()), saturated, each, len(values)
        if seen.set_told is not None:
            found["set"] = seen.set_told
        return found | {"counts": np.array(counts, np.int64)}


def _counts(values: Tensor, unit: int, holds: Callable[[Tensor], Tensor]) -> Tensor:
    """For how many values of each unit, a place along axis `unit`, this holds; some samples at a time, so
    that what is compared stays in the cache of a core.
    """
    import torch

    others = [axis for axis in range(values.dim()) if axis != unit]
    parts = values.chunk(-(-values.numel() // PART))
    return torch.stack([holds(part).sum(others, dtype=torch.int32) for part in parts]).sum(0)
