"""Convolutions: learned kernels that slide over a signal, an image or a volume, and their transposed and split forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodes.param import Bool, Int, Size
from nodes.spec import Family, Inputs, InsertBefore, Layer, LayerError, Mend, Port, SetParam, TensorSpec

if TYPE_CHECKING:
    from torch import nn


class Conv2d(Layer):
    """Slides learned kernels over an image and sums the products. One kernel bank per output channel.

    Input `(N, C, H, W)`, output `(N, out_channels, H', W')` with
    `H' = ⌊(H + 2·padding − dilation·(kernel_size − 1) − 1) / stride⌋ + 1`.
    """

    family = Family.CONVOLUTION
    aliases = ("convolution", "conv", "cnn", "filter")
    inputs = (Port("input", "images or feature maps (N, C, H, W)", ranks=(4,)),)

    out_channels = Int(16, min=1, max=4096, label="Output channels", help="Number of kernels, and of maps that leave.")
    kernel_size = Size(3, dims=2, min=1, max=255, help="Height and width of each kernel, in pixels.")
    stride = Size(1, dims=2, min=1, max=255, help="Pixels that the kernel moves from one output to the next.")
    padding = Size(0, dims=2, help="Pixels of zeros added on each side.")
    dilation = Size(1, dims=2, min=1, max=255, advanced=True, help="Distance between neighbouring kernel points.")
    groups = Int(1, min=1, max=4096, advanced=True, help="Channels are split into this many independent groups.")
    bias = Bool(True, help="Add a learned constant to each output channel.")

    def build(self, image: TensorSpec) -> nn.Module:
        from torch import nn

        return nn.Conv2d(
            int(image.shape[1]),  # type: ignore[arg-type]
            self.out_channels,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            self.groups,
            self.bias,
        )
