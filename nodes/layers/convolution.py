"""Convolutions: learned kernels that slide over signals, images or volumes; transposed and split forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from nodes.param import Bool, Choice, Int
from nodes.shared import (
    activation_option,
    card_label,
    given_weights,
    manual_weights,
    sliding_window,
    tied_weights,
)
from nodes.spec import Family, Inputs, Layer, LayerError, Port, ProposedFix, SetParam, TensorSpec, known

if TYPE_CHECKING:
    from torch import nn

_IMAGES = (Port("input", "images or feature maps (N, C, H, W)", ranks=(4,)),)
_SIGNALS = (Port("input", "signals (N, C, L)", ranks=(3,)),)
_CHANNELS = "Number of kernels, and of channels that leave."
_PRESETS = ("random", "identity", "gaussian", "sharpen", "edges", "sobel_x", "sobel_y")


def _initial() -> Choice:
    text = "Kernels before training; freeze the layer to keep them."
    return Choice("random", choices=_PRESETS, advanced=True, label="Start from", help=text)


def _check_initial(initial: str, kernel_size: tuple[int, ...]) -> None:
    if initial != "random" and set(kernel_size) != {3}:
        expected, fixes = f"a 3×3 kernel to start from {initial}", (SetParam("kernel_size", 3),)
        raise LayerError(expected, card_label.by(kernel_size), fixes=fixes)


def _start(module: nn.Module, initial: str) -> nn.Module:
    from nodes.modules.kernels import fill

    if initial != "random":
        fill(module, initial)
    return module


class Convolution(Layer):
    """What convolutions of every dimension share."""

    abstract = True
    family = Family.CONVOLUTION
    dims: ClassVar[int] = 2
    tied_weight = "weight"

    out_channels = Int(16, min=1, max=4096, label="Output channels", help=_CHANNELS)
    kernel_size = sliding_window.kernel(2)
    stride = sliding_window.stride(2)
    padding = sliding_window.padding(2)
    dilation = sliding_window.dilation(2)
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
    activation = activation_option.activation_param()
    spectral_norm = activation_option.spectral_param()
    equalised = activation_option.equalised_param()
    tied_to = tied_weights.tied_param()

    def build(self, image: TensorSpec) -> nn.Module:
        from nodes.modules.activation_option import with_activation as module

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
            spectral_norm=self.spectral_norm,
            equalised=self.equalised,
        )

    def check(self, image: TensorSpec) -> None:
        sliding_window.check_groups(image, self.out_channels, self.groups)
        sliding_window.check_fit(image, self.kernel_size, self.padding, self.dilation)
        _check_padding_mode(image, self.padding, self.padding_mode)
        activation_option.check_equalised(equalised=self.equalised, spectral_norm=self.spectral_norm)

    def card_label(self) -> str:
        activation = activation_option.NAMES[self.activation]
        kernel = sliding_window.kernel_label(
            str(self.out_channels), self.kernel_size, self.stride, self.padding, activation
        )
        return card_label.line(kernel, tied_weights.label(self.tied_to))

    def arithmetic(self, inputs: Inputs, outputs: tuple[TensorSpec, ...]) -> str:
        return sliding_window.sum_of(
            inputs, outputs, self.kernel_size, self.stride, self.padding, self.dilation
        )


def _check_padding_mode(image: TensorSpec, padding: tuple[int, ...], mode: str) -> None:
    if mode not in ("reflect", "circular"):
        return
    spare = 1 if mode == "reflect" else 0
    most = [size - spare for size in sliding_window.spatial(image)]
    if any(pad > limit for pad, limit in zip(padding, most, strict=True)):
        fixes: tuple[ProposedFix, ...] = (SetParam("padding_mode", "zeros"),)
        expected = f"{mode} padding of at most {card_label.by(most)}, taken from the input itself"
        raise LayerError(expected, card_label.by(padding), port="input", fixes=fixes)


class Conv2d(Convolution):
    """Slides learned kernels over an image and sums the products. One kernel bank per output channel.

    Input `(N, C, H, W)`, output `(N, out_channels, H', W')` with
    `H' = ⌊(H + 2·padding − dilation·(kernel_size − 1) − 1) / stride⌋ + 1`.

    As everywhere in the field the kernel is not flipped: this is cross-correlation. From LeCun et al. (1989),
    Backpropagation applied to handwritten zip code recognition.
    """

    aliases = ("convolution", "conv", "cnn", "filter", "kernel", "feature map", "edge detection", "sharpen")
    inputs = _IMAGES

    initial = _initial()
    weights = manual_weights.weights_param(
        "Rows of one kernel for all, such as `1 0; 0 1`, or of each; empty: as above."
    )
    biases = manual_weights.biases_param()

    def build(self, image: TensorSpec) -> nn.Module:
        from nodes.modules.manual_weights import write

        made = _start(super().build(image), self.initial)
        return write(made, *self._written(image)) if self.weights or self.biases else made

    def check(self, image: TensorSpec) -> None:
        super().check(image)
        _check_initial(self.initial, self.kernel_size)
        activation_option.check_equalised(
            equalised=self.equalised,
            spectral_norm=False,
            by_hand=bool(self.weights or self.biases or self.initial != self.params["initial"].default),
        )
        if self.weights or self.biases:
            _, biases = self._written(image)
            manual_weights.check_biases(biases, self.out_channels, self.bias)

    def _written(self, image: TensorSpec) -> tuple[manual_weights.Rows, tuple[float, ...]]:
        """Rows of every kernel, and biases, that are set by hand; empty where they are not."""
        kernels = self.out_channels * known(image.shape[1]) // self.groups
        rows = manual_weights.rows_of(self.weights, "weights")
        biases = manual_weights.rows_of(self.biases, "biases")
        return manual_weights.kernel_rows(rows, self.kernel_size, kernels), tuple(
            v for row in biases for v in row
        )


class Conv1d(Convolution):
    """Slides learned kernels along a signal, a series or a sentence and sums the products.

    Input `(N, C, L)`, output `(N, out_channels, L')` with
    `L' = ⌊(L + 2·padding − dilation·(kernel_size − 1) − 1) / stride⌋ + 1`.

    Sequences here are `(N, time, features)`: put Permute 0, 2, 1 before it, so that features become channels.
    """

    aliases = ("convolution", "conv", "cnn", "temporal", "tcn", "signal", "audio", "time series")
    dims = 1
    inputs = _SIGNALS
    kernel_size = sliding_window.kernel(1)
    stride = sliding_window.stride(1)
    padding = sliding_window.padding(1)
    dilation = sliding_window.dilation(1)
    given = given_weights.given_param()


class Conv3d(Convolution):
    """Slides learned kernels through a volume or a film and sums the products.

    Input `(N, C, D, H, W)`, output `(N, out_channels, D', H', W')`, each size as for Conv2d.
    """

    aliases = ("convolution", "conv", "cnn", "volume", "video", "voxel", "mri")
    dims = 3
    inputs = (Port("input", "volumes (N, C, D, H, W)", ranks=(5,)),)
    kernel_size = sliding_window.kernel(3)
    stride = sliding_window.stride(3)
    padding = sliding_window.padding(3)
    dilation = sliding_window.dilation(3)
    given = given_weights.given_param()


class DepthwiseConv2d(Layer):
    """A kernel for each channel by itself: looks for patterns, mixes no channels.

    Input `(N, C, H, W)`, output `(N, C·multiplier, H', W')`, sizes as for Conv2d. The first half of a
    separable convolution (Howard et al., 2017, MobileNets).
    """

    family = Family.CONVOLUTION
    aliases = ("convolution", "conv", "mobilenet", "channelwise", "grouped")
    inputs = _IMAGES

    multiplier = Int(1, min=1, max=64, help="Kernels, and maps that leave, per channel that enters.")
    kernel_size = sliding_window.kernel(2)
    stride = sliding_window.stride(2)
    padding = sliding_window.padding(2)
    dilation = sliding_window.dilation(2)
    bias = Bool(True, help="Add a learned constant to each output channel.")
    activation = activation_option.activation_param()
    initial = _initial()
    given = given_weights.given_param()

    def build(self, image: TensorSpec) -> nn.Module:
        from nodes.modules.activation_option import with_activation as module

        channels = known(image.shape[1])
        made = module(
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
        return _start(made, self.initial)

    def check(self, image: TensorSpec) -> None:
        sliding_window.check_fit(image, self.kernel_size, self.padding, self.dilation)
        _check_initial(self.initial, self.kernel_size)

    def card_label(self) -> str:
        return card_label.line(
            card_label.by(self.kernel_size),
            f"×{self.multiplier}" if self.multiplier > 1 else "",
            card_label.unless(self.stride, 1, "stride"),
            card_label.unless(self.padding, 0, "pad"),
            activation_option.NAMES[self.activation],
        )

    def arithmetic(self, inputs: Inputs, outputs: tuple[TensorSpec, ...]) -> str:
        return sliding_window.sum_of(
            inputs, outputs, self.kernel_size, self.stride, self.padding, self.dilation
        )


class SeparableConv2d(Layer):
    """Looks for patterns in each channel, then mixes the channels with a 1×1 convolution.

    Input `(N, C, H, W)`, output `(N, out_channels, H', W')`, sizes as for Conv2d. It needs about
    1 / kernel area of the multiply-adds of a full convolution (Chollet, 2017, Xception).
    """

    family = Family.CONVOLUTION
    aliases = ("convolution", "conv", "depthwise", "pointwise", "xception", "mobilenet")
    inputs = _IMAGES

    out_channels = Int(16, min=1, max=4096, label="Output channels", help="Number of maps that leave.")
    kernel_size = sliding_window.kernel(2)
    stride = sliding_window.stride(2)
    padding = sliding_window.padding(2)
    dilation = sliding_window.dilation(2)
    multiplier = Int(1, min=1, max=64, advanced=True, help="Kernels per channel that enters.")
    bias = Bool(True, help="Add a learned constant to each output channel.")
    activation = activation_option.activation_param()
    given = given_weights.given_param()

    def build(self, image: TensorSpec) -> nn.Module:
        from nodes.modules.activation_option import SeparableConv2d as Module

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
        sliding_window.check_fit(image, self.kernel_size, self.padding, self.dilation)

    def card_label(self) -> str:
        activation = activation_option.NAMES[self.activation]
        return sliding_window.kernel_label(
            str(self.out_channels), self.kernel_size, self.stride, self.padding, activation
        )

    def arithmetic(self, inputs: Inputs, outputs: tuple[TensorSpec, ...]) -> str:
        return sliding_window.sum_of(
            inputs, outputs, self.kernel_size, self.stride, self.padding, self.dilation
        )
