"""Activations: what a unit does with its sum. Each acts on every value by itself and keeps the shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodes.spec import Family, Layer, TensorSpec

if TYPE_CHECKING:
    from torch import nn


class ReLU(Layer):
    """Passes what is positive and stops the rest: max(0, x)."""

    type = "relu"
    family = Family.ACTIVATION
    aliases = ("rectifier", "rectified linear")

    def build(self, features: TensorSpec) -> nn.Module:
        from torch import nn

        return nn.ReLU()


class Tanh(Layer):
    """Squashes each value into (−1, 1), steepest at zero."""

    family = Family.ACTIVATION
    aliases = ("hyperbolic tangent",)

    def build(self, features: TensorSpec) -> nn.Module:
        from torch import nn

        return nn.Tanh()
