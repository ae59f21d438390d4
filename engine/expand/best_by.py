"""The figure by which a run chooses its best weights: a validation loss or a metric.

Derived from the setting `best_by` and the expanded nodes of a project.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from engine.expand.flat import FlatNode
from nodes.training.metric import Metric
from nodes.training.objective import Objective
from nodes.user_error import UserError

MOST_NAMED = 8
"""The most paths that a message lists."""
ADVICE = "Choose one as Best by in the run's settings, or leave it empty."


class BestByError(UserError, ValueError):
    """`best_by` is not the path of an objective or a metric with one number."""

    def __init__(self, expected: str, received: str) -> None:
        super().__init__(f"Best by: Expected {expected}. Received {received}. {ADVICE}")
        self.expected, self.received = expected, received


class BestBy(NamedTuple):
    """A figure of the validation data: the loss of the objective at `path`, or the metric at it."""

    path: str
    words: str
    higher_is_better: bool = False

    @property
    def worst(self) -> float:
        return -math.inf if self.higher_is_better else math.inf

    def is_better(self, value: float, other: float) -> bool:
        """Whether `value` is better than `other`; NaN never is."""
        return value > other if self.higher_is_better else value < other


def best_by_choices(nodes: Mapping[str, FlatNode]) -> dict[str, BestBy]:
    """Every possible value of `best_by` by path: objectives, then metrics."""
    losses = [path for path, node in nodes.items() if isinstance(node.layer, Objective) and node.inputs[0]]
    found = {path: BestBy(path, f"validation loss of {path}") for path in losses}
    if len(losses) == 1:
        found[losses[0]] = BestBy(losses[0], "validation loss")
    for path, node in nodes.items():
        if isinstance(node.layer, Metric):
            found[path] = BestBy(path, f"{path} on the validation data", node.layer.higher_is_better)
    return found


def best_by_of(asked: str, nodes: Mapping[str, FlatNode]) -> BestBy | None:
    """The figure that the setting `best_by` names; where it is empty, the loss of the only objective.

    None where the setting is empty and there are several objectives: the sum of their losses does not
    measure the weights. Raises `BestByError` for a path that is neither an objective's nor a metric's.
    """
    found = best_by_choices(nodes)
    if asked:
        if asked not in found:
            raise BestByError(_paths(found), repr(asked))
        return found[asked]
    losses = [path for path in found if isinstance(nodes[path].layer, Objective)]
    return found[losses[0]] if len(losses) == 1 else None


def _paths(found: Mapping[str, BestBy]) -> str:
    listed = ", ".join([*found][:MOST_NAMED]) + (", …" if len(found) > MOST_NAMED else "")
    return f"the path of an objective or a metric ({listed or 'there are none'})"
