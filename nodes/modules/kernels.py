"""The fixed 3×3 kernels of image processing, for a convolution to start from."""

from __future__ import annotations

import torch
from torch import nn

KERNELS: dict[str, tuple[tuple[float, ...], ...]] = {
    "identity": ((0, 0, 0), (0, 1, 0), (0, 0, 0)),
    "gaussian": ((1 / 16, 2 / 16, 1 / 16), (2 / 16, 4 / 16, 2 / 16), (1 / 16, 2 / 16, 1 / 16)),
    "sharpen": ((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
    "edges": ((-1, -1, -1), (-1, 8, -1), (-1, -1, -1)),
    "sobel_x": ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
    "sobel_y": ((-1, -2, -1), (0, 0, 0), (1, 2, 1)),
}


def fill(module: nn.Module, name: str) -> None:
    """Give every kernel of a convolution these weights, shared out over its input channels, and no bias."""
    assert isinstance(module, nn.Conv2d)
    kernel = torch.tensor(KERNELS[name]) / module.weight.shape[1]
    with torch.no_grad():
        module.weight.copy_(kernel.expand_as(module.weight))
        if module.bias is not None:
            module.bias.zero_()
