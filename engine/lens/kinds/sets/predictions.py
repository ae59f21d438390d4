"""Predictions: what the network says of held-back samples, beside what is true of them."""

from __future__ import annotations

import numpy as np

from engine.lens.lens import Arrays, Lens, Reads, Seen
from engine.lens.sets.comparing import COMPARING
from engine.report import NodeReport
from nodes.param import Int
from nodes.spec import Layer, Role


class SetPredictions(Lens):
    """Arrays of `engine.lens.sets.as_classes` or `as_numbers`, with `set` of `held_back`; `uncompared` alone
    where no loss compares the value.
    """

    kind = "set_predictions"
    title = "Predictions"
    help = (
        "What the network says of samples that it did not train on, beside what is true: the worst first, "
        "what is taken for what, and how far confidence can be trusted. Losses are those of single samples."
    )
    reads = frozenset({Reads.NETWORK})
    place = 45

    sample_count = Int(512, min=16, max=2000, label="Samples", help="Most held-back samples to look at.")
    bins = Int(10, min=4, max=30, help="Parts of the reliability diagram, from 0 to 1.")
    true_class = Int(-1, min=-1, advanced=True, help="Show samples of this class; −1: of any.")
    predicted_class = Int(-1, min=-1, advanced=True, help="Show samples taken for this class; −1: for any.")

    def applies_to(self, layer: type[Layer], report: NodeReport | None) -> bool:
        return layer.role is Role.OUTPUT or issubclass(layer, COMPARING)

    def compute(self, seen: Seen) -> Arrays:
        from engine.lens.sets.compared import compared

        assert seen.network is not None
        found = compared(seen.network, seen.options["sample_count"])
        if found is None:
            return {"uncompared": np.array(1, np.int64)}
        from engine.lens.sets.told import told

        cell = seen.options["true_class"], seen.options["predicted_class"]
        return found.held.told() | told(found, seen.options["bins"], cell)
