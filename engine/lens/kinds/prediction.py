"""Prediction: what the network says of the pinned sample, beside the sample and its target."""

from __future__ import annotations

from engine.lens.arrays import array, sample
from engine.lens.lens import Arrays, Lens, Reads, Seen
from engine.report import NodeReport
from nodes.spec import Layer, Role


class Prediction(Lens):
    """Arrays: `output`, `input` and `target` of the pinned sample and, of data that were scaled,
    `input_unit` and `target_unit`: offsets and factors back to the unit of the data, (2, 1) or (2, columns).
    """

    kind = "prediction"
    title = "Prediction"
    help = "What the network says of the pinned sample, in the terms of its data."
    reads = frozenset({Reads.OUTPUT, Reads.DATA})
    place = 40

    def applies_to(self, layer: type[Layer], report: NodeReport | None) -> bool:
        return layer.role is Role.OUTPUT

    def compute(self, seen: Seen) -> Arrays:
        if seen.output is None:
            return {}
        found: Arrays = {"output": array(sample(seen.output))}
        found |= {port: array(sample(value)) for port, value in seen.data.items()}
        return found | {f"{port}_unit": unit for port, unit in seen.units.items()}
