"""Fills a layer with weights that are written down."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn


def write(module: nn.Module, rows: Sequence[Sequence[float]], biases: Sequence[float]) -> nn.Module:
    """The module, with these rows as its weights and these biases, where there are any; what is left out
    stays as it is. The rows hold as many numbers as the weights, in their order.
    """
    weight, bias = module.weight, module.bias
    assert isinstance(weight, nn.Parameter)
    with torch.no_grad():
        if rows:
            weight.copy_(torch.tensor(rows, dtype=weight.dtype, device=weight.device).reshape(weight.shape))
        if biases and isinstance(bias, nn.Parameter):
            bias.copy_(torch.tensor(biases, dtype=bias.dtype, device=bias.device))
    return module
