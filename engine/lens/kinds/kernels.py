"""Weights of a layer, as they are now."""

from __future__ import annotations

import numpy as np

from engine.lens.arrays import CHANNELS, ROW, array
from engine.lens.lens import Arrays, Lens, Reads, Seen
from engine.report import NodeReport
from nodes.spec import Layer, Role

MATRIX = 1 << 16
"""Most values of a matrix that are sent."""


class Kernels(Lens):
    """Arrays: every parameter by its name (`weight`, `bias`, ...), the first channels of each; `NAME.shape`,
    the sizes of the whole parameter, where some is left out.
    """

    kind = "kernels"
    title = "Weights"
    help = (
        "The weights of this layer: a tile per kernel, or the matrix as one tile. Double-click one to type "
        "another number: the next run begins with it, where the layer takes weights by hand."
    )
    reads = frozenset({Reads.PARAMETERS})
    place = 10

    def applies_to(self, layer: type[Layer], report: NodeReport | None) -> bool:
        return layer.role is Role.MODULE and report is not None and report.parameters > 0

    def compute(self, seen: Seen) -> Arrays:
        found: Arrays = {}
        for name, value in seen.parameters.items():
            cut = value[:ROW]
            if cut.dim() >= 2:
                cut = cut[:CHANNELS]
                cut = cut[:, : CHANNELS if cut.dim() > 2 else min(ROW, MATRIX // len(cut))]
            found[name] = array(cut)
            if cut.shape != value.shape:
                found[f"{name}.shape"] = np.array(value.shape, np.int64)
        return found
