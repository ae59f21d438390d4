"""Refuses batches in which a batch norm would see one value per channel, before the first step.

Inspection tells the same where it can; here the rows are known that were left out, and the part of a batch
that each of several processes takes.
"""

from __future__ import annotations

from engine.compile import CompileError, Plan
from nodes.layers.normalisation import BatchNorm
from nodes.spec import TensorSpec

ADVICE = "Use more samples, a larger batch or fewer processes; or use Layer norm."


def require_values(plan: Plan, size: int) -> None:
    """Raise `CompileError` where batches of this size leave a norm one value per channel."""
    for path, node in plan.nodes.items():
        if not isinstance(node.layer, BatchNorm) or node.frozen or not node.inputs[0]:
            continue
        spec = plan.specs.get(node.inputs[0][0])
        if isinstance(spec, TensorSpec) and node.layer.sees_one_value(size, spec):
            raise CompileError(
                f"{path}: {node.layer.title}: Expected at least 2 values per channel in a batch. "
                f"Received 1: a training batch holds {size} and a sample is {spec}. {ADVICE}"
            )
