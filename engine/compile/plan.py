"""The compiled drawing: a module tree under canvas names, the programs of a training step, and graphs for
looking.

Built once per run from a snapshot; never follows an edit. Knows nothing of data, devices' memory, loops or
files other than weights.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from engine.compile.graphs import GraphWriter, Part
from engine.compile.objective_steps import Sight, Turns
from engine.compile.program import ObjectivePlan, Program, make_program
from engine.compile.reorder import pooled_first
from engine.compile.taps import tapped_at
from engine.compile.training_plan import Scheme
from engine.compile.tree import Modes, Scope
from engine.document.project import Project
from engine.expand.flat import Expanded, FlatEnd, FlatNode, ancestors
from engine.report import Problem
from nodes.spec import Role, TensorSpec

Specs = Mapping[FlatEnd, TensorSpec]


@dataclass(frozen=True)
class Evaluation:
    """One forward pass for validation: all losses, what each metric measures, and the named outputs."""

    part: Part
    losses: tuple[str, ...]
    metrics: tuple[str, ...]
    outputs: tuple[str, ...]

    def __call__(self, values: Mapping[FlatEnd, Tensor]) -> tuple[Any, Any, Any]:
        """(losses, metric inputs, outputs), each in the order of its names."""
        losses, metrics, outputs = self.part(values)
        return losses, metrics, outputs


@dataclass
class Plan:
    """What a run executes. `model` holds every weight; its `state_dict` keys are canvas paths."""

    project: Project
    expanded: Expanded
    nodes: dict[str, FlatNode]  # the sound ones, in topological order
    specs: Specs
    problems: tuple[Problem, ...]  # of what was left out
    model: Scope
    modules: dict[str, nn.Module]  # by node path; nodes that share weights share a module
    metrics: dict[str, nn.Module]
    scheme: Scheme
    objectives: tuple[ObjectivePlan, ...]
    modes: Modes
    device: torch.device
    seed: int
    channels_last: bool
    _programs: dict[tuple[int, ...], Program] = field(default_factory=dict, repr=False)
    _captures: dict[frozenset[str], Capture] = field(default_factory=dict, repr=False)

    @cached_property
    def sources(self) -> dict[str, FlatNode]:
        """The nodes that the engine feeds, by path."""
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
        """The training step in which these objectives act; made when it is first needed."""
        if acting not in self._programs:
            wanted = frozenset(end for path in self.metrics for end in self._measured(path))
            turns = Turns(self.scheme, acting)
            self._programs[acting] = make_program(turns, self.modules, self.objectives, wanted)
        return self._programs[acting]

    @cached_property
    def evaluation(self) -> Evaluation:
        losses = {objective.path: objective.losses for objective in self.objectives}
        measured = {path: self._measured(path) for path in self.metrics}
        ends = [end for group in (*losses.values(), *measured.values()) for end in group]
        writer = self._written([*ends, *self.outputs.values()], as_drawn=False)
        part = writer.finish(
            (
                tuple(writer.sum(self._seen(writer, o.losses), o.layer.weights) for o in self.objectives),
                tuple(self._seen(writer, group) for group in measured.values()),
                self._seen(writer, self.outputs.values()),
            )
        )
        return Evaluation(part, tuple(losses), tuple(measured), tuple(self.outputs))

    def capture(self, paths: Iterable[str]) -> Capture:
        """A graph that returns the values at these paths of the drawing; unknown ones are left out."""
        key = frozenset(paths)
        if key not in self._captures:
            found = {path: end for path in sorted(key) if (end := self.end_of(path)) is not None}
            writer = self._written(list(found.values()))
            part = writer.finish(self._seen(writer, found.values()))
            self._captures[key] = Capture(part, tuple(found))
            while len(self._captures) > 16:  # what was looked at long ago
                del self._captures[next(iter(self._captures))]
        return self._captures[key]

    def _written(self, ends: list[FlatEnd], *, as_drawn: bool = True) -> GraphWriter:
        """A writer in which everything that these values hang on is written, in topological order.

        Not `as_drawn`: in the order that costs least; only the values of `ends` can be had then.
        """
        above = ancestors(self.nodes, ends)
        writer = GraphWriter(self.nodes, self.modules)
        writer.give(end for end in self.specs if end.path in above and end.path in self.sources)
        paths = [path for path in self.nodes if path in above and path in self.modules]
        swaps = {} if as_drawn else pooled_first(self.nodes, self.modules, paths, set(ends))
        behind = set(swaps.values())
        seen_so = tapped_at(tap for tap in self.scheme.taps if tap.node in above)
        for path in paths:
            if self._tapped:
                writer.gradients(path in self._tapped)

            def sight(end: FlatEnd, reader: str = path) -> Sight:
                return Sight.LEAF if reader in seen_so.get(end, ()) else Sight.WHOLE

            if path in swaps:
                writer.call_swapped(path, swaps[path], sight)
            elif path not in behind:
                writer.call(path, sight)
        return writer

    @cached_property
    def _tapped(self) -> frozenset[str]:
        """What is recorded although nobody trains, because a node differentiates in its forward pass."""
        return frozenset(path for tap in self.scheme.taps for path in tap.between)

    def _seen(self, writer: GraphWriter, ends: Iterable[FlatEnd]) -> tuple[Any, ...]:
        """Values for somebody who only looks."""
        return tuple(
            writer.see(end, Sight.DETACHED if end.path in self._tapped else Sight.WHOLE) for end in ends
        )

    def _measured(self, path: str) -> tuple[FlatEnd, ...]:
        """What enters a metric, in port order."""
        return tuple(end for port in self.nodes[path].inputs for end in port)

    # Places ---------------------------------------------------------------------------------------

    def end_of(self, path: str) -> FlatEnd | None:
        """The value that is shown for a node: its first output, or what enters it where it has none."""
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
            found.update({id(part): path for part in module.modules()})
        return found

    def path_of(self, module: object) -> str | None:
        """The node that this module, or one inside of it, belongs to."""
        return self._paths.get(id(module))

    def parameters(self) -> int:
        return sum(parameter.numel() for parameter in self.model.parameters())


@dataclass(frozen=True)
class Capture:
    """Values at some paths: call it with the sources' values and get one tensor per path."""

    part: Part
    paths: tuple[str, ...]

    def __call__(self, values: Mapping[FlatEnd, Tensor]) -> dict[str, Tensor]:
        return dict(zip(self.paths, self.part(values), strict=True))
