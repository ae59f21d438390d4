"""What dense and convolutional layers may do beside their work: apply an activation (a card then reads
`120 · Tanh`), keep the spectral norm of their weights at 1.
"""

from __future__ import annotations

from nodes.param import Bool, Choice

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


def spectral_param() -> Bool:
    """The parameter `spectral_norm`; each declaration needs its own."""
    help_ = "Divide the weights by their largest singular value, as a discriminator's (Miyato et al., 2018)."
    return Bool(False, advanced=True, help=help_)
