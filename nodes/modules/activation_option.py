"""Torch's own layers with an activation on their output; their weights keep the names they have in torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nodes.modules.scaling.equalised import equalised as with_equal_rate
from nodes.modules.spectral import spectral

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,
    "elu": F.elu,
    "selu": F.selu,
    "gelu": F.gelu,
    "silu": F.silu,
    "mish": F.mish,
    "hardswish": F.hardswish,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "softplus": F.softplus,
}


class Activated(nn.Module):
    """Mixed in before a layer: `activation(layer(x))`."""

    def __init__(self, *args: Any, activation: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.activation = activation

    def forward(self, features: Tensor) -> Tensor:
        return ACTIVATIONS[self.activation](super().forward(features))

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, activation={self.activation}"


class ActivatedLinear(Activated, nn.Linear):
    """A dense layer and its activation."""


class ActivatedConv1d(Activated, nn.Conv1d):
    """A convolution over sequences and its activation."""


class ActivatedConv2d(Activated, nn.Conv2d):
    """A convolution over images and its activation."""


class ActivatedConv3d(Activated, nn.Conv3d):
    """A convolution over volumes and its activation."""


class ActivatedConvTranspose1d(Activated, nn.ConvTranspose1d):  # type: ignore[misc]  # output_size is not used
    """A transposed convolution over sequences and its activation."""


class ActivatedConvTranspose2d(Activated, nn.ConvTranspose2d):  # type: ignore[misc]
    """A transposed convolution over images and its activation."""


_WITH_ACTIVATION: dict[str, tuple[type[nn.Module], type[nn.Module]]] = {
    "Linear": (nn.Linear, ActivatedLinear),
    "Conv1d": (nn.Conv1d, ActivatedConv1d),
    "Conv2d": (nn.Conv2d, ActivatedConv2d),
    "Conv3d": (nn.Conv3d, ActivatedConv3d),
    "ConvTranspose1d": (nn.ConvTranspose1d, ActivatedConvTranspose1d),
    "ConvTranspose2d": (nn.ConvTranspose2d, ActivatedConvTranspose2d),
}


def with_activation(
    layer: str,
    activation: str,
    *args: Any,
    spectral_norm: bool = False,
    equalised: bool = False,
    **kwargs: Any,
) -> nn.Module:
    """Torch's layer of this name as it is, or with the activation on its output, or of spectral norm 1, or
    with an equalised learning rate.
    """
    made = _WITH_ACTIVATION[layer][activation != "none"]
    if spectral_norm:
        made = spectral(made)
    if equalised:
        made = with_equal_rate(made)
    return made(*args, **kwargs) if activation == "none" else made(*args, activation=activation, **kwargs)


class SeparableConv2d(nn.Module):
    """A depthwise convolution, then a pointwise one (1×1) that mixes the channels."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: tuple[int, ...],
        stride: tuple[int, ...],
        padding: tuple[int, ...],
        dilation: tuple[int, ...],
        multiplier: int,
        bias: bool,
        activation: str,
    ) -> None:
        super().__init__()
        wide = in_channels * multiplier
        self.depthwise = with_activation(
            "Conv2d",
            "none",
            in_channels,
            wide,
            kernel_size,
            stride,
            padding,
            dilation,
            groups=in_channels,
            bias=False,
        )
        self.pointwise = with_activation("Conv2d", activation, wide, out_channels, 1, bias=bias)

    def forward(self, image: Tensor) -> Tensor:
        mixed: Tensor = self.pointwise(self.depthwise(image))
        return mixed
