"""Turns gradients into updates, as an objective says: SGD, Adam, AdamW, RMSprop, with clipping of the
gradient.

The numbers are those of `torch.optim` (a test holds it), through the same fused kernels. They are called
directly because `torch.optim` imports the whole of torch's compiler when its first optimiser is made (0.8 s
between Play and the first step) and walks over every parameter group at each step. Knows nothing of
objectives' losses or of drawings.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from nodes.objective import Objective


class Optimiser:
    """Updates `parameters` (by name) from their `.grad` at `learning_rate`, which may be set at any time."""

    def __init__(self, objective: Objective, parameters: dict[str, Tensor]) -> None:
        self.learning_rate: float = objective.learning_rate
        self.weight_decay: float = objective.weight_decay
        self.clip_norm: float = objective.clip_norm
        self.names = list(parameters)
        self.parameters = list(parameters.values())
        self.moments: dict[str, list[Tensor]] = {
            name: [torch.zeros_like(p) for p in self.parameters] for name in objective.moments()
        }

    def step(self) -> None:
        """One update of every parameter that has a gradient; the gradients are consumed."""
        gradients = [parameter.grad for parameter in self.parameters]
        present = [gradient for gradient in gradients if gradient is not None]
        with torch.no_grad():
            if self.clip_norm > 0.0 and present:
                clip(present, self.clip_norm)
            if len(present) == len(gradients):
                self.update(self.parameters, present, list(self.moments.values()))
            elif present:
                self._update_some(gradients, present)
        for parameter in self.parameters:
            parameter.grad = None

    def _update_some(self, gradients: Sequence[Tensor | None], present: list[Tensor]) -> None:
        """A parameter that got no gradient keeps its value and its moments, as in torch."""
        live = [i for i, gradient in enumerate(gradients) if gradient is not None]
        moments = [[tensors[i] for i in live] for tensors in self.moments.values()]
        self.update([self.parameters[i] for i in live], present, moments)

    def update(self, parameters: list[Tensor], gradients: list[Tensor], moments: list[list[Tensor]]) -> None:
        """Apply the rule to these parameters."""
        raise NotImplementedError

    def state(self) -> dict[str, Tensor]:
        """Everything remembered, as `MOMENT/PARAMETER`."""
        return {
            f"{moment}/{name}": tensor
            for moment, tensors in self.moments.items()
            for name, tensor in zip(self.names, tensors, strict=True)
        }

    def load_state(self, state: dict[str, Tensor]) -> None:
        """Take up what `state` gave; what is missing there starts anew."""
        with torch.no_grad():
            for key, tensor in self.state().items():
                if key in state:
                    tensor.copy_(state[key])


class SGD(Optimiser):
    """Steps along the gradient, with momentum (Polyak, 1964; Nesterov, 1983)."""

    def __init__(self, objective: Objective, parameters: dict[str, Tensor]) -> None:
        self.momentum: float = objective.momentum
        self.nesterov: bool = objective.nesterov and self.momentum > 0.0
        super().__init__(objective, parameters)

    def update(self, parameters: list[Tensor], gradients: list[Tensor], moments: list[list[Tensor]]) -> None:
        torch._fused_sgd_(
            parameters,
            gradients,
            moments[0] if moments else [],
            weight_decay=self.weight_decay,
            momentum=self.momentum,
            lr=self.learning_rate,
            dampening=0.0,
            nesterov=self.nesterov,
            maximize=False,
            is_first_step=False,  # the buffers start at zero, which comes to the same
        )


class Adam(Optimiser):
    """Running means of the gradient and of its square (Kingma and Ba, 2015)."""

    kernel: Any = staticmethod(torch._fused_adam_)

    def __init__(self, objective: Objective, parameters: dict[str, Tensor]) -> None:
        self.betas: tuple[float, float] = (objective.beta1, objective.beta2)
        self.epsilon: float = objective.epsilon
        super().__init__(objective, parameters)
        # One count serves all parameters until one of them misses a gradient.
        device = self.parameters[0].device if self.parameters else None
        self.counts = [torch.zeros((), device=device)] * len(self.parameters)

    def _update_some(self, gradients: Sequence[Tensor | None], present: list[Tensor]) -> None:
        if len({id(count) for count in self.counts}) < len(self.counts):
            self.counts = [count.clone() for count in self.counts]
        live = [i for i, gradient in enumerate(gradients) if gradient is not None]
        kept, self.counts = self.counts, [self.counts[i] for i in live]
        super()._update_some(gradients, present)
        self.counts = kept

    def update(self, parameters: list[Tensor], gradients: list[Tensor], moments: list[list[Tensor]]) -> None:
        counts = self.counts
        if counts[0] is counts[-1]:
            counts[0].add_(1.0)
        else:
            torch._foreach_add_(counts, 1.0)
        self.kernel(
            parameters,
            gradients,
            moments[0],
            moments[1],
            [],
            counts,
            lr=self.learning_rate,
            beta1=self.betas[0],
            beta2=self.betas[1],
            weight_decay=self.weight_decay,
            eps=self.epsilon,
            amsgrad=False,
            maximize=False,
        )

    def state(self) -> dict[str, Tensor]:
        counts = {f"count/{name}": count for name, count in zip(self.names, self.counts, strict=True)}
        return super().state() | counts

    def load_state(self, state: dict[str, Tensor]) -> None:
        kept = [state.get(f"count/{name}") for name in self.names]
        values = {float(count) for count in kept if count is not None}
        if len(values) > 1:
            self.counts = [count.clone() for count in self.counts]
        super().load_state(state)


class AdamW(Adam):
    """Adam with weight decay kept out of the running means (Loshchilov and Hutter, 2019)."""

    kernel = staticmethod(torch._fused_adamw_)


class RMSprop(Optimiser):
    """A running mean of the squared gradient alone (Tieleman and Hinton, 2012); no fused kernel exists."""

    def __init__(self, objective: Objective, parameters: dict[str, Tensor]) -> None:
        self.smoothing: float = objective.smoothing
        self.epsilon: float = objective.epsilon
        super().__init__(objective, parameters)

    def update(self, parameters: list[Tensor], gradients: list[Tensor], moments: list[list[Tensor]]) -> None:
        if self.weight_decay:
            gradients = list(torch._foreach_add(gradients, parameters, alpha=self.weight_decay))
        squares = moments[0]
        torch._foreach_mul_(squares, self.smoothing)
        torch._foreach_addcmul_(squares, gradients, gradients, 1.0 - self.smoothing)
        divisors = torch._foreach_sqrt(squares)
        torch._foreach_add_(divisors, self.epsilon)
        torch._foreach_addcdiv_(parameters, gradients, divisors, -self.learning_rate)


OPTIMISERS: dict[str, type[Optimiser]] = {"sgd": SGD, "adam": Adam, "adamw": AdamW, "rmsprop": RMSprop}


def optimiser(objective: Objective, parameters: dict[str, Tensor]) -> Optimiser:
    """The optimiser that this objective names, over these parameters."""
    return OPTIMISERS[objective.optimiser](objective, parameters)


def clip(gradients: list[Tensor], longest: float) -> None:
    """Shorten the gradients in place so that their common length is at most `longest`."""
    norms = torch._foreach_norm(gradients)
    total = torch.linalg.vector_norm(torch.stack(norms))
    factor = (longest / (total + 1e-6)).clamp_max_(1.0)
    torch._foreach_mul_(gradients, factor)
