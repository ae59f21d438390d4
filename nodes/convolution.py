"""Convolutions: learned kernels that slide over signals, images or volumes; transposed and split forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from nodes import fused, telling, window
from nodes.param import Bool, Choice, Int, Size
from nodes.spec import Family, Inputs, Layer, LayerError, Mend, Port, SetParam, TensorSpec, known

if TYPE_CHECKING:
    from torch import nn

_IMAGES = (Port("input", "images or feature maps (N, C, H, W)", ranks=(4,)),)
_SIGNALS = (Port("input", "signals (N, C, L)", ranks=(3,)),)
_CHANNELS = "Number of kernels, and of channels that leave."


class Convolution(Layer):
    """What convolutions of every dimension share."""

    abstract = True
    family = Family.CONVOLUTION
    dims: ClassVar[int] = 2

    out_channels = Int(16, min=1, max=4096, label="Output channels", help=_CHANNELS)
    kernel_size = window.kernel(2)
    stride = window.stride(2)
    padding = window.padding(2)
    dilation = window.dilation(2)
    groups = Int(
        1, min=1, max=4096, advanced=True, help="Channels are split into this many independent groups."
    )
    padding_mode = Choice(
        "zeros",
        choices=("zeros", "reflect", "replicate", "circular"),
        advanced=True,
        help="What the padding is filled with.",
    )
    bias = Bool(True, help="Add a learned constant to each output channel.")
    activation = fused.activation_param()

    def build(self, image: TensorSpec) -> nn.Module:
        from nodes.modules.fused import fused as module

        return module(
            f"Conv{self.dims}d",
            self.activation,
            known(image.shape[1]),
            self.out_channels,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            self.groups,
            self.bias,
            self.padding_mode,
        )

    def check(self, image: TensorSpec) -> None:
        window.check_groups(image, self.out_channels, self.groups)
        window.check_fit(image, self.kernel_size, self.padding, self.dilation)
        _check_padding_mode(image, self.padding, self.padding_mode)

    def telling(self) -> str:
        return telling.line(
            str(self.out_channels),
            telling.by(self.kernel_size),
            telling.unless(self.stride, 1, "stride"),
            telling.unless(self.padding, 0, "pad"),
            fused.NAMES[self.activation],
        )

    def arithmetic(self, inputs: Inputs, outputs: tuple[TensorSpec, ...]) -> str:
        return window.sum_of(inputs, outputs, self.kernel_size, self.stride, self.padding, self.dilation)


def _check_padding_mode(image: TensorSpec, padding: tuple[int, ...], mode: str) -> None:
    if mode not in ("reflect", "circular"):
        return
    spare = 1 if mode == "reflect" else 0
    most = [size - spare for size in window.spatial(image)]
    if any(pad > limit for pad, limit in zip(padding, most, strict=True)):
        mends: tuple[Mend, ...] = (SetParam("padding_mode", "zeros"),)
        expected = f"{mode} padding of at most {telling.by(most)}, taken from the input itself"
        raise LayerError(expected, telling.by(padding), port="input", mends=mends)


class Conv2d(Convolution):
    """Slides learned kernels over an image and sums the products. One kernel bank per output channel.

    Input `(N, C, H, W)`, output `(N, out_channels, H', W')` with
    `H' = ⌊(H + 2·padding − dilation·(kernel_size − 1) − 1) / stride⌋ + 1`.

    As everywhere in the field the kernel is not flipped: this is cross-correlation. From LeCun et al. (1989),
    Backpropagation applied to handwritten zip code recognition.
    """

    aliases = ("convolution", "conv", "cnn", "filter", "kernel", "feature map", "edge detection")
    inputs = _IMAGES


class Conv1d(Convolution):
    """Slides learned kernels along a signal, a series or a sentence and sums the products.

    Input `(N, C, L)`, output `(N, out_channels, L')` with
    `L' = ⌊(L + 2·padding − dilation·(kernel_size − 1) − 1) / stride⌋ + 1`.

    Sequences here are `(N, time, features)`: put Permute 0, 2, 1 before it, so that features become channels.
    """

    aliases = ("convolution", "conv", "cnn", "temporal", "tcn", "signal", "audio", "time series")
    dims = 1
    inputs = _SIGNALS
    kernel_size = window.kernel(1)
    stride = window.stride(1)
    padding = window.padding(1)
    dilation = window.dilation(1)


class Conv3d(Convolution):
    """Slides learned kernels through a volume or a film and sums the products.

    Input `(N, C, D, H, W)`, output `(N, out_channels, D', H', W')`, each size as for Conv2d.
    """

    aliases = ("convolution", "conv", "cnn", "volume", "video", "voxel", "mri")
    dims = 3
    inputs = (Port("input", "volumes (N, C, D, H, W)", ranks=(5,)),)
    kernel_size = window.kernel(3)
    stride = window.stride(3)
    padding = window.padding(3)
    dilation = window.dilation(3)


class DepthwiseConv2d(Layer):
    """A kernel for each channel by itself: looks for patterns, mixes no channels.

    Input `(N, C, H, W)`, output `(N, C·multiplier, H', W')`, sizes as for Conv2d. The first half of a
    separable convolution (Howard et al., 2017, MobileNets).
    """

    family = Family.CONVOLUTION
    aliases = ("convolution", "conv", "mobilenet", "channelwise", "grouped")
    inputs = _IMAGES

    multiplier = Int(1, min=1, max=64, help="Kernels, and maps that leave, per channel that enters.")
    kernel_size = window.kernel(2)
    stride = window.stride(2)
    padding = window.padding(2)
    dilation = window.dilation(2)
    bias = Bool(True, help="Add a learned constant to each output channel.")
    activation = fused.activation_param()

    def build(self, image: TensorSpec) -> nn.Module:
        from nodes.modules.fused import fused as module

        channels = known(image.shape[1])
        return module(
            "Conv2d",
            self.activation,
            channels,
            channels * self.multiplier,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            groups=channels,
            bias=self.bias,
        )

    def check(self, image: TensorSpec) -> None:
        window.check_fit(image, self.kernel_size, self.padding, self.dilation)

    def telling(self) -> str:
        return telling.line(
            telling.by(self.kernel_size),
            f"×{self.multiplier}" if self.multiplier > 1 else "",
            telling.unless(self.stride, 1, "stride"),
            telling.unless(self.padding, 0, "pad"),
            fused.NAMES[self.activation],
        )

    def arithmetic(self, inputs: Inputs, outputs: tuple[TensorSpec, ...]) -> str:
        return window.sum_of(inputs, outputs, self.kernel_size, self.stride, self.padding, self.dilation)


class SeparableConv2d(Layer):
    """Looks for patterns in each channel, then mixes the channels with a 1×1 convolution.

    Input `(N, C, H, W)`, output `(N, out_channels, H', W')`, sizes as for Conv2d. It needs about
    1 / kernel area of the multiply-adds of a full convolution (Chollet, 2017, Xception).
    """

    family = Family.CONVOLUTION
    aliases = ("convolution", "conv", "depthwise", "pointwise", "xception", "mobilenet")
    inputs = _IMAGES

    out_channels = Int(16, min=1, max=4096, label="Output channels", help="Number of maps that leave.")
    kernel_size = window.kernel(2)
    stride = window.stride(2)
    padding = window.padding(2)
    dilation = window.dilation(2)
    multiplier = Int(1, min=1, max=64, advanced=True, help="Kernels per channel that enters.")
    bias = Bool(True, help="Add a learned constant to each output channel.")
    activation = fused.activation_param()

    def build(self, image: TensorSpec) -> nn.Module:
        from nodes.modules.fused import SeparableConv2d as Module

        return Module(
            known(image.shape[1]),
            self.out_channels,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            self.multiplier,
            self.bias,
            self.activation,
        )

    def check(self, image: TensorSpec) -> None:
        window.check_fit(image, self.kernel_size, self.padding, self.dilation)

    def telling(self) -> str:
        return telling.line(
            str(self.out_channels),
            telling.by(self.kernel_size),
            telling.unless(self.stride, 1, "stride"),
            telling.unless(self.padding, 0, "pad"),
            fused.NAMES[self.activation],
        )

    def arithmetic(self, inputs: Inputs, outputs: tuple[TensorSpec, ...]) -> str:
        return window.sum_of(inputs, outputs, self.kernel_size, self.stride, self.padding, self.dilation)


class TransposedConvolution(Layer):
    """What transposed convolutions of every dimension share."""

    abstract = True
    family = Family.CONVOLUTION
    dims: ClassVar[int] = 2

    out_channels = Int(16, min=1, max=4096, label="Output channels", help=_CHANNELS)
    kernel_size = window.kernel(2, 4)
    stride = Size(2, dims=2, min=1, max=255, help="How many times larger the output is, about.")
    padding = Size(1, dims=2, help="Places cut off at each side of the output.")
    output_padding = Size(0, dims=2, max=254, advanced=True, help="Places added at one side of the output.")
    dilation = window.dilation(2)
    groups = Int(
        1, min=1, max=4096, advanced=True, help="Channels are split into this many independent groups."
    )
    bias = Bool(True, help="Add a learned constant to each output channel.")
    activation = fused.activation_param()

    def build(self, image: TensorSpec) -> nn.Module:
        from nodes.modules.fused import fused as module

        return module(
            f"ConvTranspose{self.dims}d",
            self.activation,
            known(image.shape[1]),
            self.out_channels,
            self.kernel_size,
            self.stride,
            self.padding,
            self.output_padding,
            self.groups,
            self.bias,
            self.dilation,
        )

    def check(self, image: TensorSpec) -> None:
        window.check_groups(image, self.out_channels, self.groups)
        room = [max(s, d) - 1 for s, d in zip(self.stride, self.dilation, strict=True)]
        if any(extra > most for extra, most in zip(self.output_padding, room, strict=True)):
            raise LayerError(
                f"output padding below the stride or the dilation, at most {telling.by(room)}",
                telling.by(self.output_padding),
                mends=(SetParam("output_padding", window.written(room)),),
            )
        left = [self._size(i, size) for i, size in enumerate(window.spatial(image))]
        if any(size < 1 for size in left):
            raise LayerError(
                "an output of at least 1 in every direction",
                telling.by(left),
                port="input",
                arithmetic=self._sums(window.spatial(image), left),
                mends=(SetParam("padding", 0),),
            )

    def _size(self, axis: int, size: int) -> int:
        reach = self.dilation[axis] * (self.kernel_size[axis] - 1) + 1
        return (size - 1) * self.stride[axis] - 2 * self.padding[axis] + reach + self.output_padding[axis]

    def _sums(self, sizes: tuple[int, ...], left: list[int]) -> str:
        lines = []
        for i, size in enumerate(sizes):
            spread, points = self.dilation[i], self.kernel_size[i]
            reach = str(points) if spread == 1 else f"{spread}·({points} − 1) + 1"
            extra = f" + {self.output_padding[i]}" if self.output_padding[i] else ""
            lines.append(f"({size} − 1)·{self.stride[i]} − 2·{self.padding[i]} + {reach}{extra} = {left[i]}")
        return window.per_axis(lines)

    def telling(self) -> str:
        return telling.line(
            str(self.out_channels),
            telling.by(self.kernel_size),
            telling.unless(self.stride, 1, "stride"),
            telling.unless(self.padding, 0, "pad"),
            fused.NAMES[self.activation],
        )

    def arithmetic(self, inputs: Inputs, outputs: tuple[TensorSpec, ...]) -> str:
        return self._sums(window.spatial(window.tensor(inputs)), list(window.spatial(outputs[0])))


class ConvTranspose2d(TransposedConvolution):
    """Spreads each value over a learned kernel and adds up: makes maps larger. The reverse of Conv2d's
    shapes.

    Input `(N, C, H, W)`, output `(N, out_channels, H', W')` with
    `H' = (H − 1)·stride − 2·padding + dilation·(kernel_size − 1) + output_padding + 1`.

    A kernel size that the stride divides avoids chequerboards (Odena et al., 2016). From Zeiler et al.
    (2010).
    """

    aliases = (
        "transposed convolution",
        "deconvolution",
        "deconv",
        "upconv",
        "upsample",
        "generator",
        "decoder",
    )
    inputs = _IMAGES


class ConvTranspose1d(TransposedConvolution):
    """Spreads each value over a learned kernel and adds up: makes signals longer. The reverse of Conv1d's
    shapes.

    Input `(N, C, L)`, output `(N, out_channels, L')` with
    `L' = (L − 1)·stride − 2·padding + dilation·(kernel_size − 1) + output_padding + 1`.
    """

    aliases = ("transposed convolution", "deconvolution", "deconv", "upconv", "upsample", "signal")
    dims = 1
    inputs = _SIGNALS
    kernel_size = window.kernel(1, 4)
    stride = Size(2, dims=1, min=1, max=255, help="How many times longer the output is, about.")
    padding = Size(1, dims=1, help="Places cut off at each side of the output.")
    output_padding = Size(0, dims=1, max=254, advanced=True, help="Places added at one side of the output.")
    dilation = window.dilation(1)
