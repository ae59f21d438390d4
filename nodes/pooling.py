"""Pooling: summaries of neighbourhoods that make maps smaller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodes.param import Size
from nodes.spec import Family, Layer, Port, TensorSpec

if TYPE_CHECKING:
    from torch import nn


class MaxPool2d(Layer):
    """Keeps the largest value of each window, so that small shifts of the image matter less.

    Input `(N, C, H, W)`, output `(N, C, H', W')`.
    """

    family = Family.POOLING
    aliases = ("max pool", "subsampling", "downsample")
    inputs = (Port("input", "feature maps (N, C, H, W)", ranks=(4,)),)

    kernel_size = Size(2, dims=2, min=1, max=255, help="Height and width of the window, in pixels.")
    stride = Size(2, dims=2, min=1, max=255, help="Pixels that the window moves from one output to the next.")
    padding = Size(0, dims=2, max=127, help="Pixels added on each side; at most half the window.")

    def build(self, image: TensorSpec) -> nn.Module:
        from torch import nn

        return nn.MaxPool2d(self.kernel_size, self.stride, self.padding)
