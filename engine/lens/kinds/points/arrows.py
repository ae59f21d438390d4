"""Arrows: where a loss pushes the points that a node gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.lens.arrays import array
from engine.lens.kinds.points.in_plane import with_real
from engine.lens.lens import Arrays, Lens, Reads, Seen
from engine.report import NodeReport
from nodes.data.source import DataSource
from nodes.param import Int
from nodes.spec import Layer, N, Role

if TYPE_CHECKING:
    from torch import Tensor

    from engine.expand.flat import FlatEnd
    from engine.lens.access import Access

_ROLES = (Role.MODULE, Role.PLACEMENT)


class Arrows(Lens):
    """Arrays: `points` (n, 2); `gradients` (n, 2), ∂loss/∂point of each; `real` (m, 2), data with which a
    network compares the points; `loss` (1); `objectives`, the paths of those whose loss it is; `more` (1),
    how many further points there are.
    """

    kind = "arrows"
    title = "Arrows"
    help = (
        "Where the loss pushes each point that this node gives: arrows along −∂L/∂x, long ones where the "
        "loss falls fast. The loss is that of the objectives that train what makes the points, in evaluation "
        "mode; else the sum of all losses."
    )
    reads = frozenset({Reads.NETWORK})
    place = 18

    points = Int(150, min=10, max=1000, help="Most points that are shown.")

    def applies_to(self, layer: type[Layer], report: NodeReport | None) -> bool:
        if layer.role not in _ROLES or issubclass(layer, DataSource) or report is None:
            return False
        spec = next(iter(report.outputs.values()), None)
        if report.plane is None or not report.plane.has_loss or spec is None:
            return False
        return spec.is_float and spec.shape == (N, 2)

    def compute(self, seen: Seen) -> Arrays:
        from engine.lens.feeds import count_of

        network = seen.network
        if network is None or network.end is None:
            return {}
        most = int(seen.options["points"])
        names, terms = _losses(network, network.end)
        some, further = network.feeds.some(most), network.feeds.some(most + 1)
        pushed = _pushed(network, network.end, terms, some) if terms and some else None
        if pushed is None:
            return {}
        count = count_of(some)
        more = max(network.feeds.total, count_of(further)) - count if count_of(further) > count else 0
        found: Arrays = {
            "points": array(pushed[0]),
            "gradients": array(pushed[1]),
            "loss": array(pushed[2]).reshape(1),
            "objectives": np.array(names),
            "more": np.array([more], np.int64),
        }
        known = with_real(network, network.end, most)
        return found | ({"real": known[0].places} if len(known) > 1 else {})


def _pushed(
    network: Access, end: FlatEnd, terms: dict[FlatEnd, float], some: dict[FlatEnd, Tensor]
) -> tuple[Tensor, Tensor, Tensor] | None:
    """The points at an end for these samples, the gradient at each, and the loss; None where it does not
    depend on them.
    """
    import torch

    from engine.system.random_state import own_random_state

    with own_random_state(network.plan.device, network.plan.seed):
        *losses, points = network.recorded([*terms, end], some)
    with torch.enable_grad():
        weighted = [loss.sum() * factor for loss, factor in zip(losses, terms.values(), strict=True)]
        total = torch.stack(weighted).sum()
    if not total.requires_grad or not points.requires_grad:
        return None
    given: tuple[Tensor | None, ...] = torch.autograd.grad(total, [points], allow_unused=True)
    return None if given[0] is None else (points, given[0], total)


def _losses(network: Access, end: FlatEnd) -> tuple[list[str], dict[FlatEnd, float]]:
    """The losses whose gradient is shown, with their factors, and the objectives that add them up.

    Of several objectives those count that update weights from which the value at `end` is computed.
    """
    from engine.expand.flat import ancestors

    plan = network.plan
    above = {plan.nodes[path].weight_path for path in ancestors(plan.nodes, [end])}
    depending = [
        (objective, terms)
        for objective, terms in zip(plan.objectives, plan.evaluation.terms, strict=True)
        if end.path in objective.above
    ]
    making = [
        (objective, terms)
        for objective, terms in depending
        if any(name.rpartition(".")[0] in above for name in objective.parameters)
    ]
    chosen = making or depending
    found: dict[FlatEnd, float] = {}
    for _, terms in chosen:
        for term, factor in terms:
            found[term] = found.get(term, 0.0) + factor
    return [objective.path for objective, _ in chosen], found
