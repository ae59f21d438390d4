"""Normalisation: layers that bring values to a common mean and spread, so that deep networks train."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

from nodes.param import Bool, Choice, Float, Int
from nodes.shared import card_label, given_weights
from nodes.shared.sliding_window import tensor
from nodes.spec import Family, Inputs, Layer, LayerError, Port, SetParam, TensorSpec, known

if TYPE_CHECKING:
    from torch import nn

_MAPS = (Port("input", "maps (N, C, L), (N, C, H, W) or (N, C, D, H, W)", ranks=(4, 3, 5)),)
_AFFINE = "Learn a scale and a shift afterwards."
_EPS = "Added to the variance, so that nothing is divided by zero."


def _epsilon() -> Float:
    return Float(1e-5, min=1e-12, max=1.0, log=True, advanced=True, label="ε", help=_EPS)


class BatchNorm(Layer):
    """What batch norms of every dimension share."""

    abstract = True
    family = Family.NORMALISATION
    keeps_dimensions = True
    dims: ClassVar[int] = 2

    momentum = Float(0.1, min=0.0, max=1.0, help="Share of each batch in the running statistics.")
    eps = _epsilon()
    affine = Bool(True, help=_AFFINE)
    given = given_weights.given_param()
    track_running_stats = Bool(
        True, label="Running statistics", advanced=True, help="Use those of training when evaluating."
    )

    def build(self, maps: TensorSpec) -> nn.Module:
        from torch import nn

        norm = {1: nn.BatchNorm1d, 2: nn.BatchNorm2d, 3: nn.BatchNorm3d}[self.dims]
        channels = known(maps.shape[1])
        made: nn.Module = norm(channels, self.eps, self.momentum, self.affine, self.track_running_stats)
        return made

    @staticmethod
    def sees_one_value(batch: int, maps: TensorSpec) -> bool:
        """Whether a batch of so many samples holds one value per channel, from which nothing is learned."""
        return batch * math.prod(size for size in maps.shape[2:] if isinstance(size, int)) < 2

    def arithmetic(self, inputs: Inputs, outputs: tuple[TensorSpec, ...]) -> str:
        channels = known(tensor(inputs).shape[1])
        return f"2·{channels} = {2 * channels} weights" if self.affine else ""


class BatchNorm2d(BatchNorm):
    """Brings each channel to mean 0 and deviation 1 over the batch; when evaluating, by
    the statistics of training.

    Input and output `(N, C, H, W)`. From Ioffe and Szegedy (2015).
    """

    aliases = ("batch norm", "batchnorm", "bn", "normalise")
    inputs = (Port("input", "maps (N, C, H, W)", ranks=(4,)),)


class BatchNorm1d(BatchNorm):
    """Brings each feature to mean 0 and deviation 1 over the batch; when evaluating, by
    the statistics of training.

    Input and output `(N, C)` or `(N, C, L)`. Filled up places of a signal count in the statistics like all
    others: for padded sequences take LayerNorm. From Ioffe and Szegedy (2015).
    """

    aliases = ("batch norm", "batchnorm", "bn", "normalise")
    dims = 1
    inputs = (Port("input", "features (N, C) or signals (N, C, L)", ranks=(2, 3)),)


class BatchNorm3d(BatchNorm):
    """Brings each channel of volumes to mean 0 and deviation 1 over the batch.

    Input and output `(N, C, D, H, W)`. From Ioffe and Szegedy (2015).
    """

    aliases = ("batch norm", "batchnorm", "bn", "volume", "normalise")
    dims = 3
    inputs = (Port("input", "volumes (N, C, D, H, W)", ranks=(5,)),)


class TrailingNorm(Layer):
    """What norms over the last dimensions share."""

    abstract = True
    family = Family.NORMALISATION
    keeps_dimensions = True
    inputs = (Port("input", "features (N, …, F)", ranks=(3, 2, 4, 5)),)

    dimensions = Int(
        1, min=1, max=4, help="How many of the last dimensions are brought to one scale together."
    )
    affine = Bool(True, help=_AFFINE)
    given = given_weights.given_param()
    eps = _epsilon()

    def check(self, features: TensorSpec) -> None:
        most = features.rank - 1
        if self.dimensions > most:
            raise LayerError(
                f"at most {most} dimensions of {features} (the first is the batch)",
                f"{self.dimensions}",
                port="input",
                fixes=(SetParam("dimensions", most),),
            )

    def sizes(self, features: TensorSpec) -> list[int]:
        """The sizes of the dimensions that are brought to one scale."""
        return [known(size) for size in features.shape[-self.dimensions :]]

    def card_label(self) -> str:
        return f"last {self.dimensions}" if self.dimensions > 1 else ""


class LayerNorm(TrailingNorm):
    """Brings the features of each position to mean 0 and deviation 1, one sample at a time.

    Input and output `(N, …, F)`; over whole images set `dimensions` to 3. Of a sequence each position is by
    itself: filled up ones change no other. From Ba et al. (2016).
    """

    aliases = ("layer norm", "ln", "transformer", "normalise")

    def build(self, features: TensorSpec) -> nn.Module:
        from torch import nn

        return nn.LayerNorm(self.sizes(features), self.eps, self.affine)


class RMSNorm(TrailingNorm):
    """Divides the features of each position by their root mean square; a cheaper layer norm.

    Input and output `(N, …, F)`. Filled up positions change no other. From Zhang and Sennrich (2019).
    """

    type = "rms_norm"
    aliases = ("root mean square", "llama", "normalise")

    def build(self, features: TensorSpec) -> nn.Module:
        from torch import nn

        return nn.RMSNorm(self.sizes(features), self.eps, self.affine)


class GroupNorm(Layer):
    """Brings groups of channels to mean 0 and deviation 1, one sample at a time: for small batches.

    Input and output `(N, C, …)`. Filled up places count in the statistics. From Wu and He (2018).
    """

    family = Family.NORMALISATION
    keeps_dimensions = True
    aliases = ("group norm", "gn", "diffusion", "normalise")
    inputs = (Port("input", "maps (N, C, …)", ranks=(4, 2, 3, 5)),)

    num_groups = Int(4, min=1, max=4096, label="Groups", help="Number of groups; it divides the channels.")
    eps = _epsilon()
    affine = Bool(True, help=_AFFINE)
    given = given_weights.given_param()

    def build(self, maps: TensorSpec) -> nn.Module:
        from nodes.modules.regularisation import GroupNorm as Module

        return Module(self.num_groups, known(maps.shape[1]), self.eps, self.affine)

    def check(self, maps: TensorSpec) -> None:
        channels = known(maps.shape[1])
        if channels % self.num_groups:
            fitting = max(n for n in range(1, self.num_groups) if channels % n == 0)
            raise LayerError(
                f"a number of groups that divides {channels} channels",
                f"{self.num_groups}",
                port="input",
                arithmetic=card_label.remainder(channels, self.num_groups),
                fixes=(SetParam("num_groups", fitting),),
            )
        if self.num_groups == channels and all(size == 1 for size in maps.shape[2:]):
            fewer = max((n for n in range(1, channels) if channels % n == 0), default=None)
            raise LayerError(
                "groups of more than one value",
                f"{maps} in {self.num_groups} groups, where each value would become 0",
                port="input",
                fixes=() if fewer is None else (SetParam("num_groups", fewer),),
            )

    def card_label(self) -> str:
        return f"{self.num_groups} groups" if self.num_groups > 1 else "1 group"


class InstanceNorm(Layer):
    """Brings each channel of each sample to mean 0 and deviation 1: takes contrast and style away.

    Input and output `(N, C, …)` with one to three axes. Filled up places count in the statistics. From
    Ulyanov et al. (2016), for style transfer.
    """

    family = Family.NORMALISATION
    keeps_dimensions = True
    aliases = ("instance norm", "style transfer", "cyclegan", "contrast", "normalise")
    inputs = _MAPS

    affine = Bool(False, help=_AFFINE)
    given = given_weights.given_param()
    eps = _epsilon()

    def build(self, maps: TensorSpec) -> nn.Module:
        from torch import nn

        norm = {3: nn.InstanceNorm1d, 4: nn.InstanceNorm2d, 5: nn.InstanceNorm3d}[maps.rank]
        made: nn.Module = norm(known(maps.shape[1]), self.eps, affine=self.affine)
        return made

    def check(self, maps: TensorSpec) -> None:
        if all(size == 1 for size in maps.shape[2:]):
            raise LayerError(
                "maps of more than one value", f"{maps}, where each would become 0", port="input"
            )


class LocalResponseNorm(Layer):
    """Divides each value by those at the same place in neighbouring channels, as AlexNet did.

    Input and output `(N, C, …)`: `x / (k + α/size · Σ x²)^β`. From Krizhevsky et al. (2012).
    """

    family = Family.NORMALISATION
    keeps_dimensions = True
    aliases = ("lrn", "alexnet", "lateral inhibition", "normalise")
    inputs = _MAPS

    size = Int(5, min=1, max=255, help="Number of neighbouring channels.")
    alpha = Float(1e-4, min=0.0, max=100.0, log=True, label="α", help="Weight of the neighbours.")
    beta = Float(0.75, min=0.0, max=10.0, label="β", help="Exponent.")
    k = Float(1.0, min=1e-6, max=100.0, help="Constant in the divisor.")

    def build(self, maps: TensorSpec) -> nn.Module:
        from torch import nn

        return nn.LocalResponseNorm(self.size, self.alpha, self.beta, self.k)

    def card_label(self) -> str:
        return f"{self.size} channels"


class PixelNorm(Layer):
    """Divides the features of each place by their root mean square, so that a generator's do not grow.

    Input and output `(N, C, …)`: `x / √(mean over C of x² + 1e-8)`. Nothing is learned. From Karras et al.
    (2018), Progressive growing of GANs.
    """

    title = "Pixel norm"
    family = Family.NORMALISATION
    keeps_dimensions = True
    aliases = ("pixelwise feature normalisation", "progressive gan", "stylegan", "generator", "normalise")
    inputs = (Port("input", "features (N, C, …)", ranks=(4, 2, 3, 5)),)

    def build(self, maps: TensorSpec) -> nn.Module:
        from nodes.modules.scaling.normalisation import PixelNorm as Module

        return Module()


class MinibatchDeviation(Layer):
    """Adds a channel that tells how much the samples of the batch differ: a discriminator sees a lack of it.

    Input `(N, C, …)`, output `(N, C + 1, …)`; the channel is one number everywhere, the standard deviation of
    each feature over the batch, averaged over features and places. From Karras et al. (2018).
    """

    title = "Minibatch deviation"
    family = Family.NORMALISATION
    aliases = (
        "minibatch standard deviation",
        "minibatch stddev",
        "progressive gan",
        "mode collapse",
        "variety",
    )
    inputs = (Port("input", "features (N, C, …)", ranks=(4, 2, 3, 5)),)

    def build(self, maps: TensorSpec) -> nn.Module:
        from nodes.modules.scaling.normalisation import MinibatchDeviation as Module

        return Module()

    def arithmetic(self, inputs: Inputs, outputs: tuple[TensorSpec, ...]) -> str:
        return f"{tensor(inputs).shape[1]} + 1 = {outputs[0].shape[1]}"


class LayerScale(Layer):
    """Multiplies each feature by a learned number that begins near 0: a deep residual network starts shallow.

    Input and output `(N, …, F)`, or `(N, C, …)` with a number for each channel; at the end of a residual
    branch. From Touvron et al. (2021), Going deeper with image transformers.
    """

    title = "Layer scale"
    family = Family.NORMALISATION
    keeps_dimensions = True
    aliases = ("cait", "convnext", "gamma", "gain", "vit")
    inputs = (Port("input", "features (N, …, F) or (N, C, …)", ranks=(3, 2, 4, 5)),)

    initial = Float(1e-4, min=0.0, max=100.0, help="What each number is before training.")
    dimension = Choice(
        "last", choices=("last", "channel"), label="Features on", help="Dimension of the features."
    )
    given = given_weights.given_param()

    def build(self, features: TensorSpec) -> nn.Module:
        from nodes.modules.scaling.normalisation import LayerScale as Module

        place = -1 if self.dimension == "last" else 1
        return Module(known(features.shape[place]), self.initial, place)

    def card_label(self) -> str:
        return f"{self.initial:g}"
