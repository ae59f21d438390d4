"""Warp: how a node bends a mesh over the line or the plane that it is computed from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.expand.planes import real_beside
from engine.lens.kinds.points.in_plane import in_plane, mesh, points_at
from engine.lens.lens import Arrays, Lens, Reads, Seen
from engine.report import NodeReport
from nodes.data.source import DataSource
from nodes.param import Int
from nodes.spec import Layer, N, Role

if TYPE_CHECKING:
    from engine.expand.flat import FlatEnd
    from engine.lens.access import Access

DOTS = 400
"""Most points of the data that are sent."""
_ROLES = (Role.MODULE, Role.PLACEMENT, Role.OUTPUT)


class Warp(Lens):
    """Arrays: `mesh`, the corners of the cells, (S, S, 2) or (S, 1), those with the largest y first; `bent`,
    what the node gives for them, (S, S, 2) or (S, 2); `real` (m, 2), data with which a network compares what
    the node gives; `more` (1), how many further data there are.
    """

    kind = "warp"
    title = "Warp"
    help = (
        "A regular mesh over the points that go in, and where this node takes it. Cells are the stronger the "
        "smaller they become: there the points are dense."
    )
    reads = frozenset({Reads.NETWORK})
    place = 19

    cells = Int(20, min=4, max=64, help="Cells along each side of the mesh.")

    def applies_to(self, layer: type[Layer], report: NodeReport | None) -> bool:
        if layer.role not in _ROLES or issubclass(layer, DataSource) or report is None:
            return False
        entering = (spec for specs in report.inputs.values() for spec in specs)
        spec = next(iter(report.outputs.values()), next(entering, None))
        if report.plane is None or not report.plane.over or spec is None:
            return False
        return spec.is_float and spec.shape == (N, 2)

    def compute(self, seen: Seen) -> Arrays:
        node = in_plane(seen.network) if seen.network is not None else None
        if node is None:
            return {}
        domain = node.domain(node.known(DOTS))
        size = node.plane.size
        side = int(seen.options["cells"]) + 1 if size == 2 else int(seen.options["cells"]) * 10 + 1
        corners = mesh(domain, side)
        bent = node.read(corners).float().cpu().numpy()
        found: Arrays = {
            "mesh": corners.reshape(*[side] * size, size),
            "bent": np.array(bent.reshape(*[side] * size, 2)),
            "more": np.array([0], np.int64),
        }
        return found | _real(node.network, node.end)


def _real(network: Access, end: FlatEnd) -> Arrays:
    """The data with which a network compares what is at this end."""
    beside = real_beside(network.plan.nodes, end, network.plan.specs.get)
    if beside is None:
        return {}
    points = points_at(network, beside, DOTS)
    return {"real": points.places, "more": np.array([points.more], np.int64)}
