"""Measures a plan on its validation data: losses and metrics, in evaluation mode, without gradients."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

import torch
from torch import Tensor

from engine.compile import Plan
from engine.compile.plan import Evaluation
from engine.feed.sources import Sources, Values
from engine.messages.events import CurveInfo
from engine.train.divergence.nonfinite import located
from nodes.training.metric import Metric


@dataclass(frozen=True)
class Measured:
    """Losses by objective path, metrics by node path.

    A loss is the mean over all that was measured: batches count by their samples, those of a weighted mean by
    their weights, so that the size of a batch changes nothing. (A loss that goes through other nodes before
    its objective counts by samples alone.)

    `nonfinite` are sentences on the values among them that are no finite numbers, with counts.
    """

    losses: dict[str, float]
    metrics: dict[str, float]
    nonfinite: tuple[str, ...] = ()

    def bad(self) -> list[str]:
        """Paths of the losses and metrics that are no finite numbers."""
        return [path for path, value in (self.losses | self.metrics).items() if not isfinite(value)]


def curves_of(plan: Plan) -> tuple[tuple[CurveInfo, ...], tuple[CurveInfo, ...]]:
    """The objectives and the metrics of a plan, with titles and units."""
    objectives = tuple(CurveInfo(o.path, o.layer.title) for o in plan.objectives)
    metrics = []
    for path in plan.metrics:
        layer = plan.nodes[path].layer
        is_share = isinstance(layer, Metric) and layer.is_share
        metrics.append(CurveInfo(path, layer.title, "share" if is_share else ""))
    return objectives, tuple(metrics)


def validate(
    plan: Plan, sources: Sources, interrupted: Callable[[], bool] = lambda: False
) -> Measured | None:
    """One pass over the validation data; None where there is none, or where it was interrupted."""
    evaluation = plan.evaluation
    means = [[_Mean() for _ in terms] for terms in evaluation.terms]
    total = 0
    for path in evaluation.metrics:
        plan.metrics[path].reset()  # type: ignore[operator]
    plan.eval()
    try:
        with torch.no_grad():
            for size, values in sources.validation():
                if interrupted():
                    return None
                losses, measured, counted = evaluation.in_parts(values)
                total += size
                counts = {
                    path: plan.modules[path].counted(*inputs)  # type: ignore[operator]
                    for path, inputs in zip(evaluation.counting, counted, strict=True)
                }
                for place, terms in enumerate(evaluation.terms):
                    for mean, (end, _), loss in zip(means[place], terms, losses[place], strict=True):
                        mean.add(loss, counts.get(end.path), size)
                for path, inputs in zip(evaluation.metrics, measured, strict=True):
                    _update(plan, path, inputs, sources.factors)
            if not total:
                return None
            found, metrics = _summed_up(evaluation, means), computed(plan)
            return Measured(found, metrics, located(plan, sources, found | metrics, interrupted))
    finally:
        plan.train()


class _Mean:
    """The mean of one loss over batches. Sums stay on the device."""

    def __init__(self) -> None:
        self._sum: Tensor | float = 0.0
        self._count: Tensor | float = 0.0

    def add(self, loss: Tensor, counted: Tensor | None, size: int) -> None:
        """A batch of `size` samples; `counted` is its Σ w where they do not count alike."""
        count = size if counted is None else counted.to(loss.dtype)
        self._sum, self._count = self._sum + loss * count, self._count + count

    def value(self) -> Tensor:
        """0 where nothing counts."""
        total, count = torch.as_tensor(self._sum), torch.as_tensor(self._count)
        return total / torch.where(count > 0, count, torch.ones_like(count))


def _summed_up(evaluation: Evaluation, means: Sequence[Sequence[_Mean]]) -> dict[str, float]:
    """The loss of each objective, with the factors of what it adds up."""
    found = [
        sum(mean.value() * factor for mean, (_, factor) in zip(own, terms, strict=True))
        for own, terms in zip(means, evaluation.terms, strict=True)
    ]
    values = torch.stack([torch.as_tensor(one) for one in found]).tolist() if found else []
    return dict(zip(evaluation.losses, values, strict=True))


def training_metrics(plan: Plan, values: Values, factors: Mapping[str, Tensor]) -> dict[str, float]:
    """Metrics on the values of one training step, as far as that step computed what they measure."""
    with torch.no_grad():
        for path, module in plan.metrics.items():
            ends = [end for port in plan.nodes[path].inputs for end in port]
            module.reset()  # type: ignore[operator]
            if all(end in values for end in ends):
                _update(plan, path, [values[end].detach() for end in ends], factors)
        return computed(plan, [path for path in plan.metrics if _is_known(plan, path, values)])


def _update(plan: Plan, path: str, inputs: Sequence[Tensor], factors: Mapping[str, Tensor]) -> None:
    """Tell a metric what to measure, in the unit of the data; weights have none."""
    factor = factors.get(path)
    measured = inputs if factor is None else [*(tensor * factor for tensor in inputs[:2]), *inputs[2:]]
    plan.metrics[path].update(*measured)  # type: ignore[operator]


def computed(plan: Plan, paths: list[str] | None = None) -> dict[str, float]:
    """What the metrics that are single numbers come to."""
    found: dict[str, float] = {}
    for path in plan.metrics if paths is None else paths:
        value = torch.as_tensor(plan.metrics[path].compute())  # type: ignore[operator]
        if value.numel() == 1:
            found[path] = float(value)
    return found


def _is_known(plan: Plan, path: str, values: Values) -> bool:
    return all(end in values for port in plan.nodes[path].inputs for end in port)
