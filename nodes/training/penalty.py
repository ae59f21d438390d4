"""Penalties: terms of a loss that ask for no target, but for a network that is smooth, sparse or normal.

Some take gradients in the forward pass: of what enters a `differentiated` port they know how the other
input depends on it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from nodes.param import Choice, Float, Int
from nodes.shared import card_label
from nodes.shared.sliding_window import spatial
from nodes.shared.targets import check_alike, check_weight, weighted_param, with_example, with_weight
from nodes.spec import Inputs, LayerError, N, Port, SetParam, TensorSpec
from nodes.training.loss import Loss

if TYPE_CHECKING:
    from torch import nn

_ANY = (2, 1, 3, 4, 5)
MOST_PASSES = 1024
"""The most backward passes that one penalty takes in a step."""


class KLDivergence(Loss):
    """How far normal distributions are from the standard one: ½ Σ (μ² + σ² − 1 − ln σ²).

    Means and logarithms of variances of one shape `(N, …)`; returns a scalar: summed over the values of a
    sample, averaged over samples. What keeps the latent space of a variational autoencoder in one piece
    (Kingma and Welling, 2014).
    """

    title = "KL divergence"
    type = "kl_divergence"
    aliases = ("kullback-leibler", "vae", "variational", "prior", "latent", "relative entropy", "elbo")
    inputs = (
        Port("mean", "means (N, …)", ranks=_ANY),
        Port("log_variance", "logarithms of the variances, of the same shape", ranks=_ANY),
    )

    reduction = Choice(
        "mean",
        choices=("mean", "sum", "values"),
        titles={"mean": "mean over samples", "values": "mean over values"},
        help="Average over samples of the sum over their values; add all up; or average over all values.",
    )
    weighted = weighted_param()

    def input_ports(self) -> tuple[Port, ...]:
        return with_weight(self.inputs, weighted=self.weighted)

    def example_inputs(self) -> Inputs:
        row = TensorSpec((N, 16))
        return with_example((row, row), weighted=self.weighted)

    def build(self, mean: TensorSpec, log_variance: TensorSpec, *_weight: TensorSpec) -> nn.Module:
        from nodes.modules.penalty import KLDivergence as Module

        return Module(self.reduction)

    def check(self, mean: TensorSpec, log_variance: TensorSpec, *weight: TensorSpec) -> None:
        check_alike(mean, log_variance, "log_variance", "mean")
        check_weight(TensorSpec(mean.shape[:1]), weight[0] if weight else None)


class GradientPenalty(Loss):
    """Keeps the slope of a score near a number: mean of (‖∂score/∂input‖₂ − target)².

    Scores `(N, …)` and the input `(N, …)` that they were computed from: wire here the very value that
    enters the critic, as a rule a Random mix of real and generated samples. Returns a scalar. Without a
    target (0) it is the R1 penalty of Mescheder et al. (2018), up to a factor of 2. From Gulrajani et al.
    (2017), Improved training of Wasserstein GANs.
    """

    title = "Gradient penalty"
    aliases = ("wgan-gp", "wasserstein", "lipschitz", "critic", "slope", "r1", "regularise")
    inputs = (
        Port("score", "scores (N, …)", ranks=_ANY),
        Port("input", "what they were computed from (N, …)", ranks=_ANY, differentiated=True),
    )

    target = Float(1.0, min=0.0, max=1e6, help="Length that the gradient should have.")

    def build(self, score: TensorSpec, features: TensorSpec) -> nn.Module:
        from nodes.modules.penalty import GradientPenalty as Module

        return Module(self.target, self.reduction)

    def check(self, score: TensorSpec, features: TensorSpec) -> None:
        _check_samples(score, features)

    def card_label(self) -> str:
        return card_label.line(f"‖∂‖ → {self.target:g}", super().card_label())


class ContractivePenalty(Loss):
    """Keeps a code from changing with small changes of the input: squared Frobenius norm of ∂code/∂input.

    Codes `(N, …)` and the input `(N, …)` that they were computed from; returns a scalar, averaged over
    samples. Exact with one backward pass per unit, or estimated from a few random directions (Hutchinson,
    1989). From Rifai et al. (2011), Contractive auto-encoders.
    """

    title = "Contractive penalty"
    aliases = ("contractive autoencoder", "jacobian", "frobenius", "robust", "regularise", "cae")
    inputs = (
        Port("code", "codes (N, …)", ranks=_ANY),
        Port("input", "what they were computed from (N, …)", ranks=_ANY, differentiated=True),
    )

    directions = Int(
        0,
        min=0,
        max=MOST_PASSES,
        zero="exact",
        advanced=True,
        help="Random directions of the estimate; 0: exact.",
    )

    def build(self, code: TensorSpec, features: TensorSpec) -> nn.Module:
        from nodes.modules.penalty import ContractivePenalty as Module

        return Module(self.directions, self.reduction)

    def check(self, code: TensorSpec, features: TensorSpec) -> None:
        _check_samples(code, features)
        units = math.prod(size for size in code.features if isinstance(size, int))
        if not self.directions and units > MOST_PASSES:
            raise LayerError(
                f"a code of at most {MOST_PASSES:,} units, or a few random directions",
                f"{units:,} units, each with a backward pass of its own",
                port="code",
                fixes=(SetParam("directions", 4),),
            )


class SparsityPenalty(Loss):
    """Keeps most units of a code near zero: mean of |h|, or Σ KL(ρ ‖ mean activation) for units in (0, 1).

    Codes `(N, …)`; returns a scalar. The rate is that of each unit over the batch, so it wants large
    batches and a sigmoid before it. From Olshausen and Field (1996); the rate from Lee et al. (2008).
    """

    title = "Sparsity penalty"
    aliases = ("sparse autoencoder", "l1", "lasso", "sparse code", "kl", "regularise")
    inputs = (Port("code", "codes (N, …)", ranks=_ANY),)

    form = Choice(
        "absolute",
        choices=("absolute", "rate"),
        titles={"absolute": "absolute (L1)", "rate": "rate (KL)"},
        help="Pull every value to zero, or every unit to a mean activation.",
    )
    rate = Float(
        0.05,
        min=1e-6,
        max=0.999999,
        label="ρ",
        visible_if=("form", ("rate",)),
        help="Mean activation that each unit should have.",
    )

    def build(self, code: TensorSpec) -> nn.Module:
        from nodes.modules.penalty import SparsityPenalty as Module

        return Module(self.form, self.rate, self.reduction)

    def card_label(self) -> str:
        return card_label.line("L1" if self.form == "absolute" else f"ρ {self.rate:g}", super().card_label())


class TotalVariation(Loss):
    """Keeps images smooth: mean of the absolute differences between neighbouring pixels, down and across.

    Images `(N, C, H, W)`; returns a scalar, the sum over the two directions. From Rudin, Osher and Fatemi
    (1992), as a loss in Mahendran and Vedaldi (2015).
    """

    title = "Total variation"
    aliases = ("tv", "smooth", "denoising", "style transfer", "super-resolution", "regularise")
    inputs = (Port("image", "images (N, C, H, W)", ranks=(4,)),)

    def build(self, image: TensorSpec) -> nn.Module:
        from nodes.modules.penalty import TotalVariation as Module

        return Module(self.reduction)

    def check(self, image: TensorSpec) -> None:
        sizes = spatial(image)
        if min(sizes) < 2:
            raise LayerError("images of at least 2×2 pixels", card_label.by(sizes), port="image")

    def example_inputs(self) -> Inputs:
        return (TensorSpec((N, 3, 8, 8)),)


def _check_samples(first: TensorSpec, features: TensorSpec) -> None:
    """One row of the first for each sample that it was computed from."""
    if first.shape[0] != features.shape[0]:
        expected = f"as many samples as there are in {first}, which was computed from them"
        raise LayerError(expected, str(features), port="input")
