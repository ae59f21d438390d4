"""The losses of two networks that learn against each other: one tells real from fake, the other fools it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodes.param import Choice, Float
from nodes.shared import card_label
from nodes.shared.targets import check_weight, weighted_param, with_example, with_weight
from nodes.spec import Inputs, N, Port, TensorSpec
from nodes.training.loss import Loss

if TYPE_CHECKING:
    from torch import nn

FORMS = {
    "cross-entropy": "cross-entropy",
    "least squares": "least squares",
    "hinge": "hinge",
    "linear": "linear (Wasserstein)",
}


class RealOrFake(Loss):
    """How far scores are from the verdict that they should give: real, or fake.

    Scores of any shape, without a sigmoid; returns a scalar. A discriminator adds `real` on its data and
    `fake` on what was generated; a generator takes `real` on what it made, through the discriminator.

    Cross-entropy: softplus(−s) for real, softplus(s) for fake (Goodfellow et al., 2014; `real` for the
    generator is their non-saturating form; the saturating one is `fake` with the weight −1 at the
    generator's objective). Least squares: (s − 1)² and s² (Mao et al., 2017). Hinge: max(0, 1 − s) and
    max(0, 1 + s), for the discriminator; its generator takes linear (Lim and Ye, 2017). Linear: −s and s,
    the difference of a Wasserstein critic, which needs a gradient penalty (Arjovsky et al., 2017).
    """

    title = "Real or fake"
    aliases = (
        *("gan", "adversarial", "generator", "discriminator", "critic", "bce"),
        *("least squares", "lsgan", "hinge", "wasserstein", "wgan", "non-saturating"),
    )
    inputs = (Port("score", "raw scores (N, …)", ranks=(2, 1, 3, 4, 5)),)

    verdict = Choice("real", choices=("real", "fake"), help="What the scores should say.")
    form = Choice(
        "cross-entropy",
        choices=tuple(FORMS),
        titles=FORMS,
        help="How the distance to the verdict is measured.",
    )
    smoothing = Float(
        0.0,
        min=0.0,
        max=1.0,
        advanced=True,
        zero="off",
        visible_if=("form", ("cross-entropy", "least squares")),
        help="Real counts as 1 − this, fake stays 0 (one-sided smoothing; Salimans et al., 2016).",
    )

    weighted = weighted_param()

    def input_ports(self) -> tuple[Port, ...]:
        return with_weight(self.inputs, weighted=self.weighted)

    def check(self, score: TensorSpec, weight: TensorSpec | None = None) -> None:
        check_weight(score, weight)

    def example_inputs(self) -> Inputs:
        return with_example((TensorSpec((N, 16)),), weighted=self.weighted)

    def inside(self) -> tuple[str, ...]:
        return ("sigmoid", "log_sigmoid") if self.form == "cross-entropy" else ()

    def build(self, score: TensorSpec, _weight: TensorSpec | None = None) -> nn.Module:
        from nodes.modules.adversarial import RealOrFake as Module

        return Module(self.verdict == "real", self.form, self.smoothing, self.reduction)

    def card_label(self) -> str:
        return card_label.line(
            self.verdict, "" if self.form == "cross-entropy" else self.form, super().card_label()
        )
