"""How much what is made varies, against how much the data vary, on pinned noise and pinned data.

What is made is found in the drawing: a node of the discriminator that is placed several times with one set of
weights takes data in one place and what the other side makes in another.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from engine.compile import Plan
from engine.expand.flat import FlatEnd, ancestors
from engine.feed.sources import Sources
from engine.system.random_state import own_random_state
from nodes.data.source import DataSource

SAMPLES = 64
SEED = 0


class Spread:
    """`name` is the node at which what is made comes out. Evaluates both values in evaluation mode."""

    def __init__(self, plan: Plan, sources: Sources, made: FlatEnd, real: FlatEnd) -> None:
        self.name = made.path
        self._plan, self._sources = plan, sources
        self._made, self._real = made, real
        self._capture = plan.capture([made.path, real.path])
        self._values: dict[FlatEnd, Tensor] = {}

    def measure(self) -> float:
        """Mean deviation of what is made as a share of the data's, over pinned samples."""
        plan = self._plan
        with own_random_state(plan.device, SEED), torch.no_grad():
            if not self._values:
                self._values = self._sources.pinned(SAMPLES, SEED)
            plan.eval()
            try:
                seen = self._capture(self._values)
            finally:
                plan.train()
        real = _deviation(seen[self._real.path])
        return _deviation(seen[self._made.path]) / real if real > 0.0 else 1.0


def _deviation(values: Tensor) -> float:
    return float(values.float().flatten(1).std(0).mean())


def spread_of(
    plan: Plan, sources: Sources, owners: Mapping[str, int], generator: int, discriminator: int
) -> Spread | None:
    """What to compare for this pair of objectives, by their places; None where nothing is found."""
    places: dict[int, list[str]] = {}
    for path, module in plan.modules.items():
        if owners.get(path) == discriminator:
            places.setdefault(id(module), []).append(path)
    for paths in places.values():
        ends = [plan.nodes[path].inputs[0][0] for path in paths if _has_input(plan, path)]
        made = [end for end in ends if _is_made(plan, owners, end, generator)]
        real = [end for end in ends if _is_data(plan, owners, end)]
        for maker_end in made:
            for data_end in real:
                one, other = _before(plan, maker_end, data_end)
                shown = plan.end_of(one.path) == one and plan.end_of(other.path) == other
                if shown and _alike(plan, one, other):
                    return Spread(plan, sources, one, other)
    return None


def _before(plan: Plan, one: FlatEnd, other: FlatEnd) -> tuple[FlatEnd, FlatEnd]:
    """The values as they enter the discriminator, before its layers without weights."""
    while one.path != other.path and one.path.rpartition(".")[2] == other.path.rpartition(".")[2]:
        if not (_has_input(plan, one.path) and _has_input(plan, other.path)):
            break
        one, other = plan.nodes[one.path].inputs[0][0], plan.nodes[other.path].inputs[0][0]
    return one, other


def _has_input(plan: Plan, path: str) -> bool:
    inputs = plan.nodes[path].inputs
    return bool(inputs) and bool(inputs[0])


def _is_made(plan: Plan, owners: Mapping[str, int], end: FlatEnd, generator: int) -> bool:
    return owners.get(end.path) == generator or any(
        owners.get(path) == generator for path in ancestors(plan.nodes, [end])
    )


def _is_data(plan: Plan, owners: Mapping[str, int], end: FlatEnd) -> bool:
    above = ancestors(plan.nodes, [end])
    return not any(path in owners for path in above) and any(
        isinstance(plan.nodes[path].layer, DataSource) for path in above
    )


def _alike(plan: Plan, one: FlatEnd, other: FlatEnd) -> bool:
    first, second = plan.specs[one], plan.specs[other]
    return first.is_float and second.is_float and first.shape == second.shape
