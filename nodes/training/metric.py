"""Metrics: what a person wants to know about a model; measured on validation data, never differentiated.

A metric's module follows torchmetrics: `update(prediction, target)`, `compute()`, `reset()`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from nodes.param import Choice, Float, Int
from nodes.shared import card_label
from nodes.shared.sliding_window import spatial
from nodes.shared.targets import (
    LABELS,
    LOGITS,
    PREDICTION,
    SCORES,
    TRUTH,
    check_labels,
    check_same,
    check_weight,
    class_count,
    class_dim_param,
    ignored_labels,
    ignored_param,
    label_shape,
    truth_fixes,
    weighted_param,
    with_example,
    with_weight,
)
from nodes.spec import Family, Inputs, Layer, LayerError, N, Port, ProposedFix, Role, SetParam, TensorSpec

if TYPE_CHECKING:
    from torch import nn


class Metric(Layer):
    """What metrics share."""

    abstract = True
    family = Family.METRIC
    role = Role.METRIC
    outputs = ()
    higher_is_better: ClassVar[bool] = True
    is_share: ClassVar[bool] = False
    """Whether it is a share of 1, to be shown in percent."""
    in_target_unit: ClassVar[bool] = False
    """Whether it is a difference in the target's unit: a run then measures in that of the data, not of the
    scaled numbers that the network learns from."""


class Accuracy(Metric):
    """Share of samples whose highest score is the true class.

    Logits `(N, …, classes)` with labels `(N, …)`; for a label per pixel set `class_dim` to channel. Averaged
    over classes it is the mean of the share of each: guessing the most common one then tells nothing.
    """

    aliases = ("correct", "hits", "classification", "error rate", "balanced accuracy", "mean recall")
    inputs = (SCORES, LABELS)
    is_share = True

    class_dim = class_dim_param()
    average = Choice(
        "samples",
        choices=("samples", "classes"),
        advanced=True,
        help="Every sample counts alike, or every class (balanced accuracy).",
    )
    ignore_index = ignored_param()
    weighted = weighted_param()

    def input_ports(self) -> tuple[Port, ...]:
        return with_weight(self.inputs, weighted=self.weighted)

    def build(self, logits: TensorSpec, label: TensorSpec, _weight: TensorSpec | None = None) -> nn.Module:
        from nodes.modules.metric import BalancedAccuracy, TopAccuracy

        kind = BalancedAccuracy if self.average == "classes" else TopAccuracy
        return kind(1, self.class_dim == "channel", ignored_labels(self.ignore_index, label))

    def check(self, logits: TensorSpec, label: TensorSpec, weight: TensorSpec | None = None) -> None:
        check_labels(logits, label, self.class_dim)
        check_weight(label_shape(logits, self.class_dim), weight)

    def card_label(self) -> str:
        return "balanced" if self.average == "classes" else ""

    def example_inputs(self) -> Inputs:
        return with_example(
            (TensorSpec((N, 10)), TensorSpec((N,), "int64", classes=10)), weighted=self.weighted
        )


class Perplexity(Metric):
    """Among how many equally likely classes a prediction hesitates: e to the mean of −log softmax[label].

    Logits `(N, …, classes)` with labels `(N, …)`, as tokens of a text; 1 is certain and right, as many as
    there are classes is a guess. With weights or a mask the mean is Σ w·l / Σ w. From Jelinek et al. (1977).
    """

    aliases = ("language model", "cross-entropy", "bits per character", "gpt", "text", "surprise")
    inputs = (SCORES, LABELS)
    higher_is_better = False

    class_dim = class_dim_param()
    ignore_index = ignored_param()
    weighted = weighted_param()

    def input_ports(self) -> tuple[Port, ...]:
        return with_weight(self.inputs, weighted=self.weighted)

    def build(self, logits: TensorSpec, label: TensorSpec, _weight: TensorSpec | None = None) -> nn.Module:
        from nodes.modules.metric import Perplexity as Module

        return Module(self.class_dim == "channel", ignored_labels(self.ignore_index, label))

    def check(self, logits: TensorSpec, label: TensorSpec, weight: TensorSpec | None = None) -> None:
        check_labels(logits, label, self.class_dim)
        check_weight(label_shape(logits, self.class_dim), weight)

    def example_inputs(self) -> Inputs:
        return with_example(
            (TensorSpec((N, 10)), TensorSpec((N,), "int64", classes=10)), weighted=self.weighted
        )


class TopK(Metric):
    """Share of samples whose true class is among the k highest scores; ImageNet uses 5.

    Logits `(N, …, classes)` with labels `(N, …)`.
    """

    title = "Top-k accuracy"
    type = "top_k"
    aliases = ("top-5", "top5", "hits", "classification")
    inputs = (SCORES, LABELS)
    is_share = True

    k = Int(5, min=1, max=65536, help="How many guesses are allowed.")
    class_dim = class_dim_param()
    ignore_index = ignored_param()
    weighted = weighted_param()

    def input_ports(self) -> tuple[Port, ...]:
        return with_weight(self.inputs, weighted=self.weighted)

    def build(self, logits: TensorSpec, label: TensorSpec, _weight: TensorSpec | None = None) -> nn.Module:
        from nodes.modules.metric import TopAccuracy as Module

        return Module(self.k, self.class_dim == "channel", ignored_labels(self.ignore_index, label))

    def check(self, logits: TensorSpec, label: TensorSpec, weight: TensorSpec | None = None) -> None:
        check_labels(logits, label, self.class_dim)
        check_weight(label_shape(logits, self.class_dim), weight)
        count = class_count(logits, self.class_dim)
        if self.k > count:
            raise LayerError(
                f"at most {count} guesses for {count} scores",
                f"{self.k}",
                port="logits",
                fixes=(SetParam("k", count),),
            )

    def example_inputs(self) -> Inputs:
        return with_example(
            (TensorSpec((N, 10)), TensorSpec((N,), "int64", classes=10)), weighted=self.weighted
        )

    def card_label(self) -> str:
        return f"top {self.k}"


class BinaryAccuracy(Metric):
    """Share of yes-or-no answers that are right: logits at or above the threshold count as yes.

    Logits and targets (0 or 1) of one shape.
    """

    title = "Binary accuracy"
    aliases = ("correct", "yes or no", "gan", "multi-label")
    inputs = (
        LOGITS,
        Port("target", "0 or 1, of the same shape", dtype="any", side=True),
    )
    is_share = True

    threshold = Float(
        0.0, advanced=True, help="From this score on it is a yes; 0 for logits, 0.5 after a sigmoid."
    )
    weighted = weighted_param()

    def input_ports(self) -> tuple[Port, ...]:
        return with_weight(self.inputs, weighted=self.weighted)

    def build(self, logits: TensorSpec, target: TensorSpec, _weight: TensorSpec | None = None) -> nn.Module:
        from nodes.modules.metric import BinaryAccuracy as Module

        return Module(self.threshold)

    def check(self, logits: TensorSpec, target: TensorSpec, weight: TensorSpec | None = None) -> None:
        check_same(logits, target, "logits")
        check_weight(logits, weight)

    def example_inputs(self) -> Inputs:
        return with_example(
            (TensorSpec((N, 1)), TensorSpec((N, 1), "int64", classes=2)), weighted=self.weighted
        )


class ErrorMetric(Metric):
    """What errors between a prediction and a target of the same shape share."""

    abstract = True
    higher_is_better = False
    in_target_unit = True
    inputs = (PREDICTION, TRUTH)

    weighted = weighted_param()

    def input_ports(self) -> tuple[Port, ...]:
        return with_weight(self.inputs, weighted=self.weighted)

    def check(self, prediction: TensorSpec, target: TensorSpec, weight: TensorSpec | None = None) -> None:
        check_same(prediction, target)
        check_weight(prediction, weight)

    def port_fixes(self, port: Port, spec: TensorSpec) -> tuple[ProposedFix, ...]:
        return truth_fixes(port, spec) or super().port_fixes(port, spec)


class MeanAbsoluteError(ErrorMetric):
    """How far predictions are off on average, in the target's unit: mean of |prediction − target|."""

    title = "MAE"
    aliases = ("mean absolute error", "l1", "regression")

    def build(
        self, prediction: TensorSpec, target: TensorSpec, _weight: TensorSpec | None = None
    ) -> nn.Module:
        from nodes.modules.metric import AbsoluteError as Module

        return Module()


class RootMeanSquaredError(ErrorMetric):
    """How far predictions are off, in the target's unit, large errors counting most: √ mean (p − t)²."""

    title = "RMSE"
    type = "rmse"
    aliases = ("root mean squared error", "l2", "regression")

    def build(
        self, prediction: TensorSpec, target: TensorSpec, _weight: TensorSpec | None = None
    ) -> nn.Module:
        from nodes.modules.metric import RootSquaredError as Module

        return Module()


class ImageMetric(Metric):
    """What comparisons of two images share."""

    abstract = True
    inputs = (
        Port("prediction", "images (N, C, H, W)", ranks=(4,)),
        Port("target", "true images, of the same shape", ranks=(4,), side=True),
    )

    span = Float(
        1.0,
        min=1e-6,
        max=1e6,
        label="Range",
        help="From the least to the greatest value: 1 for images in 0–1.",
    )
    weighted = weighted_param()

    def input_ports(self) -> tuple[Port, ...]:
        return with_weight(self.inputs, weighted=self.weighted)

    def check(self, prediction: TensorSpec, target: TensorSpec, weight: TensorSpec | None = None) -> None:
        check_same(prediction, target)
        check_weight(TensorSpec(prediction.shape[:1]), weight)

    def example_inputs(self) -> Inputs:
        image = TensorSpec((N, 8, 16, 16))
        return with_example((image, image), weighted=self.weighted)

    def card_label(self) -> str:
        return "" if self.span == 1.0 else f"range {self.span:g}"


class PeakSignalNoiseRatio(ImageMetric):
    """How near images are to the true ones, pixel by pixel, in decibels: 10 log₁₀(range² / squared error).

    Images `(N, C, H, W)` of one shape. Higher is nearer; 30 dB is hard to tell from the original. What is
    blurred scores well: see SSIM.
    """

    title = "PSNR"
    type = "psnr"
    aliases = ("peak signal-to-noise ratio", "decibel", "super-resolution", "image quality")

    def build(
        self, prediction: TensorSpec, target: TensorSpec, _weight: TensorSpec | None = None
    ) -> nn.Module:
        from nodes.modules.metric import PeakSignalNoiseRatio as Module

        return Module(self.span)


class StructuralSimilarity(ImageMetric):
    """How alike images look: mean, contrast and structure of each neighbourhood compared; 1 is the same.

    Images `(N, C, H, W)` of one shape, at least 6×6. Neighbourhoods are Gaussian with a deviation of 1.5
    pixels, 11 pixels wide. From Wang et al. (2004), Image quality assessment.
    """

    title = "SSIM"
    type = "ssim"
    aliases = ("structural similarity", "super-resolution", "image quality", "perceptual")

    def build(
        self, prediction: TensorSpec, target: TensorSpec, _weight: TensorSpec | None = None
    ) -> nn.Module:
        from nodes.modules.metric import StructuralSimilarity as Module

        return Module(self.span)

    def check(self, prediction: TensorSpec, target: TensorSpec, weight: TensorSpec | None = None) -> None:
        super().check(prediction, target, weight)
        if min(spatial(prediction)) < 6:
            received = card_label.by(spatial(prediction))
            raise LayerError("images of at least 6×6 pixels", received, port="prediction")
