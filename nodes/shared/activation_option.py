"""What dense and convolutional layers may do beside their work: apply an activation (a card then reads
`120 · Tanh`), keep the spectral norm of their weights at 1, or scale their weights as they are used.
"""

from __future__ import annotations

from nodes.param import Bool, Choice
from nodes.spec import LayerError, SetParam

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


def equalised_param() -> Bool:
    """The parameter `equalised`; each declaration needs its own."""
    help_ = "Draw weights with deviation 1 and use them times √(2 / fan-in) (progressive GAN; Karras, 2018)."
    return Bool(False, advanced=True, label="Equalised rate", help=help_)


def check_equalised(*, equalised: bool, spectral_norm: bool, by_hand: bool = False) -> None:
    """Refuse an equalised learning rate beside what sets the scale of the weights otherwise."""
    if equalised and (spectral_norm or by_hand):
        other = "a spectral norm of 1" if spectral_norm else "weights set by hand"
        fixes = (
            SetParam("equalised", False),
            *((SetParam("spectral_norm", False),) if spectral_norm else ()),
        )
        raise LayerError("one scale of the weights", f"an equalised rate and {other}", fixes=fixes)
