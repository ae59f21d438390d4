"""The step plan for people: what each objective does in its turn, as values and as plain sentences.

Found by name alone: no weight is made, so it can follow the drawing. Nothing raises; what would keep the
drawing from training is told in the value.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import prod

from engine.compile.error import CompileError
from engine.compile.objective_steps import Sight, Turns
from engine.compile.resolve import resolve
from engine.compile.step_cycle import acting_sets, cycle_of
from engine.compile.training_plan import Aim, Scheme, scheme_of
from engine.document.project import Project
from engine.expand.flat import FlatNode

NOTHING = "Expected an Objective with a loss wired into it. Received none: nothing to train."
MOST_NAMED = 4
"""Parts that a sentence names; of more only the first and the last."""


@dataclass(frozen=True)
class Reuse:
    """A node whose value is taken from an earlier turn of the same step.

    `source` is the objective in whose turn it was computed. `gradients`: they flow through it to the weights
    of this turn; else the value is held constant.
    """

    path: str
    source: str
    gradients: bool


@dataclass(frozen=True)
class TurnPlan:
    """What one objective does. Paths are those of nodes, in topological order.

    `steps` are those of the cycle at which it does just this, from 0. `again` are those of `computes` that an
    earlier turn computed too, before weights changed. `constant` are nodes with weights that gradients flow
    through and that stay as they are. `parts` name where the updated weights live (definitions, or nodes).
    """

    objective: str
    steps: tuple[int, ...]
    computes: tuple[str, ...]
    again: tuple[str, ...]
    reuses: tuple[Reuse, ...]
    updates: tuple[str, ...]
    parts: tuple[str, ...]
    parameters: int
    constant: tuple[str, ...]
    sentence: str = ""


@dataclass(frozen=True)
class StepPlan:
    """All turns of a cycle of `cycle` steps, in the order in which they act. `problem` is a sentence where
    the drawing cannot train; then there are no turns.
    """

    cycle: int
    turns: tuple[TurnPlan, ...]
    problem: str = ""


def step_plan(project: Project) -> StepPlan:
    """What a training step of this drawing does."""
    try:
        scheme = scheme_of(resolve(project))
    except CompileError as error:
        return StepPlan(0, (), str(error))
    if not scheme.aims:
        return StepPlan(0, (), NOTHING)
    layers = [aim.layer for aim in scheme.aims]
    cycle = cycle_of(layers)
    found: dict[TurnPlan, list[int]] = {}
    for acting, steps in acting_sets(layers).items():
        for turn in _turns(scheme, acting):
            found.setdefault(turn, []).extend(steps)
    order = {aim.path: i for i, aim in enumerate(scheme.aims)}
    turns = [replace(turn, steps=tuple(sorted(steps))) for turn, steps in found.items()]
    turns.sort(key=lambda turn: (order[turn.objective], turn.steps))
    return StepPlan(cycle, tuple(replace(t, sentence=_sentence(t, cycle, scheme)) for t in turns))


def _turns(scheme: Scheme, acting: tuple[int, ...]) -> list[TurnPlan]:
    """The turns of one step, without their steps and sentences."""
    turns = Turns(scheme, acting)
    found, before = [], set[str]()
    for i, (turn, aim) in enumerate(zip(turns.turns, turns.aims, strict=True)):
        owners = _owners(scheme, aim)
        names = dict.fromkeys(scheme.nodes[path].weight_path.split(".")[0] for path in owners)
        found.append(
            TurnPlan(
                aim.path,
                (),
                turn.computes,
                tuple(path for path in turn.computes if path in before),
                _reuses(turns, i),
                owners,
                tuple(names),
                sum(prod(scheme.shapes[name]) for name in aim.updates),
                _constant(scheme, aim),
            )
        )
        before.update(turn.computes)
    return found


def _owners(scheme: Scheme, aim: Aim) -> tuple[str, ...]:
    own = set(aim.updates)
    return tuple(path for path, names in scheme.weights.items() if not own.isdisjoint(names))


def _reuses(turns: Turns, index: int) -> tuple[Reuse, ...]:
    turn = turns.turns[index]
    makers = {end.path: maker for end, maker in turn.reuses.items()}
    felt = {
        end.path
        for end, sight in turns.read(index, turn.computes)
        if turns.need(index, end.path) == index and sight in (Sight.WHOLE, Sight.LEAF)
    }
    return tuple(
        Reuse(path, turns.aims[makers[path]].path, path in felt)
        for path in turns.scheme.nodes
        if path in makers
    )


def _constant(scheme: Scheme, aim: Aim) -> tuple[str, ...]:
    """Nodes with weights below the objective's own that it does not update."""
    own = set(aim.updates)

    def is_crossed(path: str, node: FlatNode) -> bool:
        flows = any(end.path in aim.felt for port in node.inputs for end in port)
        return flows and path in scheme.weighted and own.isdisjoint(scheme.weights.get(path, ()))

    return tuple(path for path, node in scheme.nodes.items() if path in aim.felt and is_crossed(path, node))


# Sentences ------------------------------------------------------------------------------------------------


def _sentence(turn: TurnPlan, cycle: int, scheme: Scheme) -> str:
    aim = next(aim for aim in scheme.aims if aim.path == turn.objective)
    clauses = [*_reused(turn, scheme), *_computed(turn, scheme), _updated(turn, aim, scheme)]
    when = _when(turn.steps, cycle)
    return f"{turn.objective}{f' ({when})' if when else ''}: {'; '.join(clauses)}."


def _when(steps: tuple[int, ...], cycle: int) -> str:
    if len(steps) >= cycle:
        return ""
    if len(steps) == 1:
        return f"step {steps[0] + 1} of {cycle:,}"
    if steps[-1] - steps[0] == len(steps) - 1:
        return f"steps {steps[0] + 1:,} to {steps[-1] + 1:,} of {cycle:,}"
    return f"{len(steps):,} of {cycle:,} steps"


def _reused(turn: TurnPlan, scheme: Scheme) -> list[str]:
    """Only what hangs on weights is worth a word; the rest costs nothing to compute."""
    running = set(_places(turn.computes))
    felt = _places(_givers((reuse.path for reuse in turn.reuses if reuse.gradients), running, scheme))
    weighted = _below_weights(scheme)
    reused = (reuse.path for reuse in turn.reuses if reuse.path in weighted)
    kept = _places(_givers(reused, running, scheme))
    still = [place for place in kept if place not in felt]
    found = []
    if felt:
        found.append(
            f"reuses what {_named(felt)} gave, with {'its' if len(felt) == 1 else 'their'} gradients"
        )
    if still:
        found.append(f"reuses what {_named(still)} gave, held constant")
    return found


def _givers(paths: Iterable[str], running: set[str], scheme: Scheme) -> list[str]:
    """Where reused values come from: of a part of what runs anew, what gave it its inputs."""
    found, waiting, seen = [], list(paths), set[str]()
    while waiting:
        path = waiting.pop(0)
        inputs = [end.path for port in scheme.nodes[path].inputs for end in port]
        if path in seen:
            continue
        seen.add(path)
        if path.split(".")[0] in running and inputs:
            waiting.extend(inputs)
        else:
            found.append(path)
    weighted = _below_weights(scheme)
    return [path for path in found if path in weighted]


def _below_weights(scheme: Scheme) -> set[str]:
    found: set[str] = set()
    for path, node in scheme.nodes.items():
        if path in scheme.weighted or any(end.path in found for port in node.inputs for end in port):
            found.add(path)
    return found


def _computed(turn: TurnPlan, scheme: Scheme) -> list[str]:
    """What is run; only parts with weights are named, as long as there are any."""
    constant, again = set(_places(turn.constant)), set(_places(turn.again))
    paths = [path for path in turn.computes if path in scheme.weighted]
    kinds: dict[tuple[bool, bool], list[str]] = {}
    for place in _places(paths):
        kinds.setdefault((place in again, place in constant), []).append(place)
    found = []
    for (is_again, is_constant), places in kinds.items():
        held = f" ({'its' if len(places) == 1 else 'their'} weights are held constant)" if is_constant else ""
        found.append(f"runs {_named(places)}{' anew' if is_again else ''}{held}")
    return found


def _updated(turn: TurnPlan, aim: Aim, scheme: Scheme) -> str:
    learnable = {name for names in scheme.weights.values() for name in names}
    parts = "all weights" if learnable == set(aim.updates) else _named(turn.parts)
    parameters = f"{turn.parameters:,} parameter{'s' if turn.parameters != 1 else ''}"
    text = f"updates {parts}, {parameters}, {aim.layer.telling().replace(' · ', ' ')}"
    if aim.layer.accumulate > 1:
        text += f", once in {aim.layer.accumulate:,} of its batches"
    return text


def _places(paths: Iterable[str]) -> list[str]:
    """What stands on the canvas for these nodes."""
    return list(dict.fromkeys(path.split(".")[0] for path in paths))


def _named(names: Iterable[str]) -> str:
    names = list(names)
    if len(names) > MOST_NAMED:
        return f"{names[0]} to {names[-1]} ({len(names)} parts)"
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)
