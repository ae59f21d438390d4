"""Losses: scalars that say how wrong a prediction is; what an objective makes smaller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodes.param import Choice, Float
from nodes.shared import card_label
from nodes.shared.targets import (
    LOGITS,
    PREDICTION,
    SCORES,
    TRUTH,
    check_class_weights,
    check_labels,
    check_place_weight,
    check_same,
    check_shares,
    check_weight,
    class_count,
    class_dim_param,
    class_weights_param,
    given_weights_param,
    ignored_labels,
    ignored_param,
    label_shape,
    truth_fixes,
    weighted_param,
    with_example,
    with_weight,
)
from nodes.spec import Family, Inputs, Layer, LayerError, N, Port, ProposedFix, Role, TensorSpec

if TYPE_CHECKING:
    from torch import nn

_SCALAR = (Port("loss", "scalar"),)


def _reduction() -> Choice:
    return Choice("mean", choices=("mean", "sum"), help="Average over all values of the batch, or add up.")


class Loss(Layer):
    """What losses share."""

    abstract = True
    family = Family.LOSS
    role = Role.LOSS
    outputs = _SCALAR

    reduction = _reduction()

    def inside(self) -> tuple[str, ...]:
        """Types of the activations that it applies itself; one of them before it would act twice."""
        return ()

    def card_label(self) -> str:
        return "" if self.reduction == "mean" else self.reduction


class CrossEntropy(Loss):
    """How surprised the predicted class probabilities are by the true class: −log softmax(logits)[label].

    Logits `(N, classes)` or `(N, …, classes)` with labels `(N)` or `(N, …)`; for images with a label per
    pixel set `class_dim` to channel: logits `(N, classes, H, W)`, labels `(N, H, W)`. Returns a scalar.
    Labels may also be shares of the classes (soft targets), of the shape of the logits. Softmax is inside:
    feed it raw scores. Label smoothing is from Szegedy et al. (2016). With weights of classes, samples or
    steps the average is Σ w·l / Σ w, and 0 where nothing counts: the mask `(N, T)` of padded texts, as the
    weight, leaves out what is filled up.
    """

    title = "Cross-entropy"
    aliases = (
        "log loss",
        "nll",
        "softmax loss",
        "classification",
        "categorical",
        "segmentation",
        "criterion",
    )
    inputs = (
        SCORES,
        Port("label", "class indices (N, …), or shares of the classes, like the scores", "any", side=True),
    )

    label_smoothing = Float(
        0.0, min=0.0, max=1.0, advanced=True, help="Share of the target spread over all classes."
    )
    class_dim = class_dim_param()
    class_weights = class_weights_param()
    weights = given_weights_param()
    ignore_index = ignored_param()
    weighted = weighted_param()

    def inside(self) -> tuple[str, ...]:
        return ("softmax",)  # the logarithms of a softmax have the softmax that they were made of

    def input_ports(self) -> tuple[Port, ...]:
        return with_weight(self.inputs, weighted=self.weighted)

    def build(self, logits: TensorSpec, label: TensorSpec, _weight: TensorSpec | None = None) -> nn.Module:
        import torch

        from nodes.modules.loss import BoundedCrossEntropy, CrossEntropy

        known = label.is_float or label.classes is not None
        kind = CrossEntropy if known else BoundedCrossEntropy
        weights = None
        if self.class_weights == "given":
            weights = torch.tensor(self.weights)
        elif self.class_weights == "balanced":  # set to those of the training part before the first step
            weights = torch.ones(class_count(logits, self.class_dim))
        ignored = ignored_labels(self.ignore_index, label)
        return kind(self.reduction, self.label_smoothing, self.class_dim == "channel", weights, ignored)

    def check(self, logits: TensorSpec, label: TensorSpec, weight: TensorSpec | None = None) -> None:
        if label.is_float:
            check_shares(logits, label, self.class_dim)
            if self.ignore_index or self.class_weights == "balanced":
                raise LayerError("class numbers, to ignore some or to count them", "shares", port="label")
        else:
            check_labels(logits, label, self.class_dim)
        check_weight(label_shape(logits, self.class_dim), weight)
        check_class_weights(self.class_weights, self.weights, class_count(logits, self.class_dim))

    def card_label(self) -> str:
        told = {"none": "", "balanced": "balanced", "given": "class weights"}[self.class_weights]
        return card_label.line(told, super().card_label())

    def example_inputs(self) -> Inputs:
        shape = (N, 10) if self.class_dim == "last" else (N, 10, 8, 8)
        rest = (N,) if self.class_dim == "last" else (N, 8, 8)
        return with_example(
            (TensorSpec(shape), TensorSpec(rest, "int64", classes=10)), weighted=self.weighted
        )


class BinaryCrossEntropy(Loss):
    """How surprised a predicted probability is by a yes or no: −y log σ(x) − (1 − y) log(1 − σ(x)).

    Logits and targets of one shape, targets in [0, 1]. Returns a scalar. Sigmoid is inside: feed it raw
    scores. What the discriminator of a GAN learns by.
    """

    title = "BCE with logits"
    type = "bce_with_logits"
    aliases = ("binary cross-entropy", "log loss", "sigmoid loss", "yes or no", "gan", "multi-label")
    inputs = (
        LOGITS,
        Port("target", "0 to 1, of the same shape", dtype="any", side=True),
    )

    positive_weight = Float(
        1.0, min=0.0, max=1e6, advanced=True, help="Weight of the yes, where they are rare."
    )
    weighted = weighted_param()

    def inside(self) -> tuple[str, ...]:
        return ("sigmoid", "log_sigmoid")

    def input_ports(self) -> tuple[Port, ...]:
        return with_weight(self.inputs, weighted=self.weighted)

    def build(self, logits: TensorSpec, target: TensorSpec, _weight: TensorSpec | None = None) -> nn.Module:
        from nodes.modules.loss import BinaryCrossEntropy as Module

        return Module(self.reduction, self.positive_weight)

    def check(self, logits: TensorSpec, target: TensorSpec, weight: TensorSpec | None = None) -> None:
        check_same(logits, target, "logits")
        check_weight(logits, weight)

    def example_inputs(self) -> Inputs:
        return with_example(
            (TensorSpec((N, 1)), TensorSpec((N, 1), "int64", classes=2)), weighted=self.weighted
        )


class Distance(Loss):
    """What losses between a prediction and a target of the same shape share."""

    abstract = True
    inputs = (PREDICTION, TRUTH)

    weighted = weighted_param()

    def input_ports(self) -> tuple[Port, ...]:
        return with_weight(self.inputs, weighted=self.weighted)

    def distance(self, reduction: str) -> nn.Module:
        """The module of torch: `(prediction, target)` -> the mean, the sum, or with "none" each value."""
        raise NotImplementedError(f"{self.title} does not build a module")

    def build(
        self, prediction: TensorSpec, target: TensorSpec, _weight: TensorSpec | None = None
    ) -> nn.Module:
        from nodes.modules.loss import WeightedDistance

        if not self.weighted:
            return self.distance(self.reduction)
        return WeightedDistance(self.distance("none"), self.reduction)

    def check(self, prediction: TensorSpec, target: TensorSpec, weight: TensorSpec | None = None) -> None:
        check_same(prediction, target)
        check_weight(prediction, weight)

    def port_fixes(self, port: Port, spec: TensorSpec) -> tuple[ProposedFix, ...]:
        return truth_fixes(port, spec) or super().port_fixes(port, spec)


class MSE(Distance):
    """Mean of the squared differences: (prediction − target)². Large errors count most.

    Prediction and target of one shape; returns a scalar.
    """

    title = "Squared error"
    type = "mse"
    aliases = ("mse", "l2", "mean squared error", "regression", "least squares", "reconstruction")

    def distance(self, reduction: str) -> nn.Module:
        from torch import nn

        return nn.MSELoss(reduction=reduction)


class MAE(Distance):
    """Mean of the absolute differences: |prediction − target|. All errors count alike.

    Prediction and target of one shape; returns a scalar.
    """

    title = "Absolute error"
    type = "mae"
    aliases = ("mae", "l1", "mean absolute error", "regression", "reconstruction")

    def distance(self, reduction: str) -> nn.Module:
        from torch import nn

        return nn.L1Loss(reduction=reduction)


class Huber(Distance):
    """Squared error for small differences, absolute error beyond δ: outliers pull less.

    Prediction and target of one shape; returns a scalar. From Huber (1964).
    """

    title = "Huber loss"
    aliases = ("smooth l1", "robust", "regression", "outliers")

    delta = Float(1.0, min=1e-6, max=1e6, label="δ", help="Difference from which on it is absolute.")

    def distance(self, reduction: str) -> nn.Module:
        from torch import nn

        return nn.HuberLoss(reduction=reduction, delta=self.delta)


class Dice(Loss):
    """How little the predicted regions overlap with the true ones: 1 − (2 Σ p·y + s) / (Σ p + Σ y + s).

    Logits `(N, classes, H, W)` with labels `(N, H, W)` (softmax is inside), or logits and a mask of one
    shape, yes or no per pixel (sigmoid is inside). Returns a scalar: the mean over samples and classes.
    Regions count alike, however small they are. From Milletari et al. (2016), V-Net.
    """

    title = "Dice loss"
    aliases = ("overlap", "segmentation", "f1", "mask", "region", "v-net", "u-net")
    inputs = (SCORES, Port("label", "class indices, or a mask like the scores", "any", side=True))

    smoothing = Float(
        1.0, min=0.0, max=1e6, advanced=True, help="Added above and below, so that nothing is 0/0."
    )
    class_dim = class_dim_param("channel")
    ignore_index = ignored_param()
    weighted = weighted_param()

    def input_ports(self) -> tuple[Port, ...]:
        return with_weight(self.inputs, weighted=self.weighted)

    def inside(self) -> tuple[str, ...]:
        return ("softmax", "sigmoid", "log_sigmoid")

    def build(self, logits: TensorSpec, label: TensorSpec, _weight: TensorSpec | None = None) -> nn.Module:
        from nodes.modules.loss import Dice as Module

        return Module(
            self.smoothing,
            self.reduction,
            self.class_dim == "channel",
            ignored_labels(self.ignore_index, label),
        )

    def check(self, logits: TensorSpec, label: TensorSpec, weight: TensorSpec | None = None) -> None:
        if label.is_float or label.shape == logits.shape:
            check_shares(logits, label, self.class_dim)
        else:
            check_labels(logits, label, self.class_dim)
        check_place_weight(logits, weight, self.class_dim)

    def example_inputs(self) -> Inputs:
        shape = (N, 3, 8, 8) if self.class_dim == "channel" else (N, 8, 8, 3)
        return with_example(
            (TensorSpec(shape), TensorSpec((N, 8, 8), "int64", classes=3)), weighted=self.weighted
        )


class PerceptronCriterion(Loss):
    """Rosenblatt's rule as a loss: Σ (y − t)·s, where y is 1 if the score s reaches the threshold, else 0.

    Scores and targets (0 or 1) of one shape; returns a scalar. y is held constant, so that plain SGD with
    one sample at a time makes exactly `w += lr·(t − y)·x`, and the bias too: nothing changes where the
    answer is right. Converges where a line parts the classes, and never elsewhere (Rosenblatt, 1957;
    Minsky and Papert, 1969).
    """

    title = "Perceptron criterion"
    aliases = ("perceptron rule", "rosenblatt", "delta rule", "step", "linear classifier")
    inputs = (
        Port("score", "weighted sums (N, …), before any activation", ranks=(2, 1, 3, 4, 5)),
        Port("target", "0 or 1, of the same shape", dtype="any", side=True),
    )

    reduction = Choice("sum", choices=("sum", "mean"), help="Add up over the batch, or average.")
    threshold = Float(0.0, advanced=True, help="From this score on the unit fires.")
    weighted = weighted_param()

    def input_ports(self) -> tuple[Port, ...]:
        return with_weight(self.inputs, weighted=self.weighted)

    def inside(self) -> tuple[str, ...]:
        return ("step",)

    def build(self, score: TensorSpec, target: TensorSpec, _weight: TensorSpec | None = None) -> nn.Module:
        from nodes.modules.loss import PerceptronCriterion as Module

        return Module(self.threshold, self.reduction)

    def check(self, score: TensorSpec, target: TensorSpec, weight: TensorSpec | None = None) -> None:
        check_same(score, target, "score")
        check_weight(score, weight)

    def card_label(self) -> str:
        return card_label.line(f"≥ {self.threshold:g}" if self.threshold else "", super().card_label())

    def example_inputs(self) -> Inputs:
        return with_example(
            (TensorSpec((N, 1)), TensorSpec((N, 1), "int64", classes=2)), weighted=self.weighted
        )
