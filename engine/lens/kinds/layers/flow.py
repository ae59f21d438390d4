"""Flow: how large the values of a node are, how many are 0, and how much the loss depends on them."""

from __future__ import annotations

import numpy as np

from engine.lens.arrays import is_all_finite, length
from engine.lens.lens import Arrays, Lens, Reads, Seen
from engine.report import NodeReport
from nodes.spec import Layer, Role

_ROLES = (Role.MODULE, Role.PLACEMENT, Role.SOURCE)


class Flow(Lens):
    """Arrays, of the node's first output for the pinned sample, each a single number: `mean`, `deviation`,
    `zeros` (share of values that are exactly 0), `lost` (share that are not finite; the others leave these
    out), `count`; `gradient`, the norm of the gradient of the sum of all losses by the output, where the loss
    depends on it.
    """

    kind = "flow"
    title = "Flow"
    help = (
        "How large the values of this layer are for the pinned sample, how many of them are 0, and how much "
        "the loss depends on them (the norm of its gradient): where a network starves, explodes or is silent."
    )
    reads = frozenset({Reads.OUTPUT, Reads.OUTPUT_GRADIENT})
    place = 34
    over_canvas = True

    def applies_to(self, layer: type[Layer], report: NodeReport | None) -> bool:
        if layer.role not in _ROLES or report is None:
            return False
        first = next(iter(report.outputs.values()), None)
        return first is not None and first.is_float

    def compute(self, seen: Seen) -> Arrays:
        if seen.output is None or not seen.output.numel():
            return {}
        values = seen.output.detach().float()
        finite = values if is_all_finite(values) else values[values.isfinite()]
        count = max(1, finite.numel())
        found = {
            "mean": finite.double().mean().item() if finite.numel() else 0.0,
            "deviation": finite.double().std(correction=0).item() if finite.numel() else 0.0,
            "zeros": (finite == 0).sum().item() / count,
            "lost": 1.0 - finite.numel() / values.numel(),
            "count": float(values.numel()),
        }
        if seen.output_gradient is not None:
            found["gradient"] = length(seen.output_gradient)
        return {name: np.array(value, np.float64) for name, value in found.items()}
