"""Equalised learning rate: weights are drawn with deviation 1 and scaled as they are used.

Mixed into a layer that is linear in its weights, in which scaling what enters is the same.
"""

from __future__ import annotations

import math
from typing import Any

from torch import Tensor, nn


class Equalised(nn.Module):
    """Mixed in before a dense or convolutional layer (Karras et al., 2018): weights times √(2 / fan-in)."""

    weight: nn.Parameter
    bias: nn.Parameter | None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        transposed = isinstance(self, nn.ConvTranspose1d | nn.ConvTranspose2d)
        matrix = self.weight.transpose(0, 1) if transposed else self.weight
        self.gain = math.sqrt(2.0 / (matrix.numel() // matrix.shape[0]))
        nn.init.normal_(self.weight)
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    def forward(self, features: Tensor) -> Tensor:
        result: Tensor = super().forward(features * self.gain)
        return result

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, gain={self.gain:g}"


_MADE: dict[str, type[nn.Module]] = {}


def equalised(layer: type[nn.Module]) -> type[nn.Module]:
    """The layer's class with its weights scaled as they are used."""
    name = f"Equalised{layer.__name__}"
    if name not in _MADE:
        _MADE[name] = type(name, (Equalised, layer), {"__doc__": layer.__doc__})
    return _MADE[name]
