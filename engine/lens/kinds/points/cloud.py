"""Cloud: what a node of one or two numbers gives for a fixed batch, as dots, beside the data."""

from __future__ import annotations

import numpy as np

from engine.lens.kinds.points.field import first_spec
from engine.lens.kinds.points.in_plane import labels_of, with_real
from engine.lens.lens import Arrays, Lens, Reads, Seen
from engine.report import NodeReport
from nodes.data.source import DataSource
from nodes.param import Int
from nodes.spec import Layer, N, Role

LARGEST = 10_000
"""Most points that are sent."""
_ROLES = (Role.MODULE, Role.PLACEMENT, Role.OUTPUT)


class OutputCloud(Lens):
    """Arrays: `points` (n, 1) or (n, 2), for the first held-back samples; their `labels` (n), where the data
    have such; `real` (m, 1) or (m, 2), points of the data with which a network compares them; `more` (2), how
    many further points there are, and further data.
    """

    kind = "cloud"
    title = "Cloud"
    help = (
        "What this node gives for the same held-back samples every time, or for the same noise, as dots in "
        "the colours of their labels. Data with which a network compares them are beside them."
    )
    reads = frozenset({Reads.NETWORK})
    place = 17

    points = Int(1000, min=10, max=LARGEST, help="Most samples that are shown.")

    def applies_to(self, layer: type[Layer], report: NodeReport | None) -> bool:
        if layer.role not in _ROLES or issubclass(layer, DataSource) or report is None:
            return False
        spec = first_spec(report)
        return spec is not None and spec.is_float and spec.shape in ((N, 1), (N, 2), (N,))

    def compute(self, seen: Seen) -> Arrays:
        network = seen.network
        if network is None or network.end is None:
            return {}
        most = int(seen.options["points"])
        known = with_real(network, network.end, most)
        made = known[-1]
        if not len(made.places):
            return {}
        found: Arrays = {"points": made.places.reshape(len(made.places), -1)}
        more = [made.more, 0]
        if len(known) > 1:
            found["real"], more[1] = known[0].places, known[0].more
        else:
            labels = labels_of(network, network.feeds.some(most))
            if labels is not None and len(labels) == len(made.places):
                found["labels"] = labels
        return found | {"more": np.array(more, np.int64)}
