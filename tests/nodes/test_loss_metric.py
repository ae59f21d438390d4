"""Losses and metrics: formulas as mean and as sum, labels that do not fit, metrics over batches."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional as F

from nodes.spec import InsertBefore, Layer, SetBefore, SetParam
from nodes.training.loss import MAE, MSE, BinaryCrossEntropy, CrossEntropy, Huber
from nodes.training.metric import Accuracy, BinaryAccuracy, MeanAbsoluteError, RootMeanSquaredError, TopK
from nodes.training.objective import Objective
from tests.nodes.fixes_tried import assert_fixed, labels, refusal, says, spec

SCORES = torch.tensor([[2.0, 1.0, 0.1], [0.0, 3.0, 1.0]])
LABELS = torch.tensor([0, 2])


def value(layer: Layer, prediction: torch.Tensor, target: torch.Tensor) -> float:
    def described(tensor: torch.Tensor) -> object:
        if tensor.is_floating_point():
            return spec(*tensor.shape[1:])
        return labels(*tensor.shape[1:], classes=2)

    inputs = described(prediction), described(target)
    layer.check(*inputs)
    module = layer.build(*inputs)
    if not hasattr(module, "update"):
        return module(prediction, target).item()
    module.update(prediction, target)
    return module.compute().item()


def test_cross_entropy_is_minus_sum_y_log_p() -> None:
    p = SCORES.softmax(1)
    total = -(math.log(p[0, 0]) + math.log(p[1, 2]))
    assert value(CrossEntropy(), SCORES, LABELS) == pytest.approx(total / 2, rel=1e-6)
    assert value(CrossEntropy(reduction="sum"), SCORES, LABELS) == pytest.approx(total, rel=1e-6)
    assert value(CrossEntropy(), torch.zeros(5, 10), torch.zeros(5, dtype=torch.int64)) == pytest.approx(
        math.log(10)
    )


def test_classes_stand_last_or_on_the_channel() -> None:
    sequence, words = torch.randn(2, 5, 7), torch.randint(0, 2, (2, 5))
    flat = F.cross_entropy(sequence.reshape(10, 7), words.reshape(10)).item()
    assert value(CrossEntropy(), sequence, words) == pytest.approx(flat)
    assert value(CrossEntropy(class_dim="channel"), sequence.transpose(1, 2), words) == pytest.approx(flat)
    image, pixels = torch.randn(2, 7, 4, 5), torch.randint(0, 2, (2, 4, 5))
    expected = F.cross_entropy(image, pixels, label_smoothing=0.1).item()
    layer = CrossEntropy(class_dim="channel", label_smoothing=0.1)
    assert value(layer, image, pixels) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("layer", "mean", "total"),
    [(MSE, 10 / 3, 10), (MAE, 4 / 3, 4), (Huber, (0.5 + 2.5) / 3, 3.0)],
)
def test_distances_as_mean_and_as_sum(layer: type[Layer], mean: float, total: float) -> None:
    prediction, target = torch.tensor([[1.0, 2.0, 3.0]]), torch.tensor([[2.0, 2.0, 0.0]])
    assert value(layer(), prediction, target) == pytest.approx(mean)
    assert value(layer(reduction="sum"), prediction, target) == pytest.approx(total)


def test_binary_cross_entropy_takes_whole_numbers() -> None:
    scores, yes = torch.tensor([[0.5], [-1.0]]), torch.tensor([[1], [0]])
    p = scores.sigmoid()
    expected = -(math.log(p[0]) + math.log(1 - p[1])) / 2
    assert value(BinaryCrossEntropy(), scores, yes) == pytest.approx(expected, rel=1e-6)
    weighted = -(3 * math.log(p[0]) + math.log(1 - p[1])) / 2
    assert value(BinaryCrossEntropy(positive_weight=3.0), scores, yes) == pytest.approx(weighted, rel=1e-6)


@pytest.mark.parametrize("layer", [CrossEntropy(), Accuracy(), TopK(k=1)])
def test_scores_for_every_class(layer: Layer) -> None:
    error = refusal(layer, spec(2), labels(classes=10))
    assert str(error) == "Expected at least 10 scores, one for each class. Received 2 in N×2."
    assert error.port == "logits"
    assert error.arithmetic == "2 < 10"
    assert error.fixes == (SetBefore("out_features", 10),)
    layer.check(spec(12), labels(classes=10))
    layer.check(spec(2), labels(classes=None))


def test_too_few_channels_for_the_classes() -> None:
    error = refusal(CrossEntropy(class_dim="channel"), spec(2, 8, 8), labels(8, 8))
    assert error.fixes == (SetBefore("out_channels", 10),)


def test_labels_that_do_not_fit() -> None:
    error = assert_fixed(CrossEntropy(), spec(10, 8, 8), labels(8, 8))
    assert error.fixes == (SetParam("class_dim", "channel"),)
    error = assert_fixed(CrossEntropy(), spec(10), labels(1))
    assert error.fixes == (InsertBefore("reshape", {"shape": []}),)
    error = refusal(CrossEntropy(), spec(6, 14, 10), labels())
    assert says(
        error, "Expected labels N×6×14 for scores N×6×14×10. Received N (one label for a whole sample"
    )
    assert says(error, "put Flatten")


@pytest.mark.parametrize(
    "layer", [MSE(), MAE(), Huber(), BinaryCrossEntropy(), MeanAbsoluteError(), RootMeanSquaredError()]
)
def test_targets_of_another_shape(layer: Layer) -> None:
    error = assert_fixed(layer, spec(1), spec())
    assert error.port == "target"
    assert error.fixes == (InsertBefore("reshape", {"shape": [1]}),)
    assert refusal(layer, spec(5), spec(3)).fixes == (SetBefore("out_features", 3),)
    assert refusal(layer, spec(5), spec()).fixes == (SetBefore("out_features", 1),)
    assert refusal(layer, spec(5), spec(1, 8, 8)).fixes == (SetBefore("out_features", 64),)
    assert refusal(layer, spec(3, 8, 8), spec(1, 8, 8)).fixes == (SetBefore("out_channels", 1),)
    assert refusal(layer, spec(3, 4, 4), spec(3, 8, 8)).fixes == (InsertBefore("upsample", {"scale": 2.0}),)
    assert not refusal(layer, spec(3, 8, 8), spec(3, 5, 4)).fixes


@pytest.mark.parametrize("layer", [MSE(), MeanAbsoluteError(), RootMeanSquaredError()])
def test_a_regression_of_labels_is_offered_one_hot(layer: Layer) -> None:
    port = layer.input_ports()[1]
    assert layer.port_fixes(port, labels()) == (InsertBefore("one_hot"),)


def test_accuracies() -> None:
    assert value(Accuracy(), SCORES, LABELS) == 0.5
    assert value(TopK(k=2), SCORES, LABELS) == 1.0
    assert value(TopK(k=1), SCORES, LABELS) == 0.5
    image = torch.zeros(1, 3, 2, 2)
    image[:, 1] = 1
    assert value(Accuracy(class_dim="channel"), image, torch.ones(1, 2, 2, dtype=torch.int64)) == 1.0
    assert value(TopK(k=2, class_dim="channel"), image, torch.ones(1, 2, 2, dtype=torch.int64)) == 1.0
    assert value(BinaryAccuracy(), torch.tensor([[2.0], [-1.0]]), torch.tensor([[1], [1]])) == 0.5
    assert assert_fixed(TopK(k=5), spec(3), labels(classes=3)).fixes == (SetParam("k", 3),)


def test_errors_in_the_targets_unit() -> None:
    prediction, target = torch.tensor([[3.0], [0.0]]), torch.tensor([[0.0], [4.0]])
    assert value(MeanAbsoluteError(), prediction, target) == 3.5
    assert value(RootMeanSquaredError(), prediction, target) == pytest.approx(math.sqrt(12.5))
    assert not RootMeanSquaredError.higher_is_better
    assert Accuracy.is_share


def test_metrics_agree_with_torchmetrics() -> None:
    import torchmetrics

    scores, classes = torch.randn(3, 20, 10), torch.randint(0, 10, (3, 20))
    for ours, theirs in (
        (Accuracy(), torchmetrics.Accuracy("multiclass", num_classes=10, average="micro")),
        (TopK(k=3), torchmetrics.Accuracy("multiclass", num_classes=10, average="micro", top_k=3)),
        (RootMeanSquaredError(), torchmetrics.MeanSquaredError(squared=False)),
        (MeanAbsoluteError(), torchmetrics.MeanAbsoluteError()),
    ):
        classifies = isinstance(ours, Accuracy | TopK)
        module = ours.build(*ours.example_inputs())
        for batch, truth in zip(scores, classes, strict=True):
            target = truth if classifies else batch.flip(1)
            module.update(batch, target)
            theirs.update(batch, target)
        assert module.compute().item() == pytest.approx(theirs.compute().item(), rel=1e-5)


@pytest.mark.parametrize(
    ("params", "line"),
    [
        ({}, "Adam · 1e-3"),
        ({"learning_rate": 0.002}, "Adam · 2e-3"),
        ({"optimiser": "sgd", "learning_rate": 0.1}, "SGD · 0.1"),
        ({"optimiser": "rmsprop", "learning_rate": 2.5e-4}, "RMSprop · 2.5e-4"),
        ({"optimiser": "adamw", "learning_rate": 0.05}, "AdamW · 5e-2"),
    ],
)
def test_the_objectives_card(params: dict[str, object], line: str) -> None:
    assert Objective(**params).card_label() == line
