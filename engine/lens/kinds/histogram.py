"""Histogram: how the activations, weights and gradients of one node are distributed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from engine.lens.lens import Arrays, Lens, Reads, Seen
from engine.report import NodeReport
from nodes.data.source import DataSource
from nodes.spec import Layer, Role

if TYPE_CHECKING:
    from torch import Tensor

BINS = 48
MOST_VALUES = 1 << 18
"""Of more, evenly spaced ones are counted."""
_ROLES = (Role.MODULE, Role.PLACEMENT, Role.SOURCE)


class Histogram(Lens):
    """Arrays by `activations`, `weights` and `gradients`, as far as the node has them: counts of the values
    that are not exactly 0, (48); `NAME_range`, the ends of the bins (2); `NAME_total`, how many values there
    are, how many of those counted are 0, not finite, and counted at all (4).
    """

    kind = "histogram"
    title = "Histogram"
    help = (
        "How activations, weights and gradients of this layer are distributed. Activations and gradients are "
        "those of the pinned sample in evaluation mode; gradients are of the loss that updates the weights."
    )
    reads = frozenset({Reads.OUTPUT, Reads.PARAMETERS, Reads.GRADIENTS})
    place = 30

    def applies_to(self, layer: type[Layer], report: NodeReport | None) -> bool:
        if layer.role not in _ROLES or issubclass(layer, DataSource) or report is None:
            return False
        return bool(report.outputs)

    def compute(self, seen: Seen) -> Arrays:
        outputs = [] if seen.output is None else [seen.output]
        groups = (
            ("activations", outputs),
            ("weights", seen.parameters.values()),
            ("gradients", seen.gradients.values()),
        )
        found: Arrays = {}
        for name, tensors in groups:
            found |= _counted(name, tensors)
        return found


def _counted(name: str, tensors: Iterable[Tensor]) -> Arrays:
    """The counts of all values of these tensors under one name; none where there are no values."""
    flat = [tensor.detach().flatten() for tensor in tensors]
    total = sum(len(values) for values in flat)
    if not total:
        return {}
    step = -(-total // MOST_VALUES)
    values = np.concatenate([part[::step].float().cpu().numpy() for part in flat])
    finite = values[np.isfinite(values)]
    other = finite[finite != 0]
    low, high = min(0.0, float(other.min(initial=0))), max(0.0, float(other.max(initial=0)))
    counts, _ = np.histogram(other, BINS, (low, high) if high > low else (-1.0, 1.0))
    zeros, lost = len(finite) - len(other), len(values) - len(finite)
    return {
        name: counts.astype(np.int64),
        f"{name}_range": np.array((low, high), np.float32),
        f"{name}_total": np.array((total, zeros, lost, len(values)), np.int64),
    }
