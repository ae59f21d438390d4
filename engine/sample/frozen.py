"""A copy of a plan's modules that holds the weights of one moment and is always in evaluation mode.

Samplers evaluate with it, so that training goes on with its own weights between two calls of a long loop, and
nothing has to be put back.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from engine.compile import Plan
from nodes.torch_internals import foreach_copy_


class Frozen:
    """Copies of some modules of a plan, by node path. Weights are tied in the copies as in the plan."""

    def __init__(self, plan: Plan, paths: Iterable[str]) -> None:
        self.taken = 0
        """How often weights were taken over: whoever began before goes on with other ones."""
        memo: dict[int, Any] = {}
        self.modules: dict[str, nn.Module] = {}
        self._pairs: list[tuple[str, nn.Module, nn.Module]] = []
        made: dict[int, nn.Module] = {}
        for path in _with_owners(plan, paths):
            live = plan.modules[path]
            if id(live) not in made:
                made[id(live)] = _copied(live, memo)
                self._pairs.append((plan.nodes[path].weight_path, live, made[id(live)]))
            self.modules[path] = made[id(live)]

    @property
    def names(self) -> tuple[str, ...]:
        """The weights and running statistics of these modules, as a checkpoint names them."""
        return tuple(
            f"{path}.{name}" for path, live, _ in self._pairs for name in live.state_dict(keep_vars=True)
        )

    def take(self, averages: Mapping[str, Tensor]) -> None:
        """Take over the present weights; the running means of those that are in `averages`, by name."""
        self.taken += 1
        given, own = [], []
        for path, live, copied in self._pairs:
            present = {**dict(live.named_parameters()), **dict(live.named_buffers())}
            for name, tensor in (*copied.named_parameters(), *copied.named_buffers()):
                given.append(averages.get(f"{path}.{name}", present[name]).detach())
                own.append(tensor)
        if own:
            with torch.no_grad():
                foreach_copy_(own, given)


def _with_owners(plan: Plan, paths: Iterable[str]) -> tuple[str, ...]:
    """These paths, and before them those whose weights they are tied to."""
    asked = dict.fromkeys(paths)
    owners = [tie.owner for tie in plan.training_plan.ties if tie.path in asked]
    return tuple(dict.fromkeys((*owners, *asked)))


def _copied(module: nn.Module, memo: dict[int, Any]) -> nn.Module:
    held = [(parameter, parameter.grad) for parameter in module.parameters()]
    for parameter, _ in held:
        parameter.grad = None  # nobody needs a copy of the gradients
    try:
        copied = copy.deepcopy(module, memo)
    finally:
        for parameter, gradient in held:
            parameter.grad = gradient
    return copied.eval().requires_grad_(False)
