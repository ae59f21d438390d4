"""In which unit metrics measure: errors in that of the data, not of the scaled numbers that a network learns
from.

A target that was standardised comes with the deviation it was divided by; a metric of differences multiplies
both its inputs by it. Knows which metrics ask for it and where their targets come from.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.compile import Plan
from engine.expand.flat import FlatEnd
from nodes.reading.dataset import Scaling
from nodes.training.metric import Metric

Units = dict[FlatEnd, NDArray[np.float64]]


def spread(scaling: Scaling, device: torch.device) -> Tensor | None:
    """What a difference of scaled values is multiplied by, `(1)` or `(columns)`; None where it is 1."""
    factors = [scaling.divisor * deviation for deviation in scaling.deviation]
    return None if all(factor == 1.0 for factor in factors) else torch.tensor(factors, device=device)


def unit(scaling: Scaling) -> NDArray[np.float64]:
    """How scaled values become those of the data: offsets and factors, `(2, 1)` or `(2, columns)`."""
    factors = [scaling.divisor * deviation for deviation in scaling.deviation]
    offsets = [scaling.divisor * mean for mean in scaling.mean]
    return np.array(np.broadcast_arrays(offsets, factors), np.float64)


def metric_factors(plan: Plan, spreads: Mapping[FlatEnd, Tensor]) -> dict[str, Tensor]:
    """By the path of a metric in the target's unit: the spread of the target that it measures against."""
    found: dict[str, Tensor] = {}
    for path in plan.metrics:
        node = plan.nodes[path]
        if not isinstance(node.layer, Metric) or not node.layer.in_target_unit:
            continue
        ends = dict(zip((port.name for port in node.layer.input_ports()), node.inputs, strict=True))
        factor = _behind(plan, ends["target"][0], spreads)
        if factor is not None:
            found[path] = factor
    return found


def _behind(plan: Plan, end: FlatEnd, spreads: Mapping[FlatEnd, Tensor]) -> Tensor | None:
    """The spread of the values at this end, looking back through layers that keep their unit."""
    moved = False
    while end not in spreads:
        node = plan.nodes[end.path]
        if not node.layer.keeps_scale or len(node.inputs) != 1 or len(node.inputs[0]) != 1:
            return None
        end, moved = node.inputs[0][0], True
    factor = spreads[end]
    return factor if not moved or factor.numel() == 1 else None
