"""Modules that rearrange, join, cut and summarise tensors: each is a torch call with fixed arguments."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Reshape(nn.Module):
    """Gives each sample another shape; `regroup`: the batch dimension takes what is left."""

    def __init__(self, shape: tuple[int, ...], regroup: bool = False) -> None:
        super().__init__()
        self.shape, self.regroup = shape, regroup

    def forward(self, tensor: Tensor) -> Tensor:
        batch = -1 if self.regroup else tensor.shape[0]
        return tensor.reshape(batch, *self.shape)

    def extra_repr(self) -> str:
        return f"{self.shape}"


class Permute(nn.Module):
    """Puts the dimensions in another order."""

    def __init__(self, order: tuple[int, ...]) -> None:
        super().__init__()
        self.order = order

    def forward(self, tensor: Tensor) -> Tensor:
        return tensor.permute(self.order)

    def extra_repr(self) -> str:
        return f"{self.order}"


class Concat(nn.Module):
    """Joins tensors along a dimension."""

    def __init__(self, dimension: int) -> None:
        super().__init__()
        self.dimension = dimension

    def forward(self, *tensors: Tensor) -> Tensor:
        return torch.cat(tensors, self.dimension)


class Split(nn.Module):
    """Cuts a tensor into parts of given sizes along a dimension."""

    def __init__(self, sizes: tuple[int, ...], dimension: int) -> None:
        super().__init__()
        self.sizes, self.dimension = list(sizes), dimension

    def forward(self, tensor: Tensor) -> tuple[Tensor, ...]:
        return tuple(torch.split(tensor, self.sizes, self.dimension))


class Slice(nn.Module):
    """Takes a range along a dimension."""

    def __init__(self, dimension: int, start: int, stop: int, step: int) -> None:
        super().__init__()
        self.dimension, self.range = dimension, slice(start, stop, step)

    def forward(self, tensor: Tensor) -> Tensor:
        index = (slice(None),) * (self.dimension % tensor.dim())
        return tensor[(*index, self.range)]


class Select(nn.Module):
    """Takes one place along a dimension, which goes."""

    def __init__(self, dimension: int, index: int) -> None:
        super().__init__()
        self.dimension, self.index = dimension, index

    def forward(self, tensor: Tensor) -> Tensor:
        return tensor.select(self.dimension, self.index)


class Pad(nn.Module):
    """Adds places around the last dimensions; `amounts` as torch wants them, last dimension first."""

    def __init__(self, amounts: tuple[int, ...], mode: str, value: float) -> None:
        super().__init__()
        self.amounts, self.mode, self.value = list(amounts), mode, value

    def forward(self, tensor: Tensor) -> Tensor:
        return F.pad(tensor, self.amounts, self.mode, self.value if self.mode == "constant" else None)


class OneHot(nn.Module):
    """Rows of zeros with a one at the index."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.classes = classes

    def forward(self, indices: Tensor) -> Tensor:
        # Not F.one_hot, which looks at the values to check them and so waits for the device.
        places = torch.arange(self.classes, device=indices.device)
        return (indices.unsqueeze(-1) == places).to(torch.get_default_dtype())


def _norm(tensor: Tensor, dimensions: tuple[int, ...], keep: bool) -> Tensor:
    length: Tensor = torch.linalg.vector_norm(tensor, dim=dimensions, keepdim=keep)
    return length


def _variance(tensor: Tensor, dimensions: tuple[int, ...], keep: bool) -> Tensor:
    return torch.var(tensor, dimensions, correction=0, keepdim=keep)


OPERATIONS: dict[str, Callable[[Tensor, tuple[int, ...], bool], Tensor]] = {
    "mean": torch.mean,
    "sum": torch.sum,
    "max": torch.amax,
    "min": torch.amin,
    "variance": _variance,
    "norm": _norm,
}


class Reduce(nn.Module):
    """Summarises dimensions by one number each."""

    def __init__(self, operation: str, dimensions: tuple[int, ...], keep: bool) -> None:
        super().__init__()
        self.operation, self.dimensions, self.keep = operation, dimensions, keep

    def forward(self, tensor: Tensor) -> Tensor:
        return OPERATIONS[self.operation](tensor, self.dimensions, self.keep)

    def extra_repr(self) -> str:
        return f"{self.operation}, {self.dimensions}"


class Patches(nn.Module):
    """Square patches in reading order, each laid in a row."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, image: Tensor) -> Tensor:
        n, c, h, w = image.shape
        p = self.size
        tiles = image.reshape(n, c, h // p, p, w // p, p).permute(0, 2, 4, 1, 3, 5)
        return tiles.reshape(n, (h // p) * (w // p), c * p * p)
