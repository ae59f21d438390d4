"""How much one inference may do: nodes, and layers that are evaluated for the first time.

What is over either is not inferred; a problem of the drawing says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from engine.document.project import MAIN, Project
from engine.expand.expansion import LIMIT
from engine.expand.flat import FlatNode
from engine.expand.size import same_size, size_fault
from engine.infer.layer import known_outcome, outcome_of
from engine.infer.outcome import Outcome
from engine.report import Problem
from nodes.spec import Inputs, Layer, Role
from nodes.training.objective import Objective

MOST_NODES = 30_000
"""The most nodes of a drawing that is inferred, once blocks are repeated. They take about a second."""
LEAST_EVALUATIONS = 200
"""So many layers are evaluated, though it may take up to `LONGEST_SECONDS`."""
LONGEST_SECONDS = 2.0
MOST_SECONDS = 1.0
"""Seconds of computing for the evaluations of one inference, beyond `LEAST_EVALUATIONS`."""

MOST_SOURCES = 1000
"""The most data nodes that are looked at."""
MOST_COMPARISONS = 5_000_000
"""Of nodes with losses, objectives and paths that objectives update."""


class Work:
    """What one inference has evaluated. Layers that are known already count nothing."""

    def __init__(self) -> None:
        self.evaluations, self.seconds, self.sources = 0, 0.0, 0
        self.is_short = False
        """Whether a layer was left out since it would have been too much."""

    @property
    def is_spent(self) -> bool:
        """Whether no more layers may be evaluated."""
        enough = self.evaluations >= LEAST_EVALUATIONS and self.seconds >= MOST_SECONDS
        return enough or self.seconds >= LONGEST_SECONDS

    def outcome(self, layer: Layer, inputs: Inputs) -> Outcome | None:
        """The outcome of a layer on these inputs; None where it would be too much."""
        return known_outcome(layer, inputs) or self.measured(lambda: outcome_of(layer, inputs))

    def source(self, find: Callable[[], Outcome]) -> Outcome | None:
        """What `find` finds of a data set, whose reading has bounds of its own; None of one too many."""
        self.sources += 1
        if self.sources > MOST_SOURCES:
            self.is_short = True
            return None
        return find()

    def measured(self, find: Callable[[], Outcome]) -> Outcome | None:
        """What `find` finds; None where it would be too much."""
        if self.is_spent:
            self.is_short = True
            return None
        started = time.thread_time()
        found = find()
        self.seconds += time.thread_time() - started
        self.evaluations += 1
        return found


def too_large(project: Project, before: Project | None = None) -> Problem | None:
    """The problem of a drawing that has too many nodes to be inferred; None where it has not.

    `before` is one that was inferred.
    """
    if before is not None and same_size(project, before):
        return None
    expected, received = size_fault(project, MOST_NODES)
    if not expected:
        return None
    can_train = not size_fault(project, LIMIT)[0]
    hint = "It can be trained, but its shapes are not shown." if can_train else ""
    message = f"Draw fewer nodes, or repeat blocks less often: too large to infer. Expected {expected}."
    message = f"{message} Received {received}. {hint}".rstrip()
    severity = "warning" if can_train else "error"
    return Problem(MAIN, "", "", message, severity=severity, expected=expected, received=received)


def too_many_goals(nodes: Mapping[str, FlatNode]) -> Problem | None:
    """The problem of a drawing whose objectives and losses cannot be compared with all its nodes."""
    objectives = [node for node in nodes.values() if isinstance(node.layer, Objective)]
    names = sum(1 + node.layer.values["updates"].count(",") for node in objectives)
    losses = sum(node.layer.role is Role.LOSS for node in nodes.values())
    if (len(objectives) + names + losses) * len(nodes) <= MOST_COMPARISONS:
        return None
    key = next(node.path for node in nodes.values() if node.layer.role in (Role.LOSS, Role.OBJECTIVE))
    place = nodes[key]
    expected = "fewer losses and objectives, and fewer paths in what they update"
    received = f"{losses:,} and {len(objectives):,} of {len(nodes):,} nodes, with {names:,} paths"
    message = f"What trains is not looked into: too many. Expected {expected}. Received {received}."
    return Problem(
        place.graph, place.id, key, message, severity="warning", expected=expected, received=received
    )


def unfinished(project: Project, known: int, count: int) -> Problem:
    """The problem of a drawing with more different layers than one inference evaluates."""
    key = next(iter(project.main.nodes), "")
    expected = "fewer layers that differ in their parameters or inputs"
    received = f"{count:,} nodes, of which {known:,} are inferred so far"
    message = f"Change anything to go on: too large to infer. Expected {expected}. Received {received}."
    return Problem(MAIN, key, key, message, severity="warning", expected=expected, received=received)
