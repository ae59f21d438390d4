"""The compiled drawing: the module tree, the programs of a training step, and graphs for evaluation and
lenses.

Built once per run from one project value; later edits do not change it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from engine.compile.evaluated import observed, write_evaluation
from engine.compile.graphs import CompiledGraph, GraphWriter
from engine.compile.objective_steps import GradientMode, ObjectiveSteps
from engine.compile.program import ObjectivePlan, Program, make_program
from engine.compile.reorder import pooled_first
from engine.compile.training_plan import TrainingPlan
from engine.compile.tree import Modes, ModuleTree
from engine.document.project import Project
from engine.expand.flat import Expanded, FlatEnd, FlatNode, ancestors
from engine.report import Problem
from nodes.modules.loss import Counting
from nodes.spec import Role, TensorSpec

Specs = Mapping[FlatEnd, TensorSpec]
Look = tuple[tuple[FlatEnd, ...], tuple[FlatEnd, ...], bool]
"""Which values a graph gives, from which, and whether with gradients."""


@dataclass(frozen=True)
class Evaluation:
    """One forward pass for validation: all losses, what each metric measures, and the named outputs.

    `terms` has the losses that each objective adds up, with their factors; `counting` are the nodes of those
    losses that can tell how much a batch counts in their mean.
    """

    graph: CompiledGraph
    losses: tuple[str, ...]
    metrics: tuple[str, ...]
    outputs: tuple[str, ...]
    terms: tuple[tuple[tuple[FlatEnd, float], ...], ...] = ()
    counting: tuple[str, ...] = ()

    def __call__(self, values: Mapping[FlatEnd, Tensor]) -> tuple[Any, Any, Any]:
        """(losses, metric inputs, outputs), each in the order of its names."""
        losses, metrics, outputs, _, _ = self.graph(values)
        return losses, metrics, outputs

    def in_parts(self, values: Mapping[FlatEnd, Tensor]) -> tuple[Any, Any, Any]:
        """(the terms of each objective, metric inputs, inputs of the nodes that count)."""
        _, metrics, _, terms, counted = self.graph(values)
        return terms, metrics, counted


@dataclass
class Plan:
    """What a run executes. `model` holds every weight; its `state_dict` keys are node paths."""

    project: Project
    expanded: Expanded
    nodes: dict[str, FlatNode]  # the sound ones, in topological order
    specs: Specs
    problems: tuple[Problem, ...]  # of what was left out
    model: ModuleTree
    modules: dict[str, nn.Module]  # by node path; nodes that share weights share a module
    metrics: dict[str, nn.Module]
    training_plan: TrainingPlan
    objectives: tuple[ObjectivePlan, ...]
    modes: Modes
    device: torch.device
    seed: int
    channels_last: bool
    _programs: dict[tuple[int, ...], Program] = field(default_factory=dict, repr=False)
    _captures: dict[frozenset[str], Capture] = field(default_factory=dict, repr=False)
    _looks: dict[Look, CompiledGraph] = field(default_factory=dict, repr=False)

    @cached_property
    def sources(self) -> dict[str, FlatNode]:
        """The source nodes, whose values come from data or are drawn at random, by path."""
        return {path: node for path, node in self.nodes.items() if node.layer.role is Role.SOURCE}

    @cached_property
    def outputs(self) -> dict[str, FlatEnd]:
        """Named outputs of the drawing, by path of the output node."""
        return {
            path: node.inputs[0][0] for path, node in self.nodes.items() if node.layer.role is Role.OUTPUT
        }

    def train(self) -> None:
        self.modes.train()

    def eval(self) -> None:
        self.modes.eval()

    # Graphs ---------------------------------------------------------------------------------------

    def program(self, acting: tuple[int, ...]) -> Program:
        """The training step in which these objectives act; compiled on first use."""
        if acting not in self._programs:
            wanted = frozenset(end for path in self.metrics for end in self._measured(path))
            steps = ObjectiveSteps(self.training_plan, acting)
            self._programs[acting] = make_program(steps, self.modules, self.objectives, wanted)
        return self._programs[acting]

    @cached_property
    def evaluation(self) -> Evaluation:
        losses = {objective.path: objective.losses for objective in self.objectives}
        measured = {path: self._measured(path) for path in self.metrics}
        terms = [end for group in losses.values() for end in group]
        counting = [path for path in dict.fromkeys(end.path for end in terms) if self._counts(path)]
        counted = [self._measured(path) for path in counting]
        ends = [end for group in (*losses.values(), *measured.values(), *counted) for end in group]
        writer = self._written([*ends, *self.outputs.values()], as_drawn=False)
        graph = writer.finish(
            (
                tuple(writer.sum(self._observed(writer, o.losses), o.layer.weights) for o in self.objectives),
                tuple(self._observed(writer, group) for group in measured.values()),
                self._observed(writer, self.outputs.values()),
                tuple(self._observed(writer, group) for group in losses.values()),
                tuple(self._observed(writer, group) for group in counted),
            )
        )
        factors = [[*o.layer.weights, *[1.0] * len(o.losses)] for o in self.objectives]
        weighted = tuple(
            tuple(zip(o.losses, f, strict=False)) for o, f in zip(self.objectives, factors, strict=True)
        )
        names = tuple(losses), tuple(measured), tuple(self.outputs)
        return Evaluation(graph, *names, weighted, tuple(counting))

    def _counts(self, path: str) -> bool:
        """Whether a node can tell how much a batch counts in its mean."""
        return isinstance(self.modules.get(path), Counting)

    def capture(self, paths: Iterable[str]) -> Capture:
        """A graph that returns the values at these paths of the drawing; unknown ones are left out."""
        key = frozenset(paths)
        if key not in self._captures:
            found = {path: end for path in sorted(key) if (end := self.end_of(path)) is not None}
            writer = self._written(list(found.values()))
            graph = writer.finish(self._observed(writer, found.values()))
            self._captures[key] = Capture(graph, tuple(found))
            while len(self._captures) > 16:  # the oldest
                del self._captures[next(iter(self._captures))]
        return self._captures[key]

    def graph_of(
        self, ends: Iterable[FlatEnd], given: Iterable[FlatEnd] = (), *, attached: bool = False
    ) -> CompiledGraph:
        """A graph to the values at these ends, in their order, from those of the sources above.

        What is `given` is an input of the graph too: what it is made of is not computed. `attached`: called
        with gradients, all values have theirs.
        """
        wanted, held = list(ends), tuple(dict.fromkeys(given))
        writer = self._written(wanted, given=held, as_called=attached)
        if attached:
            return writer.finish(tuple(writer.read(end, GradientMode.ATTACHED) for end in wanted))
        return writer.finish(self._observed(writer, wanted))

    def looked_at(
        self, ends: tuple[FlatEnd, ...], given: tuple[FlatEnd, ...] = (), *, attached: bool = False
    ) -> CompiledGraph:
        """The same, kept for the next time."""
        key = ends, given, attached
        if key not in self._looks:
            self._looks[key] = self.graph_of(ends, given, attached=attached)
            while len(self._looks) > 32:  # the oldest
                del self._looks[next(iter(self._looks))]
        return self._looks[key]

    def _written(
        self,
        ends: list[FlatEnd],
        *,
        as_drawn: bool = True,
        given: tuple[FlatEnd, ...] = (),
        as_called: bool = False,
    ) -> GraphWriter:
        """A writer with every node that these values depend on, in topological order.

        `as_drawn` false: in the cheapest order; then only the values of `ends` are available.
        """
        above = ancestors(self.nodes, ends, given=given)
        writer = GraphWriter(self.nodes, self.modules)
        sources = (end for end in self.specs if end.path in above and end.path in self.sources)
        writer.give(dict.fromkeys((*sources, *given)))
        paths = [path for path in self.nodes if path in above and path in self.modules]
        swaps = {} if as_drawn else pooled_first(self.nodes, self.modules, paths, set(ends))
        gradients = self.training_plan.input_gradients
        write_evaluation(writer, paths, gradients, swaps, as_called=as_called)
        return writer

    def _observed(self, writer: GraphWriter, ends: Iterable[FlatEnd]) -> tuple[Any, ...]:
        """Values without gradients, for evaluation and lenses."""
        return observed(writer, ends, self.training_plan.input_gradients)

    def _measured(self, path: str) -> tuple[FlatEnd, ...]:
        """The inputs of a metric or of a loss, in port order."""
        return tuple(end for port in self.nodes[path].inputs for end in port)

    # Places ---------------------------------------------------------------------------------------

    def end_of(self, path: str) -> FlatEnd | None:
        """The value that lenses show for a node: its first output, or its
        first input where it has no output.
        """
        node = self.nodes.get(path)
        if node is not None:
            ports = node.layer.output_ports()
            if ports:
                return FlatEnd(path, ports[0].name)
            return next((end for port in node.inputs for end in port), None)
        place = self.expanded.places.get(path)
        if place is None:
            return None
        ends = (*place.outputs.values(), *(end for group in place.inputs.values() for end in group))
        return next((end for end in ends if end in self.specs), None)

    @cached_property
    def _paths(self) -> dict[int, str]:
        found: dict[int, str] = {}
        for path, module in reversed(self.modules.items()):
            found.update({id(graph): path for graph in module.modules()})
        return found

    def path_of(self, module: object) -> str | None:
        """The path of the node that this module, or a module inside it, belongs to."""
        return self._paths.get(id(module))

    def parameters(self) -> int:
        return sum(parameter.numel() for parameter in self.model.parameters())


@dataclass(frozen=True)
class Capture:
    """The values at some paths: call it with the values of the sources; returns one tensor per path."""

    graph: CompiledGraph
    paths: tuple[str, ...]

    def __call__(self, values: Mapping[FlatEnd, Tensor]) -> dict[str, Tensor]:
        return dict(zip(self.paths, self.graph(values), strict=True))
