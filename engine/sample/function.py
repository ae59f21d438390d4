"""Compiles what is drawn between the fed ends and the result ends of a sampler.

The ancestors of the results are split into two graphs: what does not change with the fed values is computed
once for every evaluation, from the sources; the rest is the function that the sampler's loop calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from torch import Tensor

from engine.compile import Plan
from engine.compile.evaluated import observed, write_evaluation
from engine.compile.graphs import CompiledGraph, GraphWriter
from engine.expand.flat import FlatEnd, ancestors
from engine.infer.sampling import fed_ends, hanging, result_ends
from engine.sample.frozen import Frozen
from nodes.spec import Layer
from nodes.training.sampler import Sampler

Ends = dict[str, FlatEnd]


@dataclass(frozen=True)
class FunctionPart:
    """Some of the results and their graph. `by`: the fed port whose value they are asked for with; the
    others, without a name here, are those of every other call.
    """

    results: Ends
    graph: CompiledGraph
    by: str = ""


@dataclass(frozen=True)
class Bound:
    """The drawn function for one evaluation: everything that does not
    depend on the fed values is computed.
    """

    parts: tuple[FunctionPart, ...]
    fed: Ends
    values: dict[FlatEnd, Tensor]

    def __call__(self, given: Mapping[str, Tensor]) -> dict[str, Tensor]:
        part = next((part for part in self.parts if part.by in given), self.parts[0])
        values = self.values | {self.fed[port]: tensor for port, tensor in given.items()}
        return dict(zip(part.results, part.graph(values), strict=True))

    @property
    def pinned(self) -> dict[str, Tensor]:
        """What the drawing itself has at the fed ports."""
        return {port: self.values[end] for port, end in self.fed.items()}


class DrawnFunction:
    """The function of one sampler node, on modules of its own."""

    def __init__(self, plan: Plan, path: str) -> None:
        node = plan.nodes[path]
        self.fed, self.results = fed_ends(node), result_ends(node)
        self._plan = plan
        fed = set(self.fed.values())
        cut = _cut(plan, self.results.values(), fed)
        moving = hanging(plan.nodes, fed)
        # what a node differentiates is computed with it, though some of it stays the same
        for each in plan.training_plan.input_gradients:
            moving |= each.between if each.node in moving else set()
        inside = [name for name in self._order(cut) if name in moving]
        made = set(inside)
        read = [end for name in inside for port in plan.nodes[name].inputs for end in port]
        outside = (end for end in (*read, *self.results.values()) if end.path not in made)
        self._crossing = tuple(dict.fromkeys([*fed, *outside]))
        held = self._order(ancestors(plan.nodes, self._crossing))
        self.frozen = Frozen(plan, dict.fromkeys((*held, *inside)))
        self._held = self._written(self._sources(held), held, self._crossing)
        self._parts = tuple(self._part(inside, by) for by in ("", *self._asked_with(node.layer)))

    @cached_property
    def sources(self) -> frozenset[FlatEnd]:
        """The ends of sources that an evaluation reads."""
        return frozenset(self._held.inputs)

    def bind(self, values: Mapping[FlatEnd, Tensor]) -> Bound:
        """The function for these values of the sources, with the weights that were taken last."""
        found = dict(zip(self._crossing, self._held(values), strict=True))
        return Bound(self._parts, self.fed, found)

    def _asked_with(self, layer: Layer) -> tuple[str, ...]:
        """The fed ports with whose value alone some results are asked for."""
        assert isinstance(layer, Sampler)
        self._after = {port: by for port, by in layer.after.items() if port in self.results}
        return tuple(dict.fromkeys(by for by in self._after.values() if by in self.fed))

    def _part(self, inside: Sequence[str], by: str) -> FunctionPart:
        results = {port: end for port, end in self.results.items() if self._after.get(port, "") == by}
        ends = list(results.values())
        needed = _cut(self._plan, ends, set(self.fed.values()))
        paths = [path for path in inside if path in needed]
        return FunctionPart(results, self._written(self._crossing, paths, ends), by)

    def _order(self, paths: set[str]) -> list[str]:
        plan = self._plan
        return [path for path in plan.nodes if path in paths and path in plan.modules]

    def _sources(self, held: Sequence[str]) -> tuple[FlatEnd, ...]:
        plan = self._plan
        read = [end for path in held for port in plan.nodes[path].inputs for end in port]
        return tuple(dict.fromkeys(end for end in (*read, *self._crossing) if end.path in plan.sources))

    def _written(
        self, given: Iterable[FlatEnd], paths: Sequence[str], wanted: Sequence[FlatEnd]
    ) -> CompiledGraph:
        writer = GraphWriter(self._plan.nodes, self.frozen.modules)
        writer.give(given)
        write_evaluation(writer, paths, self._plan.training_plan.input_gradients)
        return writer.finish(observed(writer, wanted, self._plan.training_plan.input_gradients))


def _cut(plan: Plan, ends: Iterable[FlatEnd], fed: set[FlatEnd]) -> set[str]:
    """The nodes that these values depend on, up to the fed ends."""
    found: set[str] = set()
    waiting = [end for end in ends if end not in fed]
    while waiting:
        path = waiting.pop().path
        if path not in found:
            found.add(path)
            waiting += [end for port in plan.nodes[path].inputs for end in port if end not in fed]
    return found
