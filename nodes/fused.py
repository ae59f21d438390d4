"""The activation that a dense or convolutional layer may apply itself: a card then reads `120 · Tanh`."""

from __future__ import annotations

from nodes.param import Choice

NAMES = {
    "none": "",
    "relu": "ReLU",
    "leaky_relu": "LeakyReLU",
    "elu": "ELU",
    "selu": "SELU",
    "gelu": "GELU",
    "silu": "SiLU",
    "mish": "Mish",
    "hardswish": "Hardswish",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "softplus": "Softplus",
}
"""Names in the file, and on the card. Slopes and the like are as usual; an activation layer sets them."""


def activation_param() -> Choice:
    """The parameter; each declaration needs its own."""
    return Choice("none", choices=tuple(NAMES), help="Applied to what leaves, as by a layer after it.")
