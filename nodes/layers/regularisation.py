"""Regularisation: noise and gaps while training, so that a network does not learn its samples by heart.

All of these do nothing when evaluating.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodes.param import Float
from nodes.shared import card_label
from nodes.spec import Family, Layer, Port, TensorSpec

if TYPE_CHECKING:
    from torch import nn

_ANY = (Port("input", "any tensor (N, …)", ranks=(2, 3, 4, 5)),)


def _chance(default: float, what: str) -> Float:
    return Float(default, min=0.0, max=1.0, label="Probability", help=f"Chance that {what} is set to zero.")


class Dropout(Layer):
    """Sets values to zero at random while training and scales the rest up by 1 / (1 − p).

    The shape stays. From Srivastava et al. (2014).
    """

    family = Family.REGULARISATION
    keeps_values = True
    keeps_dimensions = True
    aliases = ("drop", "regularise", "overfitting", "noise")
    inputs = _ANY

    p = _chance(0.5, "a value")

    def build(self, features: TensorSpec) -> nn.Module:
        from torch import nn

        return nn.Dropout(self.p)

    def card_label(self) -> str:
        return card_label.percent(self.p)


class SpatialDropout(Layer):
    """Sets whole channels to zero at random while training: neighbours in a map say much the same.

    Input and output `(N, C, …)` with one to three axes. From Tompson et al. (2015).
    """

    family = Family.REGULARISATION
    keeps_values = True
    keeps_dimensions = True
    aliases = ("dropout2d", "dropout1d", "dropout3d", "channel dropout", "feature dropout")
    inputs = (Port("input", "maps (N, C, L), (N, C, H, W) or (N, C, D, H, W)", ranks=(4, 3, 5)),)

    p = _chance(0.2, "a channel")

    def build(self, maps: TensorSpec) -> nn.Module:
        from torch import nn

        drop = {3: nn.Dropout1d, 4: nn.Dropout2d, 5: nn.Dropout3d}[maps.rank]
        made: nn.Module = drop(self.p)
        return made

    def card_label(self) -> str:
        return card_label.percent(self.p)


class AlphaDropout(Layer):
    """Dropout that keeps mean and deviation, for networks of SELU units.

    The shape stays. From Klambauer et al. (2017).
    """

    family = Family.REGULARISATION
    keeps_values = True
    keeps_dimensions = True
    aliases = ("selu dropout", "self-normalising")
    inputs = _ANY

    p = Float(0.05, min=0.0, max=1.0, label="Probability", help="Chance that a value is switched off.")

    def build(self, features: TensorSpec) -> nn.Module:
        from torch import nn

        return nn.AlphaDropout(self.p)

    def card_label(self) -> str:
        return card_label.percent(self.p)


class GaussianNoise(Layer):
    """Adds normal noise while training: small changes of the input should not matter.

    The shape stays. From Bishop (1995), Training with noise is equivalent to Tikhonov regularization.
    """

    family = Family.REGULARISATION
    keeps_values = True
    keeps_dimensions = True
    aliases = ("noise", "jitter", "denoising", "augment", "random")
    inputs = _ANY

    deviation = Float(0.1, min=0.0, max=1e3, help="Standard deviation of the noise.")

    def build(self, features: TensorSpec) -> nn.Module:
        from nodes.modules.regularisation import GaussianNoise as Module

        return Module(self.deviation)

    def card_label(self) -> str:
        return f"σ {self.deviation:g}"


class StochasticDepth(Layer):
    """Leaves a residual branch out at random while training, sample by sample, and scales the rest up.

    Input and output `(N, …)`, at the end of a branch, before it is added: all of a sample is set to zero with
    this probability, else divided by 1 − p. From Huang et al. (2016), Deep networks with stochastic depth.
    """

    title = "Stochastic depth"
    family = Family.REGULARISATION
    keeps_values = True
    keeps_dimensions = True
    aliases = ("drop path", "droppath", "skip", "vit", "convnext", "efficientnet")
    inputs = _ANY

    p = _chance(0.1, "the branch of a sample")

    def build(self, features: TensorSpec) -> nn.Module:
        from nodes.modules.regularisation import StochasticDepth as Module

        return Module(self.p)

    def card_label(self) -> str:
        return card_label.percent(self.p)
