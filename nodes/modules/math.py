"""Arithmetic on tensors as modules."""

from __future__ import annotations

import operator
from functools import reduce

import torch
from torch import Tensor, nn


class Add(nn.Module):
    """The sum of all inputs."""

    def forward(self, *tensors: Tensor) -> Tensor:
        return reduce(operator.add, tensors)


class Multiply(nn.Module):
    """The product of all inputs."""

    def forward(self, *tensors: Tensor) -> Tensor:
        return reduce(operator.mul, tensors)


class Subtract(nn.Module):
    """a − b."""

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return a - b


class Divide(nn.Module):
    """a / (b + ε)."""

    def __init__(self, epsilon: float) -> None:
        super().__init__()
        self.epsilon = epsilon

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return a / (b + self.epsilon) if self.epsilon else a / b


class MatMul(nn.Module):
    """a @ b, with b turned round where asked for."""

    def __init__(self, transpose: bool) -> None:
        super().__init__()
        self.transpose = transpose

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return a @ (b.transpose(-2, -1) if self.transpose else b)


class Scale(nn.Module):
    """factor·by·x + offset; without `by`, factor·x + offset."""

    factor: Tensor
    offset: Tensor

    def __init__(self, factor: float, offset: float, learned: bool) -> None:
        super().__init__()
        for name, value in (("factor", factor), ("offset", offset)):
            if learned:
                self.register_parameter(name, nn.Parameter(torch.tensor(value)))
            else:
                self.register_buffer(name, torch.tensor(value), persistent=False)

    def forward(self, features: Tensor, by: Tensor | None = None) -> Tensor:
        factor = self.factor if by is None else self.factor * by
        return features * factor + self.offset


FUNCTIONS = {
    "exp": torch.exp,
    "log": torch.log,
    "sqrt": torch.sqrt,
    "square": torch.square,
    "abs": torch.abs,
    "negate": torch.neg,
    "reciprocal": torch.reciprocal,
    "sin": torch.sin,
    "cos": torch.cos,
}


class Function(nn.Module):
    """A function of each value."""

    def __init__(self, function: str) -> None:
        super().__init__()
        self.function = function

    def forward(self, features: Tensor) -> Tensor:
        return FUNCTIONS[self.function](features)


class StopGradient(nn.Module):
    """The same values, cut off from what they were computed from."""

    def forward(self, features: Tensor) -> Tensor:
        return features.detach()
