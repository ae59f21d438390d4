"""A mask as the weight of a loss or metric: what is filled up counts nowhere, as in torch by hand."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nodes.layers.pooling import SequencePool
from nodes.spec import Layer, N, TensorSpec
from nodes.training.loss import MAE, MSE, BinaryCrossEntropy, CrossEntropy, Huber, Loss
from nodes.training.metric import Accuracy, MeanAbsoluteError, Perplexity, RootMeanSquaredError
from tests.nodes.fixes_tried import refusal, says, spec

BATCH, TIME, SIZE = 3, 5, 4
REAL = torch.arange(TIME) < torch.tensor([5, 2, 3])[:, None]


def drawn(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


LOGITS, OTHER = drawn(0, BATCH, TIME, SIZE), drawn(1, BATCH, TIME, SIZE)
LABEL = torch.randint(0, SIZE, (BATCH, TIME), generator=torch.Generator().manual_seed(2))
EACH = F.cross_entropy(LOGITS.transpose(1, 2), LABEL, reduction="none")


def value(layer: Layer, *inputs: Tensor) -> Tensor:
    specs = [TensorSpec((N, *one.shape[1:]), str(one.dtype).removeprefix("torch."), None) for one in inputs]
    layer.check(*specs)
    assert all(port.accepts(one) for port, one in zip(layer.input_ports(), specs, strict=True))
    module = layer.build(*specs)
    if isinstance(layer, Loss):
        found: Tensor = module(*inputs)
        return found
    module.update(*inputs)
    measured: Tensor = module.compute()
    return measured


@pytest.mark.parametrize("mask", [REAL, REAL.float(), REAL.long(), REAL.float().unsqueeze(2)])
def test_a_mask_of_any_kind_leaves_out_what_is_filled_up(mask: Tensor) -> None:
    wanted = EACH[REAL].mean()
    assert torch.allclose(value(CrossEntropy(weighted=True), LOGITS, LABEL, mask), wanted)
    assert torch.allclose(value(Perplexity(weighted=True), LOGITS, LABEL, mask), wanted.exp())
    right = (LOGITS.argmax(-1) == LABEL)[REAL].float().mean()
    assert torch.allclose(value(Accuracy(weighted=True), LOGITS, LABEL, mask), right)


DISTANCES: list[tuple[type[Layer], Tensor]] = [
    (MSE, (LOGITS - OTHER).square()),
    (MAE, (LOGITS - OTHER).abs()),
    (Huber, F.huber_loss(LOGITS, OTHER, reduction="none")),
    (MeanAbsoluteError, (LOGITS - OTHER).abs()),
]


@pytest.mark.parametrize(("kind", "each"), DISTANCES)
def test_a_mask_of_steps_holds_for_all_values_of_a_step(kind: type[Layer], each: Tensor) -> None:
    """(N, time) with values (N, time, features)."""
    assert torch.allclose(value(kind(weighted=True), LOGITS, OTHER, REAL.float()), each[REAL].mean())


def test_errors_and_yes_or_no_with_a_mask() -> None:
    squared = (LOGITS - OTHER).square()[REAL].mean().sqrt()
    assert torch.allclose(value(RootMeanSquaredError(weighted=True), LOGITS, OTHER, REAL.float()), squared)
    yes = (OTHER > 0).float()
    each = F.binary_cross_entropy_with_logits(LOGITS, yes, reduction="none")
    assert torch.allclose(
        value(BinaryCrossEntropy(weighted=True), LOGITS, yes, REAL.float()), each[REAL].mean()
    )


def test_perplexity_of_a_guess_is_the_number_of_classes_and_no_class_is_nan() -> None:
    assert value(Perplexity(), torch.zeros(2, 7, 10), torch.zeros(2, 7, dtype=torch.int64)).item() == (
        pytest.approx(10.0)
    )
    strange = LABEL.clone()
    strange[0, 0] = SIZE
    assert value(Perplexity(), LOGITS, strange).isnan()
    ignoring = value(Perplexity(ignore_index=[SIZE]), LOGITS, strange)
    assert torch.allclose(ignoring, EACH.flatten()[1:].mean().exp())


def test_weights_of_neither_samples_nor_steps_are_refused() -> None:
    error = refusal(MSE(weighted=True), spec(TIME, SIZE), spec(TIME, SIZE), spec(SIZE))
    assert says(error, "Expected weights N, one for each sample, N×5 or N×5×4.")
    assert refusal(MSE(weighted=True), spec(SIZE), spec(SIZE), spec(SIZE, SIZE)).port == "weight"


@pytest.mark.parametrize("operation", ["mean", "max", "sum", "first", "last"])
def test_one_row_of_each_sequence_comes_from_its_real_steps(operation: str) -> None:
    layer = SequencePool(operation=operation)
    layer.check(spec(TIME, SIZE), spec(TIME))
    module = layer.build(spec(TIME, SIZE), spec(TIME))
    by_hand = {
        "mean": lambda x: x.mean(0),
        "max": lambda x: x.amax(0),
        "sum": lambda x: x.sum(0),
        "first": lambda x: x[0],
        "last": lambda x: x[-1],
    }[operation]
    mask = REAL.clone()
    mask[1] = torch.tensor([False, True, False, True, False])
    x = LOGITS.clone().masked_fill(~mask.unsqueeze(2), torch.nan).requires_grad_()
    left = module(x, mask.float())
    for at in range(BATCH):
        assert torch.allclose(left[at], by_hand(LOGITS[at, mask[at]]))
    left.sum().backward()
    assert x.grad is not None
    assert (x.grad[~mask] == 0).all()
    assert torch.allclose(module(LOGITS), torch.stack([by_hand(one) for one in LOGITS]))
    nothing = module(LOGITS, torch.zeros(BATCH, TIME))
    assert torch.equal(nothing, torch.zeros(BATCH, SIZE))


def test_the_mask_of_a_pool_has_one_number_for_each_step() -> None:
    assert refusal(SequencePool(), spec(TIME, SIZE), spec(SIZE)).port == "mask"
    assert isinstance(SequencePool().build(spec(TIME, SIZE)), nn.Module)
