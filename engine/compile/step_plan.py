"""The step plan that the window shows: what each objective does in a training step, as values and sentences.

Makes no weights, so it can be updated while one draws. Raises nothing: why a drawing cannot train is in
`StepPlan.problem`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import prod

from engine.compile.error import CompileError
from engine.compile.objective_steps import GradientMode, ObjectiveSteps
from engine.compile.resolve import resolve
from engine.compile.step_cycle import acting_sets, cycle_of
from engine.compile.training_plan import ObjectiveSpec, TrainingPlan, training_plan_of
from engine.document.project import Project
from engine.expand.flat import FlatNode
from engine.infer.work import Work, too_large, too_many_goals

NOTHING = "Expected an Objective with a loss wired into it. Received none: nothing to train."
MOST_NAMED = 4
"""The most parts that a sentence lists; of more it names the first and the last."""


@dataclass(frozen=True)
class Reuse:
    """A node whose value an earlier objective of the same step has computed.

    `source` is the path of that objective. `gradients`: whether gradients flow through the value to the
    weights of this objective; else the value is constant.
    """

    path: str
    source: str
    gradients: bool


@dataclass(frozen=True)
class ObjectiveStepPlan:
    """What one objective does in a step. Paths are those of nodes, in topological order.

    `steps` are the steps of the cycle (from 0) in which it does this. `again` are the nodes of `computes`
    that an earlier objective computed too, before weights changed. `constant` are nodes with weights that
    gradients flow through and that are not updated. `parts` name the owners of the updated weights
    (definitions or nodes).
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
    """What every objective does in a cycle of `cycle` steps, in order. `problem` is a sentence where the
    drawing cannot train; then `objective_steps` is empty.
    """

    cycle: int
    objective_steps: tuple[ObjectiveStepPlan, ...]
    problem: str = ""


def step_plan(project: Project) -> StepPlan:
    """What a training step of this drawing does."""
    if (large := too_large(project)) is not None:
        return StepPlan(0, (), large.message)
    try:
        resolved = resolve(project, Work())
        if (many := too_many_goals(resolved.nodes)) is not None:
            return StepPlan(0, (), many.message)
        plan = training_plan_of(resolved)
    except CompileError as error:
        return StepPlan(0, (), str(error))
    if not plan.objectives:
        return StepPlan(0, (), NOTHING)
    layers = [objective.layer for objective in plan.objectives]
    cycle = cycle_of(layers)
    found: dict[ObjectiveStepPlan, list[int]] = {}
    for acting, steps in acting_sets(layers).items():
        for step in _objective_steps(plan, acting):
            found.setdefault(step, []).extend(steps)
    order = {objective.path: i for i, objective in enumerate(plan.objectives)}
    sequence = [replace(step, steps=tuple(sorted(steps))) for step, steps in found.items()]
    sequence.sort(key=lambda step: (order[step.objective], step.steps))
    return StepPlan(cycle, tuple(replace(t, sentence=_sentence(t, cycle, plan)) for t in sequence))


def _objective_steps(plan: TrainingPlan, acting: tuple[int, ...]) -> list[ObjectiveStepPlan]:
    """What each objective of one step does, without `steps` and `sentence`."""
    sequence = ObjectiveSteps(plan, acting)
    found, before = [], set[str]()
    for i, (step, objective) in enumerate(zip(sequence.steps, sequence.objectives, strict=True)):
        owners = _owners(plan, objective)
        names = dict.fromkeys(plan.nodes[path].weight_path.split(".")[0] for path in owners)
        found.append(
            ObjectiveStepPlan(
                objective.path,
                (),
                step.computes,
                tuple(path for path in step.computes if path in before),
                _reuses(sequence, i),
                owners,
                tuple(names),
                sum(prod(plan.shapes[name]) for name in objective.updates),
                _constant(plan, objective),
            )
        )
        before.update(step.computes)
    return found


def _owners(plan: TrainingPlan, objective: ObjectiveSpec) -> tuple[str, ...]:
    own = set(objective.updates)
    held = ((path, names) for path, names in plan.weights.items() if path not in plan.read)
    return tuple(path for path, names in held if not own.isdisjoint(names))


def _reuses(sequence: ObjectiveSteps, index: int) -> tuple[Reuse, ...]:
    step = sequence.steps[index]
    makers = {end.path: maker for end, maker in step.reuses.items()}
    with_gradients = {
        end.path
        for end, mode in sequence.read(index, step.computes)
        if sequence.need(index, end.path) == index and mode in (GradientMode.ATTACHED, GradientMode.LEAF)
    }
    return tuple(
        Reuse(path, sequence.objectives[makers[path]].path, path in with_gradients)
        for path in sequence.training_plan.nodes
        if path in makers
    )


def _constant(plan: TrainingPlan, objective: ObjectiveSpec) -> tuple[str, ...]:
    """Nodes with weights between the objective's own and its loss that it does not update."""
    own = set(objective.updates)

    def is_crossed(path: str, node: FlatNode) -> bool:
        flows = any(end.path in objective.gradient_nodes for port in node.inputs for end in port)
        return flows and path in plan.weighted and own.isdisjoint(plan.weights.get(path, ()))

    return tuple(
        path
        for path, node in plan.nodes.items()
        if path in objective.gradient_nodes and is_crossed(path, node)
    )


# Sentences ------------------------------------------------------------------------------------------------


def _sentence(step: ObjectiveStepPlan, cycle: int, plan: TrainingPlan) -> str:
    objective = next(objective for objective in plan.objectives if objective.path == step.objective)
    clauses = [*_reused(step, plan), *_computed(step, plan), _updated(step, objective, plan)]
    when = _when(step.steps, cycle)
    return f"{step.objective}{f' ({when})' if when else ''}: {'; '.join(clauses)}."


def _when(steps: tuple[int, ...], cycle: int) -> str:
    if len(steps) >= cycle:
        return ""
    if len(steps) == 1:
        return f"step {steps[0] + 1} of {cycle:,}"
    if steps[-1] - steps[0] == len(steps) - 1:
        return f"steps {steps[0] + 1:,} to {steps[-1] + 1:,} of {cycle:,}"
    return f"{len(steps):,} of {cycle:,} steps"


def _reused(step: ObjectiveStepPlan, plan: TrainingPlan) -> list[str]:
    """Only values that depend on weights are mentioned; the rest costs little to compute."""
    running = set(_places(step.computes))
    flowing = _places(_givers((reuse.path for reuse in step.reuses if reuse.gradients), running, plan))
    weighted = _below_weights(plan)
    reused = (reuse.path for reuse in step.reuses if reuse.path in weighted)
    kept = _places(_givers(reused, running, plan))
    still = [place for place in kept if place not in flowing]
    found = []
    if flowing:
        found.append(
            f"reuses the output{'s' if len(flowing) > 1 else ''} of {_named(flowing)}, with gradients"
        )
    if still:
        found.append(
            f"reuses the output{'s' if len(still) > 1 else ''} of {_named(still)}, without gradients"
        )
    return found


def _givers(paths: Iterable[str], running: set[str], plan: TrainingPlan) -> list[str]:
    """The nodes that reused values come from; for a node of a part that runs again, the sources of its
    inputs.
    """
    found, waiting, visited = [], list(paths), set[str]()
    while waiting:
        path = waiting.pop(0)
        inputs = [end.path for port in plan.nodes[path].inputs for end in port]
        if path in visited:
            continue
        visited.add(path)
        if path.split(".")[0] in running and inputs:
            waiting.extend(inputs)
        else:
            found.append(path)
    weighted = _below_weights(plan)
    return [path for path in found if path in weighted]


def _below_weights(plan: TrainingPlan) -> set[str]:
    found: set[str] = set()
    for path, node in plan.nodes.items():
        if path in plan.weighted or any(end.path in found for port in node.inputs for end in port):
            found.add(path)
    return found


def _computed(step: ObjectiveStepPlan, plan: TrainingPlan) -> list[str]:
    """What is computed; only parts with weights are named."""
    constant, again = set(_places(step.constant)), set(_places(step.again))
    paths = [path for path in step.computes if path in plan.weighted]
    kinds: dict[tuple[bool, bool], list[str]] = {}
    for place in _places(paths):
        kinds.setdefault((place in again, place in constant), []).append(place)
    found = []
    for (is_again, is_constant), places in kinds.items():
        held = f" ({'its' if len(places) == 1 else 'their'} weights are held constant)" if is_constant else ""
        found.append(f"runs {_named(places)}{' again' if is_again else ''}{held}")
    return found


def _updated(step: ObjectiveStepPlan, objective: ObjectiveSpec, plan: TrainingPlan) -> str:
    learnable = {name for names in plan.weights.values() for name in names}
    parts = "all weights" if learnable == set(objective.updates) else _named(step.parts)
    parameters = f"{step.parameters:,} parameter{'s' if step.parameters != 1 else ''}"
    text = f"updates {parts}, {parameters}, {objective.layer.card_label().replace(' · ', ' ')}"
    if objective.layer.accumulate > 1:
        text += f", once in {objective.layer.accumulate:,} of its batches"
    return text


def _places(paths: Iterable[str]) -> list[str]:
    """The nodes of the main graph that these paths start with."""
    return list(dict.fromkeys(path.split(".")[0] for path in paths))


def _named(names: Iterable[str]) -> str:
    names = list(names)
    if len(names) > MOST_NAMED:
        return f"{names[0]} to {names[-1]} ({len(names)} parts)"
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)
