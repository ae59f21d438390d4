"""By what a run judges its weights: which of them are the best, and whether they still become better.

Reads the setting and the flat nodes of a drawing. Knows nothing of how the numbers come about.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from engine.expand.flat import FlatNode
from nodes.training.metric import Metric
from nodes.training.objective import Objective

MOST_NAMED = 8
"""Paths that a message offers."""
ADVICE = "Choose one as Best by in the run's settings, or leave it empty."


class JudgeError(ValueError):
    """The setting names what no weights can be judged by. Says what was expected and what came."""

    def __init__(self, expected: str, received: str) -> None:
        super().__init__(f"Best by: Expected {expected}. Received {received}. {ADVICE}")
        self.expected, self.received = expected, received


class Judge(NamedTuple):
    """A figure of the validation data: the loss of the objective at `path`, or the metric there."""

    path: str
    words: str
    higher_is_better: bool = False

    @property
    def worst(self) -> float:
        return -math.inf if self.higher_is_better else math.inf

    def is_better(self, value: float, other: float) -> bool:
        """Whether the first figure is the better one; not-a-number never is."""
        return value > other if self.higher_is_better else value < other


def judges(nodes: Mapping[str, FlatNode]) -> dict[str, Judge]:
    """All that weights may be judged by, by path: objectives, then metrics."""
    losses = [path for path, node in nodes.items() if isinstance(node.layer, Objective) and node.inputs[0]]
    found = {path: Judge(path, f"validation loss of {path}") for path in losses}
    if len(losses) == 1:
        found[losses[0]] = Judge(losses[0], "validation loss")
    for path, node in nodes.items():
        if isinstance(node.layer, Metric):
            found[path] = Judge(path, f"{path} on the validation data", node.layer.higher_is_better)
    return found


def judge_of(asked: str, nodes: Mapping[str, FlatNode]) -> Judge | None:
    """What the setting `best_by` asks for; where it is empty, the loss of the only objective.

    None where several objectives pull at the weights and nothing was chosen: the sum of their losses says
    nothing of the weights. Raises `JudgeError` for a path that is neither an objective's nor a metric's.
    """
    found = judges(nodes)
    if asked:
        if asked not in found:
            raise JudgeError(_paths(found), repr(asked))
        return found[asked]
    losses = [path for path in found if isinstance(nodes[path].layer, Objective)]
    return found[losses[0]] if len(losses) == 1 else None


def _paths(found: Mapping[str, Judge]) -> str:
    listed = ", ".join([*found][:MOST_NAMED]) + (", …" if len(found) > MOST_NAMED else "")
    return f"the path of an objective or a metric ({listed or 'there are none'})"
