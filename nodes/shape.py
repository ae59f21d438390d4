"""Layers that rearrange values without changing them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodes.spec import Family, Layer, Port, TensorSpec

if TYPE_CHECKING:
    from torch import nn


class Flatten(Layer):
    """Lays all values of a sample in one row: (N, C, H, W) becomes (N, C·H·W)."""

    family = Family.SHAPE
    aliases = ("reshape", "vector")
    inputs = (Port("input", "any tensor (N, …)", dtype="any", ranks=(2, 3, 4, 5)),)

    def build(self, features: TensorSpec) -> nn.Module:
        from torch import nn

        return nn.Flatten()
