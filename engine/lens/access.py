"""What a lens that computes something of its own may ask of a network: values anywhere, with or without
gradients, from whatever values somewhere above.

Every call is one forward pass in evaluation mode. The random state, the modes of layers and the gradients of
parameters are as before afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

import torch
from torch import Tensor

from engine.compile import Plan
from engine.compile.graphs import CompiledGraph
from engine.compile.program import ObjectivePlan
from engine.expand.flat import FlatEnd
from engine.lens.feeds import Feeds, count_of
from engine.lens.trail import PastWeights
from engine.system.random_state import kept_random_state
from nodes.reading.progress import tell

Values = Mapping[FlatEnd, Tensor]
FIRST_CHUNK, CHUNK = 8, 128
"""Samples of the first and of the largest forward pass over many."""
MOST_BYTES = 64 << 20
"""Of the values of many samples that are kept."""


def never() -> bool:
    return False


@dataclass(frozen=True)
class Access:
    """A network as lenses see it. `target` is the path that is looked at, `values` the pinned sample.

    `interrupted`: whether what takes seconds is to end without a result, because the run is to go on.
    `moments` are the weights at earlier steps, where the run noted them.
    """

    plan: Plan
    feeds: Feeds
    target: str
    values: Values
    interrupted: Callable[[], bool] = never
    moments: Sequence[PastWeights] = ()

    @property
    def end(self) -> FlatEnd | None:
        """The value at the target."""
        return self.plan.end_of(self.target)

    def inputs(self) -> tuple[tuple[FlatEnd, ...], ...]:
        """The values that enter the target, by port."""
        node = self.plan.nodes.get(self.target)
        return node.inputs if node is not None else ()

    def terms(self) -> dict[FlatEnd, float]:
        """The losses that objectives add up, each with its factor."""
        found: dict[FlatEnd, float] = {}
        for group in self.plan.evaluation.terms:
            for end, factor in group:
                found[end] = found.get(end, 0.0) + factor
        return found

    def total(self, losses: Sequence[Tensor]) -> Tensor:
        """The sum of all objectives from the values of `terms`, in their order."""
        terms = zip(losses, self.terms().values(), strict=True)
        return torch.stack([loss.sum() * factor for loss, factor in terms]).sum()

    def weighted(self, losses: Sequence[Tensor], objective: ObjectivePlan) -> Tensor:
        """What one objective minimises, from the values of its losses."""
        factors = [*objective.layer.weights, *[1.0] * len(losses)]
        return torch.stack([loss.sum() * factor for loss, factor in zip(losses, factors, strict=False)]).sum()

    @contextmanager
    def evaluating(self) -> Iterator[None]:
        """Evaluation mode; what is random within is not taken from training.

        Here a look that nobody wants any more ends: raises `CalledOffError` where that is so.
        """
        tell("Looking")
        with kept_random_state(self.plan.device):
            self.plan.eval()
            try:
                yield
            finally:
                self.plan.train()

    def read(self, ends: Sequence[FlatEnd], values: Values | None = None) -> list[Tensor]:
        """The values at these ends without gradients.

        `values` may hold values of any ends, those of the sources too; the default is the pinned sample.
        """
        with torch.no_grad(), self.evaluating():
            return list(self._graph(ends, values)(self._given(values)))

    def read_many(self, ends: Sequence[FlatEnd], values: Values) -> list[Tensor]:
        """The same for many samples, in parts that grow; fewer samples where their values exceed 64 MiB, or
        where reading more takes longer than the `patience` of the feeds.
        """
        parts: list[list[Tensor]] = []
        size, count, start, step = 0, count_of(values), 0, FIRST_CHUNK
        begun = perf_counter()
        while start < count:
            part = self.read(ends, {end: value[start : start + step] for end, value in values.items()})
            size += sum(value.nbytes for value in part)
            parts.append(part)
            start, step = start + step, min(2 * step, CHUNK)
            spent = perf_counter() - begun
            is_late = spent * (start + step) / start > self.feeds.patience
            if start < count and (size > MOST_BYTES or is_late):
                self.feeds.was_cut |= is_late and size <= MOST_BYTES
                break
        return [torch.cat(group) if len(group) > 1 else group[0] for group in zip(*parts, strict=True)]

    def recorded(self, ends: Sequence[FlatEnd], values: Values | None = None) -> list[Tensor]:
        """The values at these ends, to be differentiated with `torch.autograd.grad`.

        Float values that are given are leaves with gradients.
        """
        with torch.enable_grad(), self.evaluating():
            given = {
                end: value.detach().requires_grad_() if value.is_floating_point() else value
                for end, value in self._given(values).items()
            }
            found = list(self._graph(ends, values, attached=True)(given))
            return [given.get(end, value) for end, value in zip(ends, found, strict=True)]

    def _given(self, values: Values | None) -> Values:
        return self.values if values is None else values

    def _graph(
        self, ends: Sequence[FlatEnd], values: Values | None, *, attached: bool = False
    ) -> CompiledGraph:
        sources = self.plan.sources
        given = [end for end in self._given(values) if end.path not in sources]
        return self.plan.looked_at(tuple(ends), tuple(given), attached=attached)
