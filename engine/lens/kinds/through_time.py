"""Gradient through time: how much the loss depends on the states of a scan or a recurrent layer after each
step.
"""

from __future__ import annotations

import numpy as np

from engine.lens.lens import Arrays, Lens, Reads, Seen
from engine.report import NodeReport
from nodes.layers.recurrent import Recurrent
from nodes.layers.scan import Scan
from nodes.spec import Layer


class ThroughTime(Lens):
    """Arrays by the name of the state, |∂L/∂h_t| (T), in the order of time."""

    kind = "through_time"
    title = "Gradient through time"
    help = (
        "How much the loss depends on the states after each step, |∂L/∂h|, of the pinned sample. Where it "
        "falls by powers of ten towards the first steps, what happened there is hardly learned. The loss is "
        "the sum of all losses, in evaluation mode; what a state does to later steps counts."
    )
    reads = frozenset({Reads.STATE_GRADIENTS})
    place = 20

    def applies_to(self, layer: type[Layer], report: NodeReport | None) -> bool:
        return issubclass(layer, Scan | Recurrent) and report is not None and bool(report.outputs)

    def compute(self, seen: Seen) -> Arrays:
        return {name: norms.numpy().astype(np.float32) for name, norms in seen.state_gradients.items()}
