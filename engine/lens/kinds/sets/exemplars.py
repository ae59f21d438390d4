"""Exemplars: the held-back samples that excite one unit of a layer most."""

from __future__ import annotations

from engine.lens.lens import Arrays, Lens, Reads, Seen
from engine.report import NodeReport
from nodes.param import Int
from nodes.spec import Layer, N, Role

_ROLES = (Role.MODULE, Role.PLACEMENT)


class Exemplars(Lens):
    """Arrays of `engine.lens.sets.most_exciting`."""

    kind = "exemplars"
    title = "Exemplars"
    help = (
        "The held-back samples for which one unit of this layer is greatest: what they share is what "
        "the unit looks for. The frame, or the marked word, is the place where it is greatest."
    )
    reads = frozenset({Reads.NETWORK})
    place = 62

    unit = Int(0, min=0, help="The channel or feature; it and those after it are shown, from 0.")
    sample_count = Int(512, min=16, max=2000, label="Samples", help="Most held-back samples to look at.")

    def applies_to(self, layer: type[Layer], report: NodeReport | None) -> bool:
        if layer.role not in _ROLES or report is None or not report.outputs:
            return False
        spec = next(iter(report.outputs.values()))
        sizes = [size for size in spec.features if isinstance(size, int)]
        whole = len(sizes) == spec.rank - 1 and spec.rank > 1 and spec.shape[0] == N
        return spec.is_float and whole and min(sizes) > 0

    def compute(self, seen: Seen) -> Arrays:
        from engine.lens.sets.most_exciting import most_exciting

        assert seen.network is not None
        return most_exciting(seen.network, seen.options["unit"], seen.options["sample_count"])
