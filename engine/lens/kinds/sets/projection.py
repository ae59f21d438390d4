"""Projection: what a layer computes for held-back samples, as places in the plane."""

from __future__ import annotations

from math import prod

import numpy as np

from engine.lens.lens import Arrays, Lens, Reads, Seen
from engine.report import NodeReport
from nodes.param import Float, Int
from nodes.spec import Layer, N, Role

_ROLES = (Role.MODULE, Role.PLACEMENT, Role.SOURCE)


class Projection(Lens):
    """Arrays of `engine.lens.sets.projected.projection`."""

    kind = "projection"
    title = "Projection"
    help = (
        "What this layer computes for samples that are held back: each is a point, and those that lie "
        "close are alike to the layer. The axes are the first two principal components."
    )
    reads = frozenset({Reads.NETWORK})
    place = 60

    sample_count = Int(256, min=16, max=1000, label="Samples", help="Most held-back samples to look at.")

    def applies_to(self, layer: type[Layer], report: NodeReport | None) -> bool:
        if layer.role not in _ROLES or report is None or not report.outputs:
            return False
        spec = next(iter(report.outputs.values()))
        sizes = [size for size in spec.features if isinstance(size, int)]
        whole = len(sizes) == spec.rank - 1 and spec.rank > 1 and spec.shape[0] == N
        return spec.is_float and whole and prod(sizes) > 1

    def compute(self, seen: Seen) -> Arrays:
        from engine.lens.sets.projected import projection

        assert seen.network is not None
        found = projection(seen.network, seen.options["sample_count"])
        return {} if found is None else found[2]


class NeighbourMap(Projection):
    """The same with `places` by t-SNE; components, and `fallback`, where its library is not there."""

    kind = "neighbour_map"
    title = "t-SNE"
    help = (
        "What this layer computes for held-back samples, laid out by t-SNE so that neighbours stay so. "
        "Groups tell what is alike; distances between groups and their sizes tell nothing."
    )
    reads = frozenset({Reads.NETWORK_LONG})
    place = 61

    perplexity = Float(30.0, min=2.0, max=100.0, help="How many neighbours each sample is compared with.")

    def compute(self, seen: Seen) -> Arrays:
        from engine.lens.sets.projected import projection, tsne

        assert seen.network is not None
        found = projection(seen.network, seen.options["sample_count"])
        if found is None:
            return {}
        _, parts, arrays = found
        places = tsne(parts, seen.options["perplexity"])
        if places is None:
            return arrays | {"fallback": np.array(1, np.int64)}
        return arrays | {"places": places.astype(np.float32)}
