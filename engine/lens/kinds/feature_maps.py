"""Feature maps: what a layer computes for the pinned sample."""

from __future__ import annotations

import numpy as np

from engine.lens.arrays import sample, small
from engine.lens.lens import Arrays, Lens, Reads, Seen
from engine.report import NodeReport
from nodes.data.source import DataSource
from nodes.param import Choice
from nodes.spec import Layer, Role

_ROLES = (Role.MODULE, Role.PLACEMENT, Role.SOURCE)


SCALES = ("layer", "tile", "network")


class FeatureMaps(Lens):
    """Arrays: `output`, (C, H, W), (T, F) or (F), the first channels, pooled where they are large; `shape`,
    that of the whole output; `scale`, which of `SCALES` the colours follow.
    """

    kind = "feature_maps"
    title = "Feature maps"
    help = "What this layer computes for the pinned sample: a tile per channel, all on one scale."
    reads = frozenset({Reads.OUTPUT})
    place = 20

    scale = Choice(
        "layer",
        choices=SCALES,
        titles={"layer": "one of the layer", "tile": "one of each channel", "network": "one of the network"},
        help="Which values share a scale. That of the network is the largest of the layers seen so far.",
    )

    def applies_to(self, layer: type[Layer], report: NodeReport | None) -> bool:
        if layer.role not in _ROLES or issubclass(layer, DataSource) or report is None:
            return False
        return any(spec.rank > 1 for spec in report.outputs.values())

    def compute(self, seen: Seen) -> Arrays:
        if seen.output is None:
            return {}
        value, scale = sample(seen.output), SCALES.index(seen.options["scale"])
        shape = np.array(value.shape, np.int64)
        return {"output": small(value), "shape": shape, "scale": np.array(scale, np.int64)}
