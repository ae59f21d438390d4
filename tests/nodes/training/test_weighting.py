"""Weights of classes and samples, and ignored labels, in losses and metrics: as torch has them."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from nodes.spec import Layer, N, SetParam, TensorSpec
from nodes.training.adversarial import RealOrFake
from nodes.training.loss import (
    MAE,
    MSE,
    BinaryCrossEntropy,
    CrossEntropy,
    Dice,
    Huber,
    Loss,
    PerceptronCriterion,
)
from nodes.training.metric import (
    Accuracy,
    BinaryAccuracy,
    MeanAbsoluteError,
    PeakSignalNoiseRatio,
    Perplexity,
    RootMeanSquaredError,
    StructuralSimilarity,
    TopK,
)
from nodes.training.overlap import DiceScore, IntersectionOverUnion
from nodes.training.pairs import CosineDistance
from nodes.training.penalty import KLDivergence
from tests.nodes.fixes_tried import refusal, spec

CLASSES = 4
GIVEN = [0.5, 2.0, 1.0, 0.25]


def _spec(tensor: Tensor, classes: int | None = CLASSES) -> TensorSpec:
    whole = not tensor.is_floating_point()
    return TensorSpec((N, *tensor.shape[1:]), "int64" if whole else "float32", classes if whole else None)


def value(layer: Layer, *inputs: Tensor, classes: int | None = CLASSES) -> Tensor:
    specs = [_spec(tensor, classes) for tensor in inputs]
    layer.check(*specs)
    module = layer.build(*specs)
    if isinstance(layer, Loss):
        found: Tensor = module(*inputs)
        return found
    module.update(*inputs)
    measured: Tensor = module.compute()
    return measured


def scores(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


def labels(*shape: int) -> Tensor:
    return torch.randint(0, CLASSES, shape, generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("classes", [CLASSES, None])
def test_class_weights_and_ignored_labels_are_those_of_torch(
    reduction: str, smoothing: float, classes: int | None
) -> None:
    given = {"reduction": reduction, "label_smoothing": smoothing}
    weight = torch.tensor(GIVEN)
    flat, image = (scores(9, CLASSES), labels(9)), (scores(3, CLASSES, 2, 5), labels(3, 2, 5))
    for (logits, label), dim in ((flat, "last"), (image, "channel")):
        own = {**given, "class_dim": dim}
        layer = CrossEntropy(**own, class_weights="given", weights=GIVEN)
        assert torch.equal(
            value(layer, logits, label, classes=classes), F.cross_entropy(logits, label, weight, **given)
        )
        label = label.clone()
        label.view(-1)[::2] = 255
        layer = CrossEntropy(**own, class_weights="given", weights=GIVEN, ignore_index=[255])
        wanted = F.cross_entropy(logits, label, weight, ignore_index=255, **given)
        assert torch.equal(value(layer, logits, label, classes=classes), wanted)
        layer = CrossEntropy(**own, ignore_index=[255])
        wanted = F.cross_entropy(logits, label, ignore_index=255, **given)
        assert torch.equal(value(layer, logits, label, classes=classes), wanted)


def test_sequences_have_a_weight_for_each_place() -> None:
    logits, label, weight = scores(3, 5, CLASSES), labels(3, 5), (labels(3, 5) > 0).float()
    found = value(CrossEntropy(weighted=True), logits, label, weight)
    each = F.cross_entropy(logits.transpose(1, 2), label, reduction="none")
    assert torch.allclose(found, (each * weight).sum() / weight.sum())
    one = weight[:, 0].contiguous() + 1.0
    found = value(CrossEntropy(weighted=True), logits, label, one)
    assert torch.allclose(found, (each * one[:, None]).sum() / one.sum() / 5)


WEIGHTED: list[tuple[type[Layer], dict[str, Any], Tensor, Tensor]] = [
    (CrossEntropy, {}, scores(6, CLASSES), labels(6)),
    (CrossEntropy, {"class_weights": "given", "weights": GIVEN}, scores(6, CLASSES), labels(6)),
    (CrossEntropy, {"ignore_index": [1, 3], "label_smoothing": 0.2}, scores(6, CLASSES), labels(6)),
    (CrossEntropy, {"class_dim": "channel"}, scores(6, CLASSES, 3, 2), labels(6, 3, 2)),
    (CrossEntropy, {}, scores(6, CLASSES), scores(6, CLASSES).softmax(1)),
    (BinaryCrossEntropy, {"positive_weight": 3.0}, scores(6, 2), (scores(6, 2) > 0).long()),
    (MSE, {}, scores(6, 3), scores(6, 3) + 0.3),
    (MAE, {}, scores(6, 3), scores(6, 3).square()),
    (Huber, {"delta": 0.5}, scores(6, 2, 2), scores(6, 2, 2).square()),
    (Accuracy, {}, scores(6, CLASSES), labels(6)),
    (Accuracy, {"average": "classes"}, scores(6, CLASSES), labels(6)),
    (Accuracy, {"ignore_index": [0]}, scores(6, 3, CLASSES), labels(6, 3)),
    (TopK, {"k": 2}, scores(6, CLASSES), labels(6)),
    (BinaryAccuracy, {}, scores(6, 2), (scores(6, 2).square() > 0.5).long()),
    (MeanAbsoluteError, {}, scores(6, 3), scores(6, 3).square()),
    (RootMeanSquaredError, {}, scores(6, 3), scores(6, 3).square()),
    (Dice, {}, scores(6, CLASSES, 3, 3), labels(6, 3, 3)),
    (IntersectionOverUnion, {}, scores(6, CLASSES, 3, 3), labels(6, 3, 3)),
    (DiceScore, {"average": "pixels"}, scores(6, 1, 3, 3), (scores(6, 1, 3, 3).square() > 0.5).float()),
    (PerceptronCriterion, {}, scores(6, 2), (scores(6, 2).square() > 0.5).float()),
    (KLDivergence, {}, scores(6, 3), scores(6, 3).square()),
    (CosineDistance, {}, scores(6, 3), scores(6, 3).square()),
    (Perplexity, {}, scores(6, 3, CLASSES), labels(6, 3)),
    (Perplexity, {"ignore_index": [1], "class_dim": "channel"}, scores(6, CLASSES, 3), labels(6, 3)),
    (PeakSignalNoiseRatio, {}, scores(6, 1, 8, 8), scores(6, 1, 8, 8).square()),
    (StructuralSimilarity, {}, scores(6, 1, 8, 8), scores(6, 1, 8, 8).square()),
]


@pytest.mark.parametrize(("kind", "given", "prediction", "target"), WEIGHTED)
def test_a_sample_of_weight_k_counts_as_k_of_it(
    kind: type[Layer], given: dict[str, Any], prediction: Tensor, target: Tensor
) -> None:
    times = torch.tensor([0, 1, 2, 3, 1, 0])
    repeated = (prediction.repeat_interleave(times, 0), target.repeat_interleave(times, 0))
    weighted = kind(**given, weighted=True)
    assert torch.allclose(value(weighted, prediction, target, times.float()), value(kind(**given), *repeated))
    ones = torch.ones(6)
    assert torch.allclose(value(weighted, prediction, target, ones), value(kind(**given), prediction, target))
    if isinstance(weighted, Loss):
        summed = kind(**given, weighted=True, reduction="sum"), kind(**given, reduction="sum")
        first = value(summed[0], prediction, target, times.float()[:, None])
        assert torch.allclose(first, value(summed[1], *repeated))


@pytest.mark.parametrize("classes", [CLASSES, None])
@pytest.mark.parametrize("weighted", [False, True])
def test_where_nothing_counts_the_loss_is_zero_and_so_is_every_gradient(
    weighted: bool, classes: int | None
) -> None:
    logits = scores(5, CLASSES).requires_grad_()
    none = (torch.zeros(5),) if weighted else ()
    label = labels(5) if weighted else torch.full((5,), 255)
    loss = value(CrossEntropy(ignore_index=[255], weighted=weighted), logits, label, *none, classes=classes)
    loss.backward()
    assert loss.item() == 0.0
    assert logits.grad is not None
    assert not logits.grad.any()


def test_a_label_that_is_none_and_not_ignored_is_still_found() -> None:
    label = torch.tensor([0, 255, 9, 1])
    assert value(CrossEntropy(ignore_index=[255]), scores(4, CLASSES), label, classes=None).isnan()
    assert value(CrossEntropy(ignore_index=[255, 9]), scores(4, CLASSES), label, classes=None).isfinite()


def test_ignored_pixels_lie_in_no_region() -> None:
    logits, label = scores(2, CLASSES, 4, 4), labels(2, 4, 4)
    away = torch.zeros(2, 4, 4, dtype=torch.bool)
    away[:, 2:] = True
    found = value(Dice(ignore_index=[255]), logits, label.masked_fill(away, 255), classes=None)
    assert torch.allclose(found, value(Dice(), logits[:, :, :2], label[:, :2]))


def test_balanced_accuracy_is_the_mean_of_the_shares_of_the_classes() -> None:
    logits = torch.eye(CLASSES)[torch.tensor([0] * 9 + [1])]  # says class 0 nine times, then class 1
    label = torch.tensor([0] * 8 + [1, 1])
    assert value(Accuracy(), logits, label).item() == pytest.approx(0.9)
    assert value(Accuracy(average="classes"), logits, label).item() == pytest.approx((1 + 0.5) / 2)


def test_metrics_leave_out_ignored_labels() -> None:
    logits, label = scores(40, CLASSES), labels(40)
    kept = label != 2
    for kind in (Accuracy, TopK):
        given = {"k": 2} if kind is TopK else {}
        found = value(kind(**given, ignore_index=[2]), logits, label)
        assert torch.allclose(found, value(kind(**given), logits[kept], label[kept]))


@pytest.mark.parametrize("layer", [CrossEntropy(weighted=True), Accuracy(weighted=True)])
def test_weights_that_fit_neither_samples_nor_values_are_refused(layer: Layer) -> None:
    error = refusal(layer, spec(10), TensorSpec((N,), "int64", classes=10), spec(3))
    assert str(error) == "Expected weights N, one for each sample. Received N×3."
    assert error.port == "weight"


@pytest.mark.parametrize("given", [[], [1.0], [1.0, -1.0], [0.0, 0.0]])
def test_class_weights_are_one_number_for_each_class(given: list[float]) -> None:
    layer = CrossEntropy(class_weights="given", weights=given)
    error = refusal(layer, spec(2), TensorSpec((N,), "int64", classes=2))
    assert error.expected == "2 class weights from 0 on, not all 0"
    assert error.fixes == (SetParam("weights", [1.0, 1.0]),)


def test_shares_have_no_labels_to_ignore_or_to_count() -> None:
    for given in ({"ignore_index": [3]}, {"class_weights": "balanced"}):
        assert refusal(CrossEntropy(**given), spec(5), spec(5)).received == "shares"


@pytest.mark.parametrize("shape", [(6, 3, 4), (6, 1, 3, 4)])
@pytest.mark.parametrize("kind", [Dice, DiceScore, IntersectionOverUnion])
def test_a_mask_of_places_leaves_them_out_of_regions(kind: type[Layer], shape: tuple[int, ...]) -> None:
    """As labels that are ignored there."""
    logits, label = scores(6, CLASSES, 3, 4), labels(6, 3, 4)
    seen = labels(6, 3, 4) > 0
    hidden = label.masked_fill(~seen, 255)
    found = value(kind(weighted=True), logits, label, seen.float().reshape(shape))
    assert torch.allclose(found, value(kind(ignore_index=[255]), logits, hidden, classes=None))
    assert refusal(kind(weighted=True), spec(4, 3, 4), _spec(label), spec(4, 3)).port == "weight"


@pytest.mark.parametrize("form", ["cross-entropy", "least squares", "hinge", "linear"])
def test_verdicts_with_a_weight_of_each_sample(form: str) -> None:
    score, times = scores(6, 1), torch.tensor([0, 1, 2, 3, 1, 0])
    weighted = value(RealOrFake(form=form, weighted=True), score, times.float())
    assert torch.allclose(weighted, value(RealOrFake(form=form), score.repeat_interleave(times, 0)))
