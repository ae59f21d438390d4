"""Gradients that are taken in the forward pass, and can be differentiated again."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def slope(value: Tensor, features: Tensor) -> Tensor:
    """∂(Σ value)/∂features, of the shape of the features, to be differentiated again.

    Where no gradient can be taken (`torch.no_grad`), or the features have no part in the value, it is 0.
    """
    if not value.requires_grad or not features.requires_grad or not torch.is_grad_enabled():
        return torch.zeros_like(features)
    (found,) = torch.autograd.grad(
        value.sum(), features, create_graph=True, allow_unused=True, materialize_grads=True
    )
    return found


class Gradient(nn.Module):
    """(value, features) -> ∂(Σ value)/∂features."""

    def forward(self, value: Tensor, features: Tensor) -> Tensor:
        return slope(value, features)
