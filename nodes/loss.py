"""Losses: scalars that say how wrong a prediction is; what an objective makes smaller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodes.param import Choice, Float
from nodes.spec import Family, Layer, Port, Role, TensorSpec

if TYPE_CHECKING:
    from torch import nn


class CrossEntropy(Layer):
    """How surprised the predicted class probabilities are by the true class: −log softmax(logits)[label].

    Logits `(N, classes)` or `(N, …, classes)` with labels `(N)` or `(N, …)`; returns a scalar. Softmax is
    inside: feed it raw scores.
    """

    title = "Cross-entropy"
    family = Family.LOSS
    role = Role.LOSS
    aliases = ("log loss", "nll", "softmax loss", "classification")
    inputs = (
        Port("logits", "raw scores (N, …, classes)", ranks=(2, 3, 4)),
        Port("label", "class indices (N, …)", dtype="int", side=True),
    )
    outputs = (Port("loss", "scalar"),)

    reduction = Choice("mean", choices=("mean", "sum"), help="Average over the batch, or add up.")
    label_smoothing = Float(
        0.0, min=0.0, max=1.0, advanced=True, help="Share of the target spread over all classes."
    )

    def build(self, logits: TensorSpec, label: TensorSpec) -> nn.Module:
        from nodes.modules.loss import LastDimCrossEntropy

        return LastDimCrossEntropy(self.reduction, self.label_smoothing)
