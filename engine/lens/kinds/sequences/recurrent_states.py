"""Recurrent states: what gates, cells and states are at each step of the pinned sample."""

from __future__ import annotations

import numpy as np

from engine.lens.arrays import array
from engine.lens.lens import Arrays, Lens, Reads, Seen
from engine.report import NodeReport
from nodes.layers.recurrent import Recurrent
from nodes.layers.scan import Scan
from nodes.spec import Layer

CELLS = 60_000
"""Most values that are sent of all quantities."""
STEPS, UNITS = 400, 64
"""Most steps that are sent, and most units of a quantity."""


class RecurrentStates(Lens):
    """Arrays: `names` (q) of the quantities and, by number, `values_0` … (steps, units) in the order of time.

    `steps` are the steps that are sent, of long sequences some; `total_steps` and `total_units` (q) are the
    true counts. A gate is NaN where a mask passes a step over.
    """

    kind = "recurrent_states"
    title = "States over time"
    help = (
        "What the states, cells and gates of this layer are at each step of the pinned sample: a row for "
        "each unit, time from left to right. Worked out step by step from what enters the layer and its "
        "weights, in evaluation mode."
    )
    reads = frozenset({Reads.INPUTS, Reads.STATES})
    place = 10

    def applies_to(self, layer: type[Layer], report: NodeReport | None) -> bool:
        return issubclass(layer, Recurrent | Scan) and report is not None and bool(report.outputs)

    def compute(self, seen: Seen) -> Arrays:
        if not seen.states:
            return {}
        total = max(len(value) for value in seen.states.values())
        steps = np.unique(np.linspace(0, total - 1, min(total, STEPS)).round().astype(np.int64))
        units = max(1, min(UNITS, CELLS // (len(steps) * len(seen.states))))
        found: Arrays = {
            "names": np.array(list(seen.states)),
            "steps": steps,
            "total_steps": np.array(total),
            "total_units": np.array([value.shape[1] for value in seen.states.values()]),
        }
        sent = (array(value[:, :units])[steps] for value in seen.states.values())
        return found | {f"values_{place}": value for place, value in enumerate(sent)}
