"""IoU and Dice against torchmetrics, and labels of pixels that count nowhere in losses and metrics."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torchmetrics.classification import BinaryJaccardIndex, MulticlassF1Score, MulticlassJaccardIndex

from nodes.spec import UNCOUNTED, Layer, LayerError, N, TensorSpec
from nodes.training.loss import CrossEntropy, Dice
from nodes.training.metric import Accuracy, TopK
from nodes.training.overlap import DiceScore, IntersectionOverUnion

SCORES = TensorSpec((N, 4, 5, 6))
LABELS = TensorSpec((N, 5, 6), "int64", classes=4)


def batch(seed: int, count: int = 3) -> tuple[Tensor, Tensor]:
    """Scores of 4 classes and labels, of which class 3 is never true."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, 4, 5, 6, generator=generator), torch.randint(
        3, (count, 5, 6), generator=generator
    )


def built(layer: Layer, scores: TensorSpec = SCORES, labels: TensorSpec = LABELS) -> nn.Module:
    layer.check(scores, labels)
    return layer.build(scores, labels)


def measured(module: nn.Module, *batches: tuple[Tensor, Tensor]) -> float:
    module.reset()
    for scores, labels in batches:
        module.update(scores, labels)
    return float(module.compute())


REFERENCES = [
    (IntersectionOverUnion(), lambda **more: MulticlassJaccardIndex(4, average="macro", **more)),
    (
        IntersectionOverUnion(average="pixels"),
        lambda **more: MulticlassJaccardIndex(4, average="micro", **more),
    ),
    (DiceScore(), lambda **more: MulticlassF1Score(4, average="macro", **more)),
    (DiceScore(average="pixels"), lambda **more: MulticlassF1Score(4, average="micro", **more)),
]


@pytest.mark.parametrize(("layer", "reference"), REFERENCES)
@pytest.mark.parametrize("ignored", [False, True])
def test_overlap_is_that_of_torchmetrics(layer: Layer, reference: type, ignored: bool) -> None:
    batches = [batch(0), batch(1, 2)]
    expected = reference(ignore_index=UNCOUNTED) if ignored else reference()
    for _, labels in batches:
        if ignored:
            labels[:, :2] = UNCOUNTED
    for scores, labels in batches:
        expected.update(scores, labels)
    assert measured(built(layer), *batches) == pytest.approx(float(expected.compute()), abs=1e-6)


def test_a_mask_of_yes_and_no_is_measured() -> None:
    scores, mask = torch.randn(3, 1, 5, 6), torch.randint(2, (3, 1, 5, 6)).float()
    one = TensorSpec((N, 1, 5, 6))
    expected = BinaryJaccardIndex(threshold=0.5)
    expected.update(scores.sigmoid(), mask.int())
    assert measured(built(IntersectionOverUnion(), one, one), (scores, mask)) == pytest.approx(
        float(expected.compute())
    )


def test_classes_last_and_nothing_seen() -> None:
    scores, labels = batch(0)
    last = built(IntersectionOverUnion(class_dim="last"), TensorSpec((N, 5, 6, 4)), LABELS)
    assert measured(last, (scores.movedim(1, -1), labels)) == measured(
        built(IntersectionOverUnion()), (scores, labels)
    )
    assert measured(built(DiceScore())) == 0.0
    assert measured(built(DiceScore()), (scores, torch.full_like(labels, UNCOUNTED))) == 0.0


def test_labels_of_another_size_are_refused() -> None:
    with pytest.raises(LayerError, match="Expected labels N×5×6 for scores N×4×5×6"):
        built(IntersectionOverUnion(), SCORES, TensorSpec((N, 6, 5), "int64", classes=4))
    with pytest.raises(LayerError, match="at least 5 scores"):
        built(DiceScore(), SCORES, TensorSpec((N, 5, 6), "int64", classes=5))


@pytest.mark.parametrize(
    "layer",
    [
        CrossEntropy(class_dim="channel"),
        CrossEntropy(class_dim="channel", label_smoothing=0.1),
        CrossEntropy(class_dim="channel", reduction="sum"),
        Dice(),
    ],
)
def test_pixels_that_count_nowhere_change_no_loss(layer: Layer) -> None:
    scores, labels = batch(2)
    labels[:, 3:] = UNCOUNTED
    other = scores.clone()
    other[:, :, 3:] = torch.randn(3, 4, 2, 6) * 9
    module = built(layer)
    assert torch.equal(module(scores, labels), module(other, labels))
    if isinstance(layer, CrossEntropy):
        cut = built(layer, TensorSpec((N, 4, 3, 6)), TensorSpec((N, 3, 6), "int64", classes=4))
        expected = cut(scores[:, :, :3], labels[:, :3]).item()
        assert module(scores, labels).item() == pytest.approx(expected, rel=1e-6)
        assert float(module(scores, torch.full_like(labels, UNCOUNTED))) == 0.0


@pytest.mark.parametrize("layer", [Accuracy(class_dim="channel"), TopK(k=2, class_dim="channel")])
def test_pixels_that_count_nowhere_change_no_accuracy(layer: Layer) -> None:
    scores, labels = batch(3)
    whole = labels.clone()
    labels[:, 3:] = UNCOUNTED
    cut = (scores[:, :, :3], whole[:, :3])
    assert measured(built(layer), (scores, labels)) == pytest.approx(measured(built(layer), cut))
