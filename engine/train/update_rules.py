"""Update rules: how gradients become new weights. SGD, Adam, AdamW, NAdam, RMSprop, Adagrad, Muon.

The numbers are those of `torch.optim` (a test holds it), through the same fused kernels. They are called
directly because `torch.optim` imports the whole of torch's compiler when its first optimiser is made (0.8 s
between Play and the first step) and walks over every parameter group at each step.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from engine.train.update_rule import Number, Rule, RuleStep, Tensors
from nodes.torch_internals import (
    foreach_add_,
    foreach_addcdiv_,
    foreach_addcmul_,
    foreach_div,
    foreach_lerp,
    foreach_lerp_,
    foreach_mul,
    foreach_mul_,
    foreach_sqrt,
    foreach_sqrt_,
    fused_adam_,
    fused_adamw_,
    fused_sgd_,
)
from nodes.training.objective import MOMENTS, Objective


class SGD(Rule):
    """Steps along the gradient, with momentum (Polyak, 1964; Nesterov, 1983)."""

    def __init__(self, objective: Objective, parameters: dict[str, Tensor], factor: float = 1.0) -> None:
        self.momentum: float = objective.momentum
        self.nesterov: bool = objective.nesterov and self.momentum > 0.0
        self.remembers = objective.moments()
        super().__init__(objective, parameters, factor)

    def update(self, step: RuleStep) -> None:
        _, parameters, gradients, moments, (rate,) = step
        fused_sgd_(
            parameters,
            gradients,
            moments[0] if moments else [],
            weight_decay=self.weight_decay,
            momentum=self.momentum,
            lr=rate,
            dampening=0.0,
            nesterov=self.nesterov,
            maximize=False,
            is_first_step=False,  # the buffers start at zero, which comes to the same
        )


class Adam(Rule):
    """Running means of the gradient and of its square (Kingma and Ba, 2015)."""

    remembers = MOMENTS["adam"]
    kernel: Any = staticmethod(fused_adam_)

    def __init__(self, objective: Objective, parameters: dict[str, Tensor], factor: float = 1.0) -> None:
        self.betas: tuple[float, float] = (objective.beta1, objective.beta2)
        self.epsilon: float = objective.epsilon
        super().__init__(objective, parameters, factor)
        # One count serves all parameters until one of them misses a gradient.
        device = self.parameters[0].device if self.parameters else None
        self.counts = [torch.zeros((), device=device)] * len(self.parameters)

    def update(self, step: RuleStep) -> None:
        live, parameters, gradients, moments, (rate,) = step
        counts = self.counts
        if live is not self._all:
            self._part()
            counts = [self.counts[i] for i in live]
        if counts[0] is counts[-1]:
            counts[0].add_(1.0)
        else:
            foreach_add_(counts, 1.0)
        self.kernel(
            parameters,
            gradients,
            moments[0],
            moments[1],
            [],
            counts,
            lr=rate,
            beta1=self.betas[0],
            beta2=self.betas[1],
            weight_decay=self.weight_decay,
            eps=self.epsilon,
            amsgrad=False,
            maximize=False,
        )

    def keep_on_device(self, device: torch.device) -> None:
        super().keep_on_device(device)
        self._part()  # later would be too late for a graph that counts in the common one

    def _part(self) -> None:
        """Give every parameter a count of its own."""
        if len({id(count) for count in self.counts}) < len(self.counts):
            self.counts = [count.clone() for count in self.counts]

    def state(self) -> dict[str, Tensor]:
        counts = {f"count/{name}": count for name, count in zip(self.names, self.counts, strict=True)}
        return super().state() | counts

    def load_state(self, state: dict[str, Tensor]) -> None:
        values = {float(state.get(f"count/{name}", 0.0)) for name in self.names}
        if len(values) > 1:
            self._part()
        super().load_state(state)


class AdamW(Adam):
    """Adam with weight decay kept out of the running means (Loshchilov and Hutter, 2019)."""

    kernel = staticmethod(fused_adamw_)


class NAdam(Rule):
    """Adam that looks ahead along its momentum, as Nesterov does (Dozat, 2016); no fused kernel exists."""

    remembers = MOMENTS["nadam"]
    DECAY = 4e-3
    """How fast the momentum reaches its full share; the value of the paper."""

    def __init__(self, objective: Objective, parameters: dict[str, Tensor], factor: float = 1.0) -> None:
        self.betas: tuple[float, float] = (objective.beta1, objective.beta2)
        self.epsilon: float = objective.epsilon
        super().__init__(objective, parameters, factor)
        self.counts = [0] * len(self.parameters)
        self.products = [1.0] * len(self.parameters)

    def update(self, step: RuleStep) -> None:
        _, parameters, gradients, moments, numbers = step
        gradients = self._decayed(gradients, parameters)
        means, squares = moments
        foreach_lerp_(means, gradients, 1.0 - self.betas[0])
        foreach_mul_(squares, self.betas[1])
        foreach_addcmul_(squares, gradients, gradients, 1.0 - self.betas[1])
        groups = len(numbers) // 3
        for i in range(groups):  # one for all, or one for each parameter
            part = slice(i, i + 1) if groups > 1 else slice(None)
            self._apply(parameters[part], gradients[part], means[part], squares[part], numbers[3 * i :])

    def _apply(
        self,
        parameters: Tensors,
        gradients: Tensors,
        means: Tensors,
        squares: Tensors,
        numbers: Sequence[Number],
    ) -> None:
        by_gradient, by_mean, correction = numbers[:3]
        divisors = list(foreach_div(squares, correction))
        foreach_sqrt_(divisors)
        foreach_add_(divisors, self.epsilon)
        _add_divided(parameters, gradients, divisors, by_gradient)
        _add_divided(parameters, means, divisors, by_mean)

    def numbers(self, live: Sequence[int], rate: float) -> Sequence[float]:
        """Factors of the gradient and of the mean, and the correction of the square; three for all parameters
        that were updated as often, else three for each.
        """
        found = []
        for i in live:
            self.counts[i] += 1
            now, next_ = self._share(self.counts[i]), self._share(self.counts[i] + 1)
            self.products[i] *= now
            by_gradient = -rate * (1.0 - now) / (1.0 - self.products[i])
            by_mean = -rate * next_ / (1.0 - self.products[i] * next_)
            found.append((by_gradient, by_mean, 1.0 - self.betas[1] ** self.counts[i]))
        alike = len(set(found)) == 1
        return found[0] if alike else tuple(number for three in found for number in three)

    def _share(self, count: int) -> float:
        late: float = 0.96 ** (count * self.DECAY)
        return self.betas[0] * (1.0 - 0.5 * late)

    def state(self) -> dict[str, Tensor]:
        found = super().state()
        for name, count, product in zip(self.names, self.counts, self.products, strict=True):
            found[f"count/{name}"] = torch.tensor(count)
            found[f"product/{name}"] = torch.tensor(product, dtype=torch.float64)
        return found

    def load_state(self, state: dict[str, Tensor]) -> None:
        super().load_state(state)
        self.counts = [int(state.get(f"count/{name}", 0)) for name in self.names]
        self.products = [float(state.get(f"product/{name}", 1.0)) for name in self.names]


class RMSprop(Rule):
    """A running mean of the squared gradient alone (Tieleman and Hinton, 2012); no fused kernel exists."""

    remembers = MOMENTS["rmsprop"]

    def __init__(self, objective: Objective, parameters: dict[str, Tensor], factor: float = 1.0) -> None:
        self.smoothing: float = objective.smoothing
        self.epsilon: float = objective.epsilon
        super().__init__(objective, parameters, factor)

    def update(self, step: RuleStep) -> None:
        _, parameters, gradients, moments, (rate,) = step
        gradients = self._decayed(gradients, parameters)
        squares = moments[0]
        foreach_mul_(squares, self.smoothing)
        foreach_addcmul_(squares, gradients, gradients, 1.0 - self.smoothing)
        _divide(parameters, gradients, squares, self.epsilon, rate)


class Adagrad(Rule):
    """The sum of all squared gradients so far (Duchi, Hazan and Singer, 2011)."""

    remembers = MOMENTS["adagrad"]

    def __init__(self, objective: Objective, parameters: dict[str, Tensor], factor: float = 1.0) -> None:
        self.epsilon: float = objective.epsilon
        super().__init__(objective, parameters, factor)

    def update(self, step: RuleStep) -> None:
        _, parameters, gradients, moments, (rate,) = step
        gradients = self._decayed(gradients, parameters)
        sums = moments[0]
        foreach_addcmul_(sums, gradients, gradients, 1.0)
        _divide(parameters, gradients, sums, self.epsilon, rate)


class Muon(Rule):
    """Momentum, made orthogonal by five Newton-Schulz steps (Jordan et al., 2024). For matrices.

    The rate is scaled by 0.2 · √(longer side), so that one rate suits it and the AdamW beside it (Liu et
    al., 2025).
    """

    remembers = MOMENTS["sgd"]
    COEFFICIENTS = (3.4445, -4.7750, 2.0315)
    """Of the quintic; chosen for the steepest slope at 0 (Jordan, 2024)."""
    STEPS = 5

    def __init__(self, objective: Objective, parameters: dict[str, Tensor], factor: float = 1.0) -> None:
        self.momentum: float = objective.momentum
        super().__init__(objective, parameters, factor)

    def update(self, step: RuleStep) -> None:
        _, parameters, gradients, moments, (kept, *rates) = step
        foreach_lerp_(moments[0], gradients, 1.0 - self.momentum)
        ahead = foreach_lerp(gradients, moments[0], self.momentum)
        foreach_mul_(parameters, kept)
        for parameter, direction, rate in zip(parameters, ahead, rates, strict=True):
            made = orthogonal(direction, self.COEFFICIENTS, self.STEPS)
            if isinstance(rate, Tensor):
                parameter.addcmul_(made.to(parameter.dtype), rate.to(parameter.dtype))
            else:
                parameter.add_(made, alpha=rate)

    def numbers(self, live: Sequence[int], rate: float) -> Sequence[float]:
        """The share of the weights that the decay leaves, then the rate of each matrix."""
        longest = [max(self.parameters[i].shape) for i in live]
        return (1.0 - rate * self.weight_decay, *(-rate * 0.2 * math.sqrt(length) for length in longest))


def orthogonal(matrix: Tensor, coefficients: tuple[float, float, float], steps: int) -> Tensor:
    """About U·Vᵀ of the matrix's U·S·Vᵀ, in bfloat16: its singular values come near 1."""
    a, b, c = coefficients
    found = matrix.bfloat16()
    tall = matrix.shape[0] > matrix.shape[1]
    if tall:
        found = found.T
    found = found / found.norm().clamp(min=1e-7)
    for _ in range(steps):
        gram = found @ found.T
        found = torch.addmm(found, torch.addmm(gram, gram, gram, beta=b, alpha=c), found, beta=a)
    return found.T if tall else found


def _divide(parameters: Tensors, gradients: Tensors, squares: Tensors, epsilon: float, rate: Number) -> None:
    """Step along the gradients divided by the roots of `squares`."""
    divisors = list(foreach_sqrt(squares))
    foreach_add_(divisors, epsilon)
    _add_divided(parameters, gradients, divisors, -rate)


def _add_divided(parameters: Tensors, dividends: Tensors, divisors: Tensors, factor: Number) -> None:
    """Add `factor * dividends / divisors` to the parameters."""
    if isinstance(factor, Tensor):
        foreach_addcdiv_(parameters, foreach_mul(dividends, factor), divisors)
    else:
        foreach_addcdiv_(parameters, dividends, divisors, factor)


RULES: dict[str, type[Rule]] = {
    "sgd": SGD,
    "adam": Adam,
    "adamw": AdamW,
    "nadam": NAdam,
    "rmsprop": RMSprop,
    "adagrad": Adagrad,
}
"""One rule for all weights; Muon takes two, see `optimiser`."""
