"""Arithmetic, comparisons and choices as modules."""

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


COMPARISONS = {
    ">": torch.gt,
    ">=": torch.ge,
    "<": torch.lt,
    "<=": torch.le,
    "==": torch.eq,
    "!=": torch.ne,
}


class Compare(nn.Module):
    """Whether a is greater than b, …, as bool; without b: than a number."""

    def __init__(self, operation: str, value: float) -> None:
        super().__init__()
        self.operation, self.value = operation, value

    def forward(self, a: Tensor, b: Tensor | None = None) -> Tensor:
        with torch.no_grad():
            answer: Tensor = COMPARISONS[self.operation](a, self.value if b is None else b)
        return answer


class Cast(nn.Module):
    """To the floats of the run, to int64 or to bool; floats stay of their kind."""

    def __init__(self, to: str) -> None:
        super().__init__()
        self.to_kind = to

    def forward(self, features: Tensor) -> Tensor:
        if self.to_kind == "bool":
            return features != 0
        if self.to_kind == "int":
            return features.detach().to(torch.int64)
        return features if features.is_floating_point() else features.to(torch.get_default_dtype())


class Where(nn.Module):
    """a where the condition is not 0, else b or a number."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = value

    def forward(self, condition: Tensor, a: Tensor, b: Tensor | None = None) -> Tensor:
        if b is None:
            b = a.new_full((), self.value if a.is_floating_point() else int(self.value))
        return torch.where(condition != 0, a, b)


class ArgMax(nn.Module):
    """The place of the greatest, or the least, value along a dimension, which goes."""

    def __init__(self, dimension: int, least: bool) -> None:
        super().__init__()
        self.dimension, self.least = dimension, least

    def forward(self, features: Tensor) -> Tensor:
        return (torch.argmin if self.least else torch.argmax)(features, self.dimension)


class LargestValues(nn.Module):
    """The k greatest values along a dimension, sorted, and their places."""

    def __init__(self, k: int, dimension: int) -> None:
        super().__init__()
        self.k, self.dimension = k, dimension

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        values, places = features.topk(self.k, self.dimension)
        return values, places


class CumulativeSum(nn.Module):
    """Running sums along a dimension, from its beginning or its end."""

    def __init__(self, dimension: int, reverse: bool) -> None:
        super().__init__()
        self.dimension, self.reverse = dimension, reverse

    def forward(self, features: Tensor) -> Tensor:
        if not self.reverse:
            return features.cumsum(self.dimension)
        return features.flip(self.dimension).cumsum(self.dimension).flip(self.dimension)


class OuterProduct(nn.Module):
    """aᵢ·bⱼ of rows (N, …, R) and (N, …, C)."""

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return a.unsqueeze(-1) * b.unsqueeze(-2)


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
