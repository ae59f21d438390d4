"""Gives a convolution the fixed kernels of image processing."""

from __future__ import annotations

import torch
from torch import nn

from nodes.shared.fixed_kernels import KERNELS


def fill(module: nn.Module, name: str) -> None:
    """Give every kernel of a convolution these weights, shared out over its input channels, and no bias."""
    assert isinstance(module, nn.Conv2d)
    kernel = torch.tensor(KERNELS[name]) / module.weight.shape[1]
    with torch.no_grad():
        module.weight.copy_(kernel.expand_as(module.weight))
        if module.bias is not None:
            module.bias.zero_()
