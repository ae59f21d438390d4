"""Feature maps: what a layer computes for the pinned sample."""

from __future__ import annotations

from engine.lens.arrays import sample, small
from engine.lens.lens import Arrays, Lens, Reads, Seen
from engine.report import NodeReport
from nodes.data.source import DataSource
from nodes.spec import Layer, Role

_ROLES = (Role.MODULE, Role.PLACEMENT, Role.SOURCE)


class FeatureMaps(Lens):
    """Array: `output`, (C, H, W), (T, F) or (F)."""

    kind = "feature_maps"
    title = "Feature maps"
    help = "What this layer computes for the pinned sample: a tile per channel, all on one scale."
    reads = frozenset({Reads.OUTPUT})
    place = 20

    def applies_to(self, layer: type[Layer], report: NodeReport | None) -> bool:
        if layer.role not in _ROLES or issubclass(layer, DataSource) or report is None:
            return False
        return any(spec.rank > 1 for spec in report.outputs.values())

    def compute(self, seen: Seen) -> Arrays:
        return {} if seen.output is None else {"output": small(sample(seen.output))}
