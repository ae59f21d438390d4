"""Divergence: how far generated points are from those of the data, over a grid of cells."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.lens.kinds.points.in_plane import Floats, around, with_real
from engine.lens.lens import Arrays, Lens, Reads, Seen
from engine.report import NodeReport
from nodes.data.source import DataSource
from nodes.spec import Layer, N, Role

CELLS = 30
"""Along each side, as in GAN Lab."""
EVERY = 1 << 22
"""More samples than are ever kept to be looked at."""
_ROLES = (Role.MODULE, Role.PLACEMENT)


class DataDivergence(Lens):
    """Arrays: `kl` (1) and `js` (1), in nats; `counts` (2), how many points of the data and of the network
    were counted; `outside` (2), how many of them lie outside of the grid; `step` (1).

    Points are counted in 30 × 30 cells around the data; those outside are one cell more. KL(data ‖ generated)
    has one point added to every cell, without which it would be infinite; JS has none.
    """

    kind = "divergence"
    title = "KL and JS"
    help = (
        "How far the generated points are from the data: the Kullback–Leibler and the Jensen–Shannon "
        "divergence of both, counted in 30 × 30 cells, in nats. 0 means the same; JS is at most 0.693."
    )
    reads = frozenset({Reads.NETWORK})
    place = 21

    def applies_to(self, layer: type[Layer], report: NodeReport | None) -> bool:
        if layer.role not in _ROLES or issubclass(layer, DataSource) or report is None:
            return False
        spec = next(iter(report.outputs.values()), None)
        if report.plane is None or not report.plane.has_real or spec is None:
            return False
        return spec.is_float and spec.shape == (N, 2)

    def compute(self, seen: Seen) -> Arrays:
        network = seen.network
        if network is None or network.end is None:
            return {}
        known = with_real(network, network.end, EVERY, whole=True)
        if len(known) < 2 or any(not len(each.places) for each in known):
            return {}
        domain = around(known[0].places, 2)
        real, made = (counted(each.places, domain) for each in known)
        return {
            "kl": np.array([kl(real, made)]),
            "js": np.array([js(real, made)]),
            "counts": np.array([real.sum(), made.sum()], np.int64),
            "outside": np.array([real[-1], made[-1]], np.int64),
            "step": np.array([seen.step], np.int64),
        }


def counted(points: Floats, domain: Floats) -> NDArray[np.float64]:
    """How many points lie in each cell (900), and outside (1)."""
    held = points[np.isfinite(points).all(axis=1)]
    counts, _, _ = np.histogram2d(held[:, 0], held[:, 1], CELLS, [tuple(ends) for ends in domain.tolist()])
    return np.append(counts.ravel(), len(points) - counts.sum())


def kl(real: NDArray[np.float64], made: NDArray[np.float64]) -> float:
    """Σ p ln(p / q) of counts, with one added to each."""
    p, q = (real + 1.0) / (real + 1.0).sum(), (made + 1.0) / (made + 1.0).sum()
    return float((p * np.log(p / q)).sum())


def js(real: NDArray[np.float64], made: NDArray[np.float64]) -> float:
    """(KL(p ‖ m) + KL(q ‖ m)) / 2 of counts, where m is in the middle of p and q."""
    p, q = real / real.sum(), made / made.sum()
    middle = (p + q) / 2.0
    halves = [float((each[each > 0] * np.log(each[each > 0] / middle[each > 0])).sum()) for each in (p, q)]
    return sum(halves) / 2.0
