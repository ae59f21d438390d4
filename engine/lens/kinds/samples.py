"""Samples: what a sampler draws with the present weights."""

from __future__ import annotations

from engine.lens.lens import Arrays, Lens, Reads, Seen
from engine.report import NodeReport
from nodes.shared.drawn_function import ON_THE_WAY
from nodes.spec import Layer, Role


class DrawnSamples(Lens):
    """Arrays: `samples`, pictures (n, C, H, W) in [0, 1] or rows (n, F), with `real` (m, F) where data are
    drawn beside them, `trail` (k, n, ...), the way to the samples, `trail_steps` (k), the
    steps of the sampler after which each stage was reached, `label` (n), `columns`, how many make a
    row; or `text` (n).
    """

    kind = "samples"
    title = "Samples"
    help = "What this sampler draws with the present weights."
    reads = frozenset({Reads.SAMPLER})
    place = 50

    def applies_to(self, layer: type[Layer], report: NodeReport | None) -> bool:
        return layer.role is Role.SAMPLER

    def compute(self, seen: Seen) -> Arrays:
        return {name: one for name, one in seen.drawn.items() if not name.startswith(ON_THE_WAY)}
