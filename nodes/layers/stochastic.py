"""Layers that draw random numbers also where they compute: samples of a distribution, random mixtures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodes.param import Choice
from nodes.shared.targets import check_alike
from nodes.spec import Family, Layer, Port, TensorSpec

if TYPE_CHECKING:
    from torch import nn

_ANY = (2, 1, 3, 4, 5)


class Reparameterise(Layer):
    """Draws a sample from each normal distribution, so that gradients reach its parameters: μ + σ·ε.

    Means and logarithms of variances of one shape `(N, …)`; the sample has it too. ε is standard normal,
    fresh at every step. The latent sample of a variational autoencoder (Kingma and Welling, 2014).
    """

    family = Family.MATH
    aliases = ("reparameterize", "reparameterisation trick", "vae", "sample", "gaussian", "latent", "normal")
    inputs = (
        Port("mean", "means (N, …)", ranks=_ANY),
        Port("log_variance", "logarithms of the variances, of the same shape", ranks=_ANY),
    )

    evaluating = Choice(
        "sample",
        choices=("sample", "mean"),
        advanced=True,
        label="When evaluating",
        help="Outside of training draw too, or hand on the mean.",
    )

    def build(self, mean: TensorSpec, log_variance: TensorSpec) -> nn.Module:
        from nodes.modules.stochastic import Reparameterise as Module

        return Module(self.evaluating == "sample")

    def check(self, mean: TensorSpec, log_variance: TensorSpec) -> None:
        check_alike(mean, log_variance, "log_variance", "mean")


class RandomMix(Layer):
    """Mixes two samples in a random proportion: u·a + (1 − u)·b with one u in [0, 1] for each sample.

    Both of one shape `(N, …)`. Where the gradient penalty of a Wasserstein critic looks: between real and
    generated samples (Gulrajani et al., 2017).
    """

    title = "Random mix"
    family = Family.MATH
    aliases = ("interpolate", "wgan-gp", "gradient penalty", "blend", "between", "lerp")
    inputs = (Port("a", "samples (N, …)", ranks=_ANY), Port("b", "others, of the same shape", ranks=_ANY))

    def build(self, a: TensorSpec, b: TensorSpec) -> nn.Module:
        from nodes.modules.stochastic import RandomMix as Module

        return Module()

    def check(self, a: TensorSpec, b: TensorSpec) -> None:
        check_alike(a, b, "b", "samples at a")
