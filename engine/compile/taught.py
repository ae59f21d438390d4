"""What a loss teaches a value: which loss compares it, with what, and what is between the two.

Knows declarations alone; nothing of how values are computed.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.compile.plan import Plan
from engine.expand.flat import FlatEnd, FlatNode
from nodes.data.source import DataSource
from nodes.spec import Role, TensorSpec

ACTIVATIONS = {"softmax": "softmax", "log_softmax": "exp", "sigmoid": "sigmoid", "log_sigmoid": "exp"}
"""Activations that make probabilities, and how scores that come after them become some."""


@dataclass(frozen=True)
class Taught:
    """The loss that compares a value, the end it compares it with, and what is between value and loss."""

    loss: FlatNode | None = None
    against: FlatEnd | None = None
    activated: str = ""
    compared: TensorSpec | None = None


def taught_by(plan: Plan, end: FlatEnd) -> Taught:
    """The loss that compares this value, or one that differs from it by an activation or its shape alone."""
    base, through = _origin(plan, end)
    for node in plan.nodes.values():
        if node.layer.role is not Role.LOSS or not node.inputs or not node.inputs[0]:
            continue
        compared = node.inputs[0][0]
        other, before = _origin(plan, compared)
        if other != base or len(before) > len(through):
            continue
        against = node.inputs[1][0] if len(node.inputs) > 1 and node.inputs[1] else None
        return Taught(node, against, through[-1] if through[len(before) :] else "", plan.specs[compared])
    return Taught(activated=through[-1] if through else "")


def _origin(plan: Plan, end: FlatEnd) -> tuple[FlatEnd, tuple[str, ...]]:
    """Where this value comes from, back through layers that change its shape alone and through activations
    that make probabilities; and these activations, the first one first.
    """
    passed: list[str] = []
    while (node := plan.nodes.get(end.path)) is not None:
        layer = node.layer
        alone = len(node.inputs) == 1 and len(node.inputs[0]) == 1
        if not alone or not (layer.keeps_scale or layer.type in ACTIVATIONS):
            break
        if layer.type in ACTIVATIONS:
            passed.append(layer.type)
        end = node.inputs[0][0]
    return end, tuple(reversed(passed))


def data_end(plan: Plan, end: FlatEnd | None) -> FlatEnd | None:
    """The end of a data node whose values, moved or reshaped alone, are at this end."""
    while end is not None and (node := plan.nodes.get(end.path)) is not None:
        if isinstance(node.layer, DataSource):
            return end
        alone = len(node.inputs) == 1 and len(node.inputs[0]) == 1
        end = node.inputs[0][0] if alone and node.layer.keeps_scale else None
    return None
