"""Activations: what a unit does with its sum. Each keeps the shape; all but the softmaxes act value by value.

`Choice` parameters of other layers name a few of these too (see `activation_option`); a layer here has the
slopes and limits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from nodes.param import Bool, Choice, Float, Int
from nodes.shared import given_weights
from nodes.shared.sliding_window import tensor
from nodes.spec import Family, Inputs, Layer, LayerError, N, Port, SetParam, TensorSpec, known

if TYPE_CHECKING:
    from torch import nn


class Activation(Layer):
    """What activations share: the torch module of the name `module`, made with `arguments`."""

    abstract = True
    family = Family.ACTIVATION
    keeps_dimensions = True
    module: ClassVar[str]

    def arguments(self) -> dict[str, Any]:
        """Keyword arguments of the torch module."""
        return dict(self.values)

    def limits(self) -> tuple[float, float] | None:
        """The two ends at which it becomes flat; None where it has not two."""
        return None

    def build(self, features: TensorSpec) -> nn.Module:
        from torch import nn

        made: nn.Module = getattr(nn, self.module)(**self.arguments())
        return made


class ReLU(Activation):
    """Passes what is positive and stops the rest: max(0, x), in [0, ∞).

    From Nair and Hinton (2010), Rectified linear units improve restricted Boltzmann machines.
    """

    type = "relu"
    module = "ReLU"
    aliases = ("rectifier", "rectified linear", "ramp")


class Tanh(Activation):
    """Squashes each value into (−1, 1), steepest at zero: (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)."""

    module = "Tanh"
    aliases = ("hyperbolic tangent", "squash")

    def limits(self) -> tuple[float, float]:
        return -1.0, 1.0


class Sigmoid(Activation):
    """Squashes each value into (0, 1): 1 / (1 + e⁻ˣ). As the last layer: a probability."""

    module = "Sigmoid"
    aliases = ("logistic", "squash", "probability", "gate")

    def limits(self) -> tuple[float, float]:
        return 0.0, 1.0


class GELU(Activation):
    """Passes each value by the chance that a normal number is smaller: x·Φ(x).

    The one of most transformers. From Hendrycks and Gimpel (2016).
    """

    type = "gelu"
    module = "GELU"
    aliases = ("gaussian error linear unit", "transformer", "gpt", "bert")

    approximate = Choice(
        "none", choices=("none", "tanh"), advanced=True, help="Exact, or by tanh as in GPT-2."
    )


class LeakyReLU(Activation):
    """Passes what is positive, and a small share of the rest, so that no unit falls silent for good.

    From Maas et al. (2013).
    """

    type = "leaky_relu"
    module = "LeakyReLU"
    aliases = ("leaky rectifier", "lrelu")

    negative_slope = Float(0.01, min=0.0, max=1.0, help="Slope below zero.")

    def card_label(self) -> str:
        return f"{self.negative_slope:g}"


class PReLU(Activation):
    """A leaky ReLU that learns its slope below zero: one, or one per channel.

    From He et al. (2015), Delving deep into rectifiers.
    """

    type = "prelu"
    module = "PReLU"
    aliases = ("parametric rectifier", "learned slope")

    per_channel = Bool(False, help="Learn a slope for each channel (dimension 1) instead of one for all.")
    initial_slope = Float(0.25, min=0.0, max=1.0, advanced=True, help="Slope below zero before training.")
    given = given_weights.given_param()

    def check(self, features: TensorSpec) -> None:
        if self.per_channel and features.rank < 2:
            fixes = (SetParam("per_channel", False),)
            raise LayerError("channels (N, C, …) for a slope each", f"{features}", port="input", fixes=fixes)

    def build(self, features: TensorSpec) -> nn.Module:
        from torch import nn

        channels = known(features.shape[1]) if self.per_channel else 1
        return nn.PReLU(channels, self.initial_slope)

    def card_label(self) -> str:
        return "per channel" if self.per_channel else "one slope"


class ELU(Activation):
    """Passes what is positive and bends the rest smoothly towards −α: α·(eˣ − 1).

    From Clevert et al. (2016).
    """

    type = "elu"
    module = "ELU"
    aliases = ("exponential linear unit",)

    alpha = Float(1.0, min=0.0, max=100.0, label="α", help="How far down it goes.")

    def card_label(self) -> str:
        return f"α {self.alpha:g}" if self.alpha != 1 else ""


class SELU(Activation):
    """An ELU scaled so that means stay near 0 and deviations near 1 through many layers; with AlphaDropout.

    From Klambauer et al. (2017), Self-normalizing neural networks.
    """

    type = "selu"
    module = "SELU"
    aliases = ("scaled exponential linear unit", "self-normalising", "snn")


class SiLU(Activation):
    """Multiplies each value by its sigmoid: x·σ(x). Also called swish.

    From Elfwing et al. (2018) and Ramachandran et al. (2017).
    """

    type = "silu"
    module = "SiLU"
    aliases = ("swish", "sigmoid linear unit")


class Mish(Activation):
    """A smooth ReLU that dips below zero: x·tanh(ln(1 + eˣ)). From Misra (2019)."""

    module = "Mish"
    aliases = ("smooth",)


class Softplus(Activation):
    """A smooth ReLU, always positive: ln(1 + e^(βx)) / β. For deviations and rates."""

    module = "Softplus"
    aliases = ("smooth relu", "positive")

    beta = Float(1.0, min=1e-3, max=1e3, label="β", help="Sharpness of the bend.")

    def card_label(self) -> str:
        return f"β {self.beta:g}" if self.beta != 1 else ""


class Softsign(Activation):
    """Squashes each value into (−1, 1), more slowly than tanh: x / (1 + |x|)."""

    module = "Softsign"
    aliases = ("squash",)

    def limits(self) -> tuple[float, float]:
        return -1.0, 1.0


class Hardswish(Activation):
    """SiLU drawn with straight lines, cheap to compute: x·min(max(x + 3, 0), 6) / 6.

    From Howard et al. (2019), MobileNetV3.
    """

    module = "Hardswish"
    aliases = ("hard swish", "mobilenet")


class Hardsigmoid(Activation):
    """A sigmoid drawn with straight lines: min(max(x + 3, 0), 6) / 6."""

    module = "Hardsigmoid"
    aliases = ("hard sigmoid", "piecewise")

    def limits(self) -> tuple[float, float]:
        return 0.0, 1.0

    def build(self, features: TensorSpec) -> nn.Module:
        from nodes.modules import activation

        return activation.Hardsigmoid()


class Hardtanh(Activation):
    """Cuts each value off below `min_val` and above `max_val`."""

    module = "Hardtanh"
    aliases = ("clip", "clamp", "relu6", "hard tanh")

    min_val = Float(-1.0, label="Lowest", help="Values below become this.")
    max_val = Float(1.0, label="Highest", help="Values above become this.")

    def check(self, features: TensorSpec) -> None:
        if self.min_val >= self.max_val:
            fixes = (SetParam("min_val", -abs(self.max_val) or -1.0),)
            raise LayerError(f"a lowest value below {self.max_val:g}", f"{self.min_val:g}", fixes=fixes)

    def limits(self) -> tuple[float, float]:
        return self.min_val, self.max_val

    def card_label(self) -> str:
        return f"{self.min_val:g} … {self.max_val:g}".replace("-", "−")


class LogSigmoid(Activation):
    """The logarithm of the sigmoid: −ln(1 + e⁻ˣ), in (−∞, 0)."""

    module = "LogSigmoid"
    aliases = ("log probability",)


class Tanhshrink(Activation):
    """What tanh takes away: x − tanh(x)."""

    module = "Tanhshrink"
    aliases = ("shrink",)


class Step(Activation):
    """Fires or does not: 1 where the value reaches the threshold, else 0. Its gradient is zero.

    The unit of McCulloch and Pitts (1943) and of Rosenblatt's perceptron (1957). Straight through, gradients
    pass as if it were the identity (Bengio et al., 2013), so that what stands before it can learn.
    """

    aliases = ("threshold", "heaviside", "binary", "perceptron", "mcculloch-pitts", "tlu")

    threshold = Float(0.0, help="From this value on it fires.")
    straight_through = Bool(
        False, advanced=True, help="Hand gradients back as they come, as if nothing had been cut."
    )

    def build(self, features: TensorSpec) -> nn.Module:
        from nodes.modules.activation import Step as Module

        return Module(self.threshold, self.straight_through)

    def card_label(self) -> str:
        return f"≥ {self.threshold:g}"


class Identity(Activation):
    """Passes everything as it is: the activation of a linear output unit."""

    module = "Identity"
    keeps_values = True
    aliases = ("linear", "pass", "none", "no-op")
    inputs = (Port("input", "any tensor", dtype="any"),)
    outputs = (Port("output", dtype="any"),)


class AlongDimension(Activation):
    """What activations over a dimension share."""

    abstract = True

    dimension = Int(-1, min=-5, max=5, help="Dimension that it acts on; −1 is the last, 1 the channel.")

    def arguments(self) -> dict[str, Any]:
        return {"dim": self.dimension}

    def check(self, features: TensorSpec) -> None:
        if not (1 <= self.dimension < features.rank or -features.rank < self.dimension < 0):
            last = features.rank - 1
            raise LayerError(
                f"a dimension from 1 to {last} (0 is the batch), or from −{last} to −1",
                f"{self.dimension} for {features}",
                port="input",
                fixes=(SetParam("dimension", -1),),
            )

    def card_label(self) -> str:
        return "" if self.dimension == -1 else f"dim {self.dimension}"


class Softmax(AlongDimension):
    """Turns scores into probabilities that add up to 1: e^xᵢ / Σ e^xⱼ.

    Not before CrossEntropy, which has it inside. From Bridle (1990).
    """

    module = "Softmax"
    aliases = ("probabilities", "normalised exponential", "classification", "normalise")


class LogSoftmax(AlongDimension):
    """The logarithm of the softmax, computed safely: xᵢ − ln Σ e^xⱼ."""

    module = "LogSoftmax"
    aliases = ("log probabilities",)


class GLU(AlongDimension):
    """Halves a dimension: one half passes by the sigmoid of the other, a·σ(b).

    Input `(N, …, 2·F)`, output `(N, …, F)`. From Dauphin et al. (2017).
    """

    type = "glu"
    module = "GLU"
    aliases: ClassVar[tuple[str, ...]] = ("gated linear unit", "gate")

    def check(self, features: TensorSpec) -> None:
        super().check(features)
        size = known(features.shape[self.dimension])
        if size % 2:
            raise LayerError(
                "an even size to halve",
                f"{size} in dimension {self.dimension} of {features}",
                port="input",
                arithmetic=f"{size} / 2 = {size // 2} remainder 1",
            )

    def example_inputs(self) -> Inputs:
        return (TensorSpec((N, 16)),)

    def arithmetic(self, inputs: Inputs, outputs: tuple[TensorSpec, ...]) -> str:
        return f"{tensor(inputs).shape[self.dimension]} / 2 = {outputs[0].shape[self.dimension]}"


class SwiGLU(GLU):
    """Halves a dimension: one half through SiLU passes the other, a·σ(a)·b. The one of LLaMA and PaLM.

    Input `(N, …, 2·F)`, output `(N, …, F)`; a dense layer to 2·F stands before it. From Shazeer (2020).
    """

    type = "swiglu"
    aliases = ("gated linear unit", "swish", "llama", "palm", "gate", "feed-forward")

    def build(self, features: TensorSpec) -> nn.Module:
        from nodes.modules.activation import Gated

        return Gated("silu", self.dimension)


class GEGLU(GLU):
    """Halves a dimension: one half through GELU passes the other, GELU(a)·b. The one of T5 version 1.1.

    Input `(N, …, 2·F)`, output `(N, …, F)`; a dense layer to 2·F stands before it. From Shazeer (2020).
    """

    type = "geglu"
    aliases = ("gated linear unit", "gelu", "t5", "gate", "feed-forward")

    def build(self, features: TensorSpec) -> nn.Module:
        from nodes.modules.activation import Gated

        return Gated("gelu", self.dimension)
