"""Which objectives act at which step. A cycle has as many steps as the largest `times` of an objective; an
objective acts in the last `times` steps of a cycle, and only in every `every`-th cycle.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from nodes.training.objective import Objective

LONGEST = 5_000
"""The most steps of a cycle that are listed; the least common multiple of `every` may be far more."""


def cycle_of(layers: Sequence[Objective]) -> int:
    """The number of steps after which the sequence repeats."""
    return _times(layers) * math.lcm(*(layer.every for layer in layers))


def acting(layers: Sequence[Objective], step: int) -> tuple[int, ...]:
    """The indices of the objectives that act at this step (from 0)."""
    times = _times(layers)
    cycle, within = divmod(step, times)
    return tuple(
        i for i, layer in enumerate(layers) if cycle % layer.every == 0 and within >= times - layer.times
    )


def acting_sets(layers: Sequence[Objective]) -> dict[tuple[int, ...], list[int]]:
    """Every set of objectives that act together, and the steps of a cycle at which they do."""
    found: dict[tuple[int, ...], list[int]] = {}
    for step in range(min(cycle_of(layers), LONGEST)):
        found.setdefault(acting(layers, step), []).append(step)
    return found


def _times(layers: Sequence[Objective]) -> int:
    return max((layer.times for layer in layers), default=1)
