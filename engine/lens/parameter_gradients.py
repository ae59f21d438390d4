"""Gradients of the losses of a sample with respect to the parameters of nodes; nothing is added to their
`grad`.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from engine.compile import Plan
from engine.expand.flat import FlatEnd
from engine.system.random_state import kept_random_state
from nodes.modules.values.tied import lent_weights

Values = Mapping[FlatEnd, Tensor]


def parameters_of(plan: Plan, path: str) -> dict[str, Tensor]:
    """The parameters of the node at this path by name, those of the parts that it is made of
    (`out_proj.weight`) and those of others that it uses too.
    """
    module = plan.modules.get(path)
    return {} if module is None else {**lent_weights(module), **dict(module.named_parameters())}


def gradients_of(plan: Plan, values: Values, targets: list[str]) -> dict[str, Tensor]:
    """Gradients of the losses of the sample, by `path.parameter`: of each objective for what it updates.

    Nothing is added to the `grad` of a parameter.
    """
    held = {f"{path}.{name}": one for path in targets for name, one in parameters_of(plan, path).items()}
    held = {name: one for name, one in held.items() if one.requires_grad}
    if not held or not plan.objectives:
        return {}
    found: dict[str, Tensor] = {}
    with torch.enable_grad(), kept_random_state(plan.device):
        plan.eval()
        try:
            losses, _, _ = plan.evaluation(values)
        finally:
            plan.train()
        for objective, loss in zip(plan.objectives, losses, strict=True):
            updated = {id(one) for one in objective.parameters.values()}
            names = [name for name, one in held.items() if id(one) in updated]
            if names and loss.requires_grad:
                wanted = [held[name] for name in names]
                given = torch.autograd.grad(loss.sum(), wanted, retain_graph=True, allow_unused=True)
                for name, gradient in zip(names, given, strict=True):
                    if gradient is not None:
                        found[name] = found[name] + gradient if name in found else gradient
    return found
