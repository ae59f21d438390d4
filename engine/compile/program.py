"""Writes the turns of a training step as torch.fx graphs: one per objective that acts.

What is computed, reused and seen without gradients is decided in `turns`, by name; here it meets modules and
weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor, nn

from engine.compile.graphs import GraphWriter, Part
from engine.compile.objective_steps import Sight, Turn, Turns, seen
from engine.compile.reorder import pooled_first
from engine.compile.training_plan import Aim
from engine.expand.flat import FlatEnd


@dataclass(frozen=True)
class ObjectivePlan(Aim):
    """One objective with the weights that it updates, by name."""

    parameters: dict[str, Tensor]


@dataclass(frozen=True)
class Phase:
    """The part of a step that belongs to one objective.

    `part` returns the loss, then its `terms` single losses, then the values of `kept`, which later phases (or
    metrics) use. `inputs` is None where a plain backward pass reaches the right weights only; else it names
    them.
    """

    objective: int
    part: Part
    terms: int
    kept: tuple[FlatEnd, ...]
    inputs: list[Tensor] | None


@dataclass(frozen=True)
class Program:
    """One step for a fixed set of acting objectives."""

    phases: tuple[Phase, ...]


def make_program(
    turns: Turns,
    modules: Mapping[str, nn.Module],
    objectives: tuple[ObjectivePlan, ...],
    wanted: frozenset[FlatEnd] = frozenset(),
) -> Program:
    """The step of these turns; `wanted` values are kept where computed."""
    live = _live(turns)
    phases = []
    for i, turn in enumerate(turns.turns):
        made = set(turn.computes)
        kept = tuple(sorted(turns.kept[i] | {end for end in wanted if end.path in made}))
        objective = objectives[turn.objective]
        terms = len(objective.losses) if len(objective.losses) > 1 else 0
        part = _write(turns, i, modules, live, kept)
        phases.append(Phase(turn.objective, part, terms, kept, _backward_inputs(turns, objective)))
    return Program(tuple(phases))


def _write(
    turns: Turns, index: int, modules: Mapping[str, nn.Module], live: set[str], kept: tuple[FlatEnd, ...]
) -> Part:
    """The graph of one turn."""
    turn, aim, nodes = turns.turns[index], turns.aims[index], turns.scheme.nodes
    writer = GraphWriter(nodes, modules, recording=True)
    writer.give(_given(turns, index, turn))
    swaps = pooled_first(nodes, modules, turn.computes, {*kept, *aim.losses})
    behind = set(swaps.values())
    for path in turn.computes:
        if path in live:  # the mode matters only where there is something to record at or above
            writer.gradients(turns.is_recorded(index, path))

        def sight(end: FlatEnd, reader: str = path) -> Sight:
            return turns.sight(index, reader, end)

        if path in swaps:
            writer.call_swapped(path, swaps[path], sight)
        elif path not in behind:
            writer.call(path, sight)
    writer.gradients(True)
    terms = [writer.see(end, turns.loss_sight(index, end)) for end in aim.losses]
    total = writer.sum(terms, aim.layer.weights)
    return writer.finish((total, *(terms if len(terms) > 1 else ()), *(writer.value(end) for end in kept)))


def _given(turns: Turns, index: int, turn: Turn) -> list[FlatEnd]:
    """What enters the graph of a turn: sources, and what earlier turns have made."""
    made = set(turn.computes)
    found: dict[FlatEnd, None] = {}
    for end, sight in turns.read(index, turn.computes):
        name = seen(end, sight)
        if name in turn.reuses:
            found[name] = None
        elif end.path not in made:
            found[end] = None
    return list(found)


def _backward_inputs(turns: Turns, objective: ObjectivePlan) -> list[Tensor] | None:
    """None where the only learnable weights in reach are the objective's own."""
    weights = turns.scheme.weights
    reached = {name for path in objective.felt for name in weights.get(path, ())}
    if reached <= set(objective.updates) and not turns.has_taps:
        return None
    return list(objective.parameters.values())


def _live(turns: Turns) -> set[str]:
    """Nodes at or below weights that could learn, or at or below what is differentiated."""
    live: set[str] = set()
    tapped = {path for tap in turns.scheme.taps for path in tap.between}
    for path, node in turns.scheme.nodes.items():
        own = path in turns.scheme.weights or path in tapped
        if own or any(end.path in live for port in node.inputs for end in port):
            live.add(path)
    return live
