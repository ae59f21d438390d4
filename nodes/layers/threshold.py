"""Units whose weights are set by hand and never learned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodes.param import Float, Shape
from nodes.shared import card_label
from nodes.spec import Family, Inputs, Layer, LayerError, N, Port, ProposedFix, SetParam, TensorSpec, known

if TYPE_CHECKING:
    from torch import nn

MOST_PROPOSED = 1024
"""For so many inputs a fix proposes weights; nobody reads longer lists."""


class ThresholdUnit(Layer):
    """Fires, 1, where the sum of its weighted inputs reaches a threshold: Σ wᵢxᵢ ≥ T; else 0.

    Input `(N, in)`, output `(N, 1)`. A weight of 1 excites, −1 inhibits, 0 ignores. AND of two inputs is 1, 1
    with T = 2, OR the same with T = 1, NOT is −1 with T = 0. Nothing is learned and no gradient passes. From
    McCulloch and Pitts (1943), A logical calculus of the ideas immanent in nervous activity.
    """

    title = "Threshold unit"
    family = Family.DENSE
    makes_rows = True
    aliases = ("mcculloch-pitts", "tlu", "threshold logic", "neuron", "and", "or", "logic gate", "perceptron")
    inputs = (Port("input", "rows of zeros and ones (N, in)", ranks=(2,)),)
    passes_gradients = False

    weights = Shape((1, 1), min=-1, max=1, min_length=1, help="One for each input: 1, 0 or −1.")
    threshold = Float(2.0, help="From this sum on it fires.")

    def build(self, features: TensorSpec) -> nn.Module:
        from nodes.modules.activation import ThresholdUnit as Module

        return Module(self.weights, self.threshold)

    def check(self, features: TensorSpec) -> None:
        size = known(features.shape[1])
        if size != len(self.weights):
            fixes: tuple[ProposedFix, ...] = ()
            if size <= MOST_PROPOSED:
                fixes = (SetParam("weights", [*self.weights, *[1] * size][:size]),)
            raise LayerError(
                f"{size} weight{'s' * (size != 1)}, one for each input",
                str(len(self.weights)),
                port="input",
                fixes=fixes,
            )

    def example_inputs(self) -> Inputs:
        return (TensorSpec((N, len(self.weights))),)

    def card_label(self) -> str:
        shown = ", ".join(str(weight) for weight in self.weights[:6]).replace("-", "−")
        more = ", …" if len(self.weights) > 6 else ""
        return card_label.line(f"{shown}{more}", f"T = {self.threshold:g}")
