"""Loss landscape: how the loss of an objective changes around its weights, in two directions."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.lens.lens import Arrays, Lens, Reads, Seen
from engine.report import NodeReport
from nodes.param import Choice, Float, Int
from nodes.spec import Layer, Role

if TYPE_CHECKING:
    from torch import Tensor

    from engine.expand.flat import FlatEnd
    from engine.lens.access import Access
    from engine.lens.gradients.moved import Direction

LEAST, MOST, PART = 4, 256, 64
"""Held-back samples of a point at least and at most, and of one forward pass."""
SECONDS = 4.0
"""That a landscape should take at most; of a slow network fewer samples are used."""
MARGIN = 0.25
"""Around the way of a run, as a share of its extent."""
STRAIGHT = 1e-6
"""The share of a way in its second direction up to which it has none."""
PATH, RANDOM = DIRECTIONS = ("path", "random")


class Landscape(Lens):
    """Arrays: `loss`, (n, n), not finite where it overflows; the first axis is the second direction.
    `ranges`, the ends of both axes, (2, 2); `here`, the loss at the weights; `samples`, of how many, and
    `held_back`, whether these are no training samples; `weights`, how many are moved and how many the
    objective updates (2). Along the way of a run: `path`, (k, 2), the weights being at 0, 0; its `steps` (k);
    `share` of the way in each direction (2).
    """

    kind = "landscape"
    title = "Loss landscape"
    help = (
        "The loss of held-back samples around the present weights, computed while the run is paused. The "
        "axes are the two main directions of the way that the weights took while this was open, or random "
        "ones in which every filter is as long as that of the weights."
    )
    reads = frozenset({Reads.NETWORK_LONG, Reads.TRAIL})
    place = 70

    directions = Choice(
        PATH,
        choices=DIRECTIONS,
        titles={PATH: "Way of the run", RANDOM: "Random"},
        help="The axes; random ones where the run has noted no way yet.",
    )
    span = Float(1.0, min=0.001, max=100.0, log=True, help="Length of random axes to each side.")
    points = Int(21, min=5, max=51, help="Points of an axis.")
    seed = Int(0, help="Other random directions.")

    def applies_to(self, layer: type[Layer], report: NodeReport | None) -> bool:
        return layer.role is Role.OBJECTIVE and report is not None

    def compute(self, seen: Seen) -> Arrays:
        from engine.lens.gradients.moved import movable

        network = seen.network
        loss = None if network is None else _loss_of(network)
        if network is None or loss is None:
            return {}
        axes, told = _axes(network, loss.weights, seen.options)
        points = int(seen.options["points"])
        samples = loss.affordable(points * points)
        if not samples:
            return {}
        here = loss.at(samples)
        (low, high), (bottom, top) = told["ranges"]
        surface = np.empty((points, points), np.float32)
        with movable(loss.weights, axes) as move:
            for row, y in enumerate(np.linspace(bottom, top, points)):
                for column, x in enumerate(np.linspace(low, high, points)):
                    if network.interrupted():
                        return {}
                    move((float(x), float(y)))
                    surface[row, column] = loss.at(samples)
        moved = sum(loss.weights[name].numel() for name in axes[0] if axes[0][name].any())
        counts = (moved, sum(one.numel() for one in loss.weights.values()))
        told |= {"loss": surface, "here": np.array(here), "weights": np.array(counts)}
        told["held_back"] = np.array(network.feeds.is_held_back)
        return told | {"samples": np.array(sum(loss.count(part) for part in samples))}


class _Loss:
    """The loss of one objective on held-back samples, in parts of `PART`."""

    def __init__(
        self, network: Access, weights: dict[str, Tensor], terms: Sequence[tuple[FlatEnd, float]]
    ) -> None:
        self.network, self.weights = network, weights
        self._ends, self._factors = [end for end, _ in terms], [factor for _, factor in terms]

    def count(self, part: dict[FlatEnd, Tensor]) -> int:
        from engine.lens.feeds import count_of

        return count_of(part)

    def at(self, parts: Sequence[dict[FlatEnd, Tensor]]) -> float:
        """The mean over the samples, with the weights as they are."""
        total = 0.0
        for part in parts:
            values = self.network.read(self._ends, part)
            weighted = zip(values, self._factors, strict=True)
            total += self.count(part) * sum(float(value.sum()) * factor for value, factor in weighted)
        return total / max(1, sum(self.count(part) for part in parts))

    def affordable(self, points: int) -> list[dict[FlatEnd, Tensor]]:
        """Held-back samples in parts: as many as so many points can have within `SECONDS`."""
        some = self.network.feeds.some(MOST)
        count = self.count(some)
        trial = {end: value[:PART] for end, value in some.items()}
        if not count:
            return []
        self.at([trial])  # the graph is written at its first call
        start = perf_counter()
        self.at([trial])
        each = (perf_counter() - start) / self.count(trial)
        count = min(count, max(LEAST, int(SECONDS / points / each)))
        parts = range(0, count, PART)
        return [{end: value[at : min(at + PART, count)] for end, value in some.items()} for at in parts]


def _loss_of(network: Access) -> _Loss | None:
    """Of the objective that is looked at; None where the target is none, or nothing is updated."""
    plan = network.plan
    for objective, terms in zip(plan.objectives, plan.evaluation.terms, strict=True):
        if objective.path == network.target and objective.parameters and terms:
            return _Loss(network, dict(objective.parameters), terms)
    return None


def _axes(
    network: Access, weights: dict[str, Tensor], options: Any
) -> tuple[list[Direction], dict[str, NDArray[Any]]]:
    """Two directions, and the ranges along them: of the way of the run where there is one."""
    from engine.lens.gradients.moved import filter_normalised, main_directions

    moments = [one for one in network.moments if one.weights.keys() >= weights.keys()]
    if options["directions"] == PATH and len(moments) > 2:
        axes, places, share = main_directions(weights, [one.weights for one in moments])
        if share[1] > STRAIGHT:
            low, high = places.min(0), places.max(0)
            low, high = np.minimum(low, 0.0), np.maximum(high, 0.0)
            air = MARGIN * np.maximum(high - low, 0.3 * float((high - low).max()))
            steps = np.array([one.step for one in moments])
            found = {"path": places.astype(np.float32), "steps": steps, "share": share}
            return axes, found | {"ranges": np.stack([low - air, high + air], 1)}
    seed, span = int(options["seed"]), float(options["span"])
    drawn: list[Direction] = [filter_normalised(weights, 2 * seed + axis) for axis in (0, 1)]
    return drawn, {"ranges": np.array([(-span, span)] * 2)}
