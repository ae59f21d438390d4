"""One training step taken apart, to be shown one by one: feed, weigh, forward, error, back-propagate.

Objectives come in their order. Nothing is changed: each is computed with the weights that there are, in
evaluation mode, so nothing is dropped and no statistics move.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from engine.compile import Plan
from engine.compile.program import ObjectivePlan
from engine.expand.flat import FlatEnd, ancestors
from engine.lens.access import Access
from engine.lens.feeds import Feeds
from engine.lens.step_moments import Moment, Stage
from nodes.spec import Role

MOST_SHOWN = 4
"""Values of a sample that are written out; of more, their mean and deviation."""
Values = Mapping[FlatEnd, Tensor]


def moments(plan: Plan, feeds: Feeds, batch: Values) -> tuple[Moment, ...]:
    """The moments of a step on this batch. Raises what the layers raise."""
    found: list[Moment] = []
    for objective in plan.objectives:
        found += _objective(Access(plan, feeds, objective.path, batch), objective)
    return tuple(found)


def _objective(network: Access, objective: ObjectivePlan) -> list[Moment]:
    plan, losses = network.plan, list(objective.losses)
    above = ancestors(plan.nodes, losses)
    paths = [path for path in plan.nodes if path in above]
    ends = {path: end for path in paths if (end := plan.end_of(path)) is not None}
    read = network.recorded([*losses, *ends.values()])
    values = dict(zip(ends, read[len(losses) :], strict=True))
    total = network.weighted(read[: len(losses)], objective)
    gradients = _gradients(total, values)
    weights = _weight_gradients(plan, total, objective)
    fed = [path for path in paths if path in plan.sources]
    names = {path: _words(values[path]) for path in fed}
    count = len(next(iter(values[path] for path in fed))) if fed else 0
    sentence = f"A batch of {count:,} samples enters the network."
    found = [Moment(Stage.FEED, objective.path, tuple(fed), names, sentence, into=False)]
    computed = [path for path in paths if path not in plan.sources]
    found += [_forward(plan, objective.path, path, values) for path in computed if not _is_loss(plan, path)]
    found.append(_error(plan, objective, [p for p in computed if _is_loss(plan, p)], values, total))
    back = [path for path in reversed(computed) if path in gradients or path in weights]
    found += [_back(objective.path, path, gradients, weights) for path in back if not _is_loss(plan, path)]
    found.append(_update(objective, weights))
    within = frozenset((*paths, objective.path))
    return [replace(moment, within=within) for moment in found]


def _is_loss(plan: Plan, path: str) -> bool:
    return plan.nodes[path].layer.role is Role.LOSS


def _gradients(total: Tensor, values: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Of the loss by the value of each node, where it depends on it."""
    known = {path: value for path, value in values.items() if value.requires_grad and value is not total}
    if not total.requires_grad or not known:
        return {}
    given = torch.autograd.grad(total, list(known.values()), retain_graph=True, allow_unused=True)
    return {path: one for path, one in zip(known, given, strict=True) if one is not None}


def _weight_gradients(plan: Plan, total: Tensor, objective: ObjectivePlan) -> dict[str, tuple[float, float]]:
    """Norms of gradient and weights of what the objective updates, by the path of the node."""
    names = {name: one for name, one in objective.parameters.items() if one.requires_grad}
    if not total.requires_grad or not names:
        return {}
    given = torch.autograd.grad(total, list(names.values()), allow_unused=True)
    squares = {
        name: (0.0 if gradient is None else float(gradient.float().square().sum()), _norm(weight) ** 2)
        for (name, weight), gradient in zip(names.items(), given, strict=True)
    }
    found = {}
    for path, held in plan.training_plan.weights.items():
        own = [squares[name] for name in held if name in squares]
        if own:
            found[path] = sum(each[0] for each in own) ** 0.5, sum(each[1] for each in own) ** 0.5
    return found


def _forward(plan: Plan, objective: str, path: str, values: Mapping[str, Tensor]) -> Moment:
    has_weights = path in plan.training_plan.weighted
    stage = Stage.WEIGH if has_weights else Stage.FORWARD
    title = plan.nodes[path].layer.title
    shape = "×".join(str(size) for size in values[path].shape[1:]) if path in values else ""
    made = f"{title} weighs and adds up what enters it" if has_weights else f"{title} computes its output"
    sentence = f"{path}: {made}: {shape or 'one value'} for each sample."
    numbers = {path: _words(values[path])} if path in values else {}
    return Moment(stage, objective, (path,), numbers, sentence)


def _error(
    plan: Plan, objective: ObjectivePlan, losses: list[str], values: Mapping[str, Tensor], total: Tensor
) -> Moment:
    numbers = {
        path: f"{float(values[path].detach().float().mean()):.4g}" for path in losses if path in values
    }
    numbers[objective.path] = f"{float(total.detach()):.4g}"
    titles = ", ".join(plan.nodes[path].layer.title for path in losses) or "The loss"
    sentence = f"{titles}: how far the outputs are from what they should be, {float(total.detach()):.4g}."
    return Moment(Stage.ERROR, objective.path, (*losses, objective.path), numbers, sentence)


def _back(
    objective: str,
    path: str,
    gradients: Mapping[str, Tensor],
    weights: Mapping[str, tuple[float, float]],
) -> Moment:
    numbers = [f"|∂L/∂y| {_norm(gradients[path]):.3g}"] if path in gradients else []
    told = (
        [f"The gradient of the loss by this output has the norm {_norm(gradients[path]):.3g}."]
        if numbers
        else []
    )
    if path in weights:
        numbers.append(f"|∂L/∂w| {weights[path][0]:.3g}")
        told.append(f"By its weights the norm is {weights[path][0]:.3g}.")
    words = {path: "  ".join(numbers)}
    return Moment(Stage.BACK, objective, (path,), words, f"{path}: {' '.join(told)}", into=False)


def _update(objective: ObjectivePlan, weights: Mapping[str, tuple[float, float]]) -> Moment:
    rate = objective.layer.learning_rate
    count = sum(one.numel() for one in objective.parameters.values())
    numbers = {path: f"|w| {held:.3g}  |∂L/∂w| {gradient:.3g}" for path, (gradient, held) in weights.items()}
    sentence = (
        f"{objective.layer.title} changes {count:,} weights against their gradients, at the rate {rate:g}."
    )
    return Moment(Stage.BACK, objective.path, tuple(weights), numbers, sentence, into=False)


def _norm(value: Tensor) -> float:
    return float(value.detach().float().norm())


def _words(value: Tensor) -> str:
    """The values of the first sample where they are few, else the mean and deviation of all."""
    first = value.detach()[0] if value.dim() else value.detach()
    if first.numel() <= MOST_SHOWN:
        return ", ".join(f"{float(one):.3g}" for one in first.reshape(-1))
    if not value.is_floating_point():
        return ", ".join(str(int(one)) for one in first.reshape(-1)[:MOST_SHOWN]) + " …"
    wide = value.detach().float()
    return f"{float(wide.mean()):.3g} ± {float(wide.std()):.3g}"
