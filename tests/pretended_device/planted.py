"""Layers that must not pass: a constant that stays on the CPU, and one that is moved in every step."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nodes.spec import Family, Layer, TensorSpec


class LeftBehind(nn.Module):
    """Adds a constant of the CPU, wherever its input lies."""

    def forward(self, features: Tensor) -> Tensor:
        return features + torch.ones(features.shape[1:])


class Waiting(nn.Module):
    """Adds a constant of the CPU that it moves to where its input lies."""

    def forward(self, features: Tensor) -> Tensor:
        return features + torch.ones(features.shape[1:]).to(features.device)


class PlantedConstant(Layer):
    """Adds one to each value, with a constant that it makes on the CPU."""

    family = Family.MATH
    aliases = ("planted",)

    def build(self, features: TensorSpec) -> nn.Module:
        return LeftBehind()


class PlantedWait(Layer):
    """Adds one to each value, with a constant that it moves to the device in every step."""

    family = Family.MATH
    aliases = ("planted",)

    def build(self, features: TensorSpec) -> nn.Module:
        return Waiting()
