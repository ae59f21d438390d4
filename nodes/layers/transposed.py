"""Transposed convolutions: kernels that are spread instead of slid, so that maps and signals grow."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from nodes.param import Bool, Int, Size
from nodes.shared import activation_option, card_label, given_weights, sliding_window, tied_weights
from nodes.spec import Family, Inputs, Layer, LayerError, Port, SetParam, TensorSpec, known

if TYPE_CHECKING:
    from torch import nn


class TransposedConvolution(Layer):
    """What transposed convolutions of every dimension share."""

    abstract = True
    family = Family.CONVOLUTION
    dims: ClassVar[int] = 2
    tied_weight = "weight"

    out_channels = Int(16, min=1, max=4096, label="Output channels", help="Number of channels that leave.")
    kernel_size = sliding_window.kernel(2, 4)
    stride = Size(2, dims=2, min=1, max=255, help="How many times larger the output is, about.")
    padding = Size(1, dims=2, help="Places cut off at each side of the output.")
    output_padding = Size(0, dims=2, max=254, advanced=True, help="Places added at one side of the output.")
    dilation = sliding_window.dilation(2)
    groups = Int(
        1, min=1, max=4096, advanced=True, help="Channels are split into this many independent groups."
    )
    bias = Bool(True, help="Add a learned constant to each output channel.")
    activation = activation_option.activation_param()
    spectral_norm = activation_option.spectral_param()
    equalised = activation_option.equalised_param()
    tied_to = tied_weights.tied_param()
    given = given_weights.given_param()

    def build(self, image: TensorSpec) -> nn.Module:
        from nodes.modules.activation_option import with_activation as module

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
            spectral_norm=self.spectral_norm,
            equalised=self.equalised,
        )

    def check(self, image: TensorSpec) -> None:
        sliding_window.check_groups(image, self.out_channels, self.groups)
        activation_option.check_equalised(equalised=self.equalised, spectral_norm=self.spectral_norm)
        room = [max(s, d) - 1 for s, d in zip(self.stride, self.dilation, strict=True)]
        if any(extra > most for extra, most in zip(self.output_padding, room, strict=True)):
            raise LayerError(
                f"output padding below the stride or the dilation, at most {card_label.by(room)}",
                card_label.by(self.output_padding),
                fixes=(SetParam("output_padding", sliding_window.written(room)),),
            )
        left = [self._size(i, size) for i, size in enumerate(sliding_window.spatial(image))]
        if any(size < 1 for size in left):
            raise LayerError(
                "an output of at least 1 in every direction",
                card_label.by(left),
                port="input",
                arithmetic=self._sums(sliding_window.spatial(image), left),
                fixes=(SetParam("padding", 0),),
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
            total = str(left[i]).replace("-", "−")
            lines.append(f"({size} − 1)·{self.stride[i]} − 2·{self.padding[i]} + {reach}{extra} = {total}")
        return sliding_window.per_axis(lines)

    def card_label(self) -> str:
        activation = activation_option.NAMES[self.activation]
        return sliding_window.kernel_label(
            str(self.out_channels), self.kernel_size, self.stride, self.padding, activation
        )

    def arithmetic(self, inputs: Inputs, outputs: tuple[TensorSpec, ...]) -> str:
        return self._sums(
            sliding_window.spatial(sliding_window.tensor(inputs)), list(sliding_window.spatial(outputs[0]))
        )


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
    inputs = (Port("input", "feature maps (N, C, H, W)", ranks=(4,)),)


class ConvTranspose1d(TransposedConvolution):
    """Spreads each value over a learned kernel and adds up: makes signals longer. The reverse of Conv1d's
    shapes.

    Input `(N, C, L)`, output `(N, out_channels, L')` with
    `L' = (L − 1)·stride − 2·padding + dilation·(kernel_size − 1) + output_padding + 1`.
    """

    aliases = ("transposed convolution", "deconvolution", "deconv", "upconv", "upsample", "signal")
    dims = 1
    inputs = (Port("input", "signals (N, C, L)", ranks=(3,)),)
    kernel_size = sliding_window.kernel(1, 4)
    stride = Size(2, dims=1, min=1, max=255, help="How many times longer the output is, about.")
    padding = Size(1, dims=1, help="Places cut off at each side of the output.")
    output_padding = Size(0, dims=1, max=254, advanced=True, help="Places added at one side of the output.")
    dilation = sliding_window.dilation(1)
