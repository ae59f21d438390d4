"""The samples that lenses look at: those that are pinned, and some that are held back from training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from engine.expand.flat import FlatEnd
from engine.feed.sources import Sources
from engine.feed.units import Units

Values = dict[FlatEnd, Tensor]
PATIENCE, LONG_PATIENCE = 0.08, 2.0
"""Seconds for many samples while a run goes and for a first picture, and while it rests."""
MOST_BYTES = 64 << 20
"""Of a set of samples that is kept to be looked at."""


def nothing(_count: int) -> Values:
    return {}


@dataclass
class Feeds:
    """`pinned` are the values of the sources for the pinned samples, (pins, ...), measured in `units`.

    `held` reads that many held-back samples; they are read once. There are `total` of them, of the training
    part where none are held back (not `is_held_back`). `untargeted` are the places of pinned samples whose
    targets are those of another one, because nobody knows their own.
    """

    pinned: Values = field(default_factory=dict)
    units: Units = field(default_factory=dict)
    held: Callable[[int], Values] = nothing
    total: int = 0
    is_held_back: bool = True
    patience: float = LONG_PATIENCE
    """Seconds that the values of many samples may take; what is there by then is shown."""
    was_cut: bool = False
    """Whether something was left out since this was last set, because it would have taken longer."""
    untargeted: frozenset[int] = frozenset()
    _some: Values = field(default_factory=dict, repr=False)
    _asked: int = 0

    @classmethod
    def of(cls, sources: Sources, index: int) -> Feeds:
        """Sample `index` of these sources, and what they hold back."""
        return cls(sources.sample(index), sources.units(), sources.held, sources.samples(), sources.validates)

    def pin(self, place: int) -> Values:
        """One pinned sample as a batch of one; empty where fewer are pinned."""
        if any(len(value) <= place for value in self.pinned.values()):
            return {}
        return {end: value[place : place + 1] for end, value in self.pinned.items()}

    def told(self, count: int) -> NDArray[np.int64]:
        """Of so many samples that are looked at: how many, of how many, 1 where they are held back (3)."""
        return np.array((count, max(count, self.total), self.is_held_back), np.int64)

    def some(self, count: int) -> Values:
        """At most `count` held-back samples of at most 64 MiB, the same every time."""
        each = sum(value[:1].nbytes for value in self.pinned.values())
        count = max(1, min(count, MOST_BYTES // max(1, each)))
        if count > self._asked:
            self._some, self._asked = self.held(count), count
        return {end: value[:count] for end, value in self._some.items()}


def count_of(values: Mapping[FlatEnd, Tensor]) -> int:
    """How many samples there are."""
    return min((len(value) for value in values.values()), default=0)
