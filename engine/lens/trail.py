"""Where weights have been: copies of them at some steps of a run, for lenses that show its way.

Few enough to stay small: where there are too many, every second one goes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch import Tensor

if TYPE_CHECKING:
    from engine.compile import Plan

MOST = 64
"""Moments that are kept."""
MOST_BYTES = 64 << 20
"""Of all their weights; where fewer than `LEAST` moments fit, none is kept."""
LEAST = 8


@dataclass(frozen=True)
class PastWeights:
    """Copies of all weights that train, by name, after so many steps."""

    step: int
    weights: dict[str, Tensor]


class Trail:
    """The moments of a run, the earliest first."""

    def __init__(self) -> None:
        self.moments: list[PastWeights] = []
        self._gap = 1

    def note(self, plan: Plan, step: int) -> None:
        """Keep the weights of now, unless they are too near to the last ones."""
        if self.moments and self.moments[-1].step > step:  # the run began anew
            self.moments, self._gap = [], 1
        if self.moments and step - self.moments[-1].step < self._gap:
            return
        held = {name: one for each in plan.objectives for name, one in each.parameters.items()}
        size = sum(one.nbytes for one in held.values())
        most = min(MOST, MOST_BYTES // max(1, size))
        if most < LEAST:
            return
        if len(self.moments) >= most:
            del self.moments[1::2]
            self._gap = max(1, (step - self.moments[0].step) // most)
        copies = {name: one.detach().clone() for name, one in held.items()}
        self.moments.append(PastWeights(step, copies))
