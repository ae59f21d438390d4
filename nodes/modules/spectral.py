"""Spectral normalisation: a layer divides its weights by their largest singular value.

Mixed into a layer that is linear in its weights, in which dividing what enters is the same and leaves the
weights their names: `weight` as it learns, beside it `weight_u` and `weight_v`, the singular vectors so far.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_BEGIN = 15
"""Power iterations with which the vectors begin; then one for each forward pass while training."""
_SMALLEST = 1e-12


class Spectral(nn.Module):
    """Mixed in before a dense or convolutional layer (Miyato et al., 2018)."""

    weight: nn.Parameter
    weight_u: Tensor
    weight_v: Tensor

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        matrix = self._matrix().detach()
        u, v = (F.normalize(matrix.new_empty(size).normal_(), dim=0, eps=_SMALLEST) for size in matrix.shape)
        for _ in range(_BEGIN):
            u, v = _iterated(matrix, u)
        self.register_buffer("weight_u", u)
        self.register_buffer("weight_v", v)

    def _matrix(self) -> Tensor:
        """The weights with a row for each output."""
        transposed = isinstance(self, nn.ConvTranspose1d | nn.ConvTranspose2d)
        return (self.weight.transpose(0, 1) if transposed else self.weight).flatten(1)

    def norm(self) -> Tensor:
        """The largest singular value of the weights, as a scalar; while training it is found more closely."""
        matrix = self._matrix()
        u, v = self.weight_u, self.weight_v
        if self.training:
            with torch.no_grad():
                u, v = _iterated(matrix, u)
                self.weight_u.copy_(u)
                self.weight_v.copy_(v)
        # copies, because the vectors may change before the backward pass
        return torch.dot(u.clone(), torch.mv(matrix, v.clone()))

    def forward(self, features: Tensor) -> Tensor:
        result: Tensor = super().forward(features / self.norm())
        return result

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, spectral norm"


def _iterated(matrix: Tensor, u: Tensor) -> tuple[Tensor, Tensor]:
    v = F.normalize(torch.mv(matrix.t(), u), dim=0, eps=_SMALLEST)
    return F.normalize(torch.mv(matrix, v), dim=0, eps=_SMALLEST), v


_MADE: dict[str, type[nn.Module]] = {}


def spectral(layer: type[nn.Module]) -> type[nn.Module]:
    """The layer's class with its weights divided by their largest singular value."""
    name = f"Spectral{layer.__name__}"
    if name not in _MADE:
        _MADE[name] = type(name, (Spectral, layer), {"__doc__": layer.__doc__})
    return _MADE[name]
