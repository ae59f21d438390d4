"""Values of held-back samples, and what goes with them: which samples, of how many, with which data.

Nothing here changes what is looked at; a set whose values would be too large has fewer samples, and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from torch import Tensor

from engine.expand.flat import FlatEnd, ancestors
from engine.lens.access import MOST_BYTES, Access, Values
from engine.lens.feeds import count_of
from engine.lens.lens import Arrays
from nodes.data.source import DataSource
from nodes.spec import N


@dataclass(frozen=True)
class HeldBack:
    """Some samples `values`, by the ends of the sources, and what was read for them, `read` (n, …) each."""

    network: Access
    values: Values
    read: tuple[Tensor, ...]
    source: str
    """The data node from which the values are computed; empty: from none."""

    def __len__(self) -> int:
        return min(len(value) for value in self.read)

    def of_data(self, port: str) -> Tensor | None:
        """What the data node hands out at this port for these samples."""
        found = self.values.get(FlatEnd(self.source, port))
        return None if found is None else found[: len(self)]

    def told(self) -> Arrays:
        """`set`: samples that were looked at, how many there are, 1 where they are held back (3)."""
        return {"set": self.network.feeds.told(len(self))}


def held_back(network: Access, ends: Sequence[FlatEnd], count: int) -> HeldBack | None:
    """The values at these ends for at most `count` samples; None where a value is not one per sample."""
    specs = [network.plan.specs.get(end) for end in ends]
    if not ends or any(spec is None or not spec.shape or spec.shape[0] != N for spec in specs):
        return None
    sizes = [prod(dim for dim in spec.features if isinstance(dim, int)) for spec in specs if spec is not None]
    values = network.feeds.some(max(1, min(count, MOST_BYTES // (4 * max(1, *sizes, 1)))))
    if not count_of(values):
        return None
    read = tuple(network.read_many(ends, values))
    above = ancestors(network.plan.nodes, ends[:1])
    data = [path for path in network.plan.nodes if path in above]
    sources = [path for path in data if isinstance(network.plan.nodes[path].layer, DataSource)]
    return HeldBack(network, values, read, sources[0] if sources else "")
