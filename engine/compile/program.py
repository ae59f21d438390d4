"""Writes the objective steps of a training step as torch.fx graphs: one per objective that acts.

`objective_steps` decides by name what is computed, reused and detached; here modules and weights are added.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor, nn

from engine.compile.graphs import CompiledGraph, GraphWriter
from engine.compile.objective_steps import GradientMode, ObjectiveStep, ObjectiveSteps, value_name
from engine.compile.reorder import pooled_first
from engine.compile.training_plan import ObjectiveSpec
from engine.expand.flat import FlatEnd


@dataclass(frozen=True)
class ObjectivePlan(ObjectiveSpec):
    """One objective with the weights that it updates, by name."""

    parameters: dict[str, Tensor]


@dataclass(frozen=True)
class Phase:
    """The compiled objective step.

    `graph` returns the loss, then its `terms` single losses, then the values of `kept`, which later phases or
    metrics read. `inputs` are the weights to differentiate with respect to; None where a plain backward pass
    reaches no others.
    """

    objective: int
    graph: CompiledGraph
    terms: int
    kept: tuple[FlatEnd, ...]
    inputs: list[Tensor] | None


@dataclass(frozen=True)
class Program:
    """One step for a fixed set of acting objectives."""

    phases: tuple[Phase, ...]


def make_program(
    steps: ObjectiveSteps,
    modules: Mapping[str, nn.Module],
    objectives: tuple[ObjectivePlan, ...],
    wanted: frozenset[FlatEnd] = frozenset(),
) -> Program:
    """The program of these objective steps; `wanted` values are kept where they are computed."""
    learning = _learning(steps)
    phases = []
    for i, step in enumerate(steps.steps):
        made = set(step.computes)
        kept = tuple(sorted(steps.kept[i] | {end for end in wanted if end.path in made}))
        objective = objectives[step.objective]
        terms = len(objective.losses) if len(objective.losses) > 1 else 0
        graph = _write(steps, i, modules, learning, kept)
        phases.append(Phase(step.objective, graph, terms, kept, _backward_inputs(steps, objective)))
    return Program(tuple(phases))


def _write(
    steps: ObjectiveSteps,
    index: int,
    modules: Mapping[str, nn.Module],
    learning: set[str],
    kept: tuple[FlatEnd, ...],
) -> CompiledGraph:
    """The graph of one objective step."""
    step, objective, nodes = steps.steps[index], steps.objectives[index], steps.training_plan.nodes
    writer = GraphWriter(nodes, modules, recording=True)
    writer.give(_given(steps, index, step))
    swaps = pooled_first(nodes, modules, step.computes, {*kept, *objective.losses})
    behind = set(swaps.values())
    for path in step.computes:
        if path in learning:  # the mode matters only where there is something to record at or above
            writer.gradients(steps.is_recorded(index, path))

        def mode(end: FlatEnd, reader: str = path) -> GradientMode:
            return steps.mode(index, reader, end)

        if path in swaps:
            writer.call_swapped(path, swaps[path], mode)
        elif path not in behind:
            writer.call(path, mode)
    writer.gradients(True)
    terms = [writer.read(end, steps.loss_mode(index, end)) for end in objective.losses]
    total = writer.sum(terms, objective.layer.weights)
    return writer.finish((total, *(terms if len(terms) > 1 else ()), *(writer.value(end) for end in kept)))


def _given(steps: ObjectiveSteps, index: int, step: ObjectiveStep) -> list[FlatEnd]:
    """The inputs of the graph of an objective step: values of sources and of earlier objective steps."""
    made = set(step.computes)
    found: dict[FlatEnd, None] = {}
    for end, mode in steps.read(index, step.computes):
        name = value_name(end, mode)
        if name in step.reuses:
            found[name] = None
        elif end.path not in made:
            found[end] = None
    return list(found)


def _backward_inputs(steps: ObjectiveSteps, objective: ObjectivePlan) -> list[Tensor] | None:
    """None where a backward pass reaches no learnable weights but the objective's own."""
    weights = steps.training_plan.weights
    reached = {name for path in objective.gradient_nodes for name in weights.get(path, ())}
    if reached <= set(objective.updates) and not steps.has_input_gradients:
        return None
    return list(objective.parameters.values())


def _learning(steps: ObjectiveSteps) -> set[str]:
    """Nodes at or below learnable weights, or at or below a differentiated value."""
    learning: set[str] = set()
    differentiated = {path for each in steps.training_plan.input_gradients for path in each.between}
    for path, node in steps.training_plan.nodes.items():
        own = path in steps.training_plan.weights or path in differentiated
        if own or any(end.path in learning for port in node.inputs for end in port):
            learning.add(path)
    return learning
