"""Verdicts, penalties and losses between samples: golden numbers, and their gradients."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nodes.layers.math import StopGradient
from nodes.layers.stochastic import RandomMix, Reparameterise
from nodes.spec import InsertBefore, Layer, TensorSpec
from nodes.training.adversarial import RealOrFake
from nodes.training.loss import CrossEntropy, Dice, PerceptronCriterion
from nodes.training.pairs import Contrastive, CosineDistance, Triplet
from nodes.training.penalty import (
    ContractivePenalty,
    GradientPenalty,
    KLDivergence,
    SparsityPenalty,
    TotalVariation,
)
from tests.nodes.battery import seeded
from tests.nodes.fixes_tried import assert_fixed, labels, refusal, says, spec

SCORE = torch.tensor([[2.0], [-1.0], [0.5]])


def made(layer: Layer) -> nn.Module:
    return layer.build(*layer.example_inputs()).train()


def loss(layer: Layer, *values: Tensor) -> float:
    return made(layer)(*values).item()


# Verdicts -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "real", "fake"),
    [
        (
            "cross-entropy",
            sum(math.log1p(math.exp(-s)) for s in (2.0, -1.0, 0.5)) / 3,
            sum(math.log1p(math.exp(s)) for s in (2.0, -1.0, 0.5)) / 3,
        ),
        ("least squares", (1 + 4 + 0.25) / 3, (4 + 1 + 0.25) / 3),
        ("hinge", (0 + 2 + 0.5) / 3, (3 + 0 + 1.5) / 3),
        ("linear", -0.5, 0.5),
    ],
)
def test_real_or_fake_in_four_forms(form: str, real: float, fake: float) -> None:
    assert loss(RealOrFake(form=form), SCORE) == pytest.approx(real, rel=1e-6)
    assert loss(RealOrFake(form=form, verdict="fake"), SCORE) == pytest.approx(fake, rel=1e-6)
    total = RealOrFake(form=form, verdict="fake", reduction="sum")
    assert loss(total, SCORE) == pytest.approx(3 * fake, rel=1e-6)


def test_the_cross_entropy_is_that_of_a_hand_written_loop() -> None:
    score = torch.randn(64, 1)
    with_ones = F.binary_cross_entropy_with_logits(score, torch.ones(64, 1))
    assert torch.equal(made(RealOrFake())(score), with_ones)
    smooth = F.binary_cross_entropy_with_logits(score, torch.full((64, 1), 0.9))
    assert torch.equal(made(RealOrFake(smoothing=0.1))(score), smooth)
    zeros = F.binary_cross_entropy_with_logits(score, torch.zeros(64, 1))
    assert torch.equal(made(RealOrFake(verdict="fake", smoothing=0.1))(score), zeros)


def test_the_saturating_loss_of_a_generator_is_fake_times_minus_one() -> None:
    score = torch.tensor([[-6.0]], requires_grad=True)
    made(RealOrFake(verdict="fake"))(score).mul(-1).backward()
    assert score.grad is not None
    assert score.grad.item() == pytest.approx(-1 / (1 + math.exp(6)), rel=1e-4)  # nearly no slope
    score.grad = None
    made(RealOrFake())(score).backward()
    assert score.grad.item() == pytest.approx(-1 / (1 + math.exp(-6)), rel=1e-4)


@pytest.mark.parametrize(
    ("params", "line"),
    [
        ({}, "real"),
        ({"verdict": "fake", "form": "hinge"}, "fake · hinge"),
        ({"reduction": "sum"}, "real · sum"),
    ],
)
def test_the_verdict_stands_on_the_card(params: dict[str, object], line: str) -> None:
    assert RealOrFake(**params).card_label() == line
    assert "sigmoid" in RealOrFake().inside()
    assert not RealOrFake(form="linear").inside()


# Penalties ----------------------------------------------------------------------------------------------


def test_kl_divergence_to_the_standard_normal() -> None:
    mean, log_variance = torch.randn(5, 3), torch.randn(5, 3)
    normal = torch.distributions.Normal(mean, (0.5 * log_variance).exp())
    each = torch.distributions.kl_divergence(normal, torch.distributions.Normal(0.0, 1.0))
    assert loss(KLDivergence(), mean, log_variance) == pytest.approx(each.sum(1).mean().item(), rel=1e-5)
    assert loss(KLDivergence(reduction="sum"), mean, log_variance) == pytest.approx(
        each.sum().item(), rel=1e-5
    )
    values = KLDivergence(reduction="values")
    assert loss(values, mean, log_variance) == pytest.approx(each.mean().item(), rel=1e-5)
    assert loss(KLDivergence(), torch.zeros(2, 3), torch.zeros(2, 3)) == 0.0


def test_gradient_penalty_of_a_plane_is_known() -> None:
    """score = x·w has the slope w everywhere: (‖w‖ − 1)² = (5 − 1)², and 2·(5 − 1)·w/5 as its gradient."""
    weight = torch.tensor([[3.0], [4.0]], requires_grad=True)
    features = torch.randn(6, 2, requires_grad=True)
    penalty = made(GradientPenalty())(features @ weight, features)
    assert penalty.item() == pytest.approx(16.0, rel=1e-6)
    penalty.backward()
    assert weight.grad is not None
    assert weight.grad.flatten().tolist() == pytest.approx([8 * 3 / 5, 8 * 4 / 5], rel=1e-5)
    r1 = made(GradientPenalty(target=0.0))(features @ weight, features)
    assert r1.item() == pytest.approx(25.0, rel=1e-6)


def test_gradient_penalty_looks_at_each_sample() -> None:
    features = torch.tensor([[1.0], [2.0]], requires_grad=True)
    penalty = made(GradientPenalty())(features**2, features)  # slopes 2 and 4
    assert penalty.item() == pytest.approx((1 + 9) / 2)
    assert made(GradientPenalty())(torch.randn(4, 1), torch.randn(4, 1)).item() == 1.0  # no slope at all
    with torch.no_grad():
        assert made(GradientPenalty())(features**2, features).item() == 0.0


def test_contractive_penalty_is_the_jacobians_norm() -> None:
    net, features = nn.Sequential(nn.Linear(6, 4), nn.Sigmoid()), torch.randn(5, 6, requires_grad=True)
    jacobians = [torch.autograd.functional.jacobian(net, row) for row in features.detach()]
    expected = sum(jacobian.square().sum() for jacobian in jacobians) / 5
    penalty = made(ContractivePenalty())(net(features), features)
    assert penalty.item() == pytest.approx(expected.item(), rel=1e-5)
    penalty.backward()
    assert net[0].weight.grad.abs().sum() > 0
    with seeded():
        guess = made(ContractivePenalty(directions=400))(net(features), features)
    assert guess.item() == pytest.approx(expected.item(), rel=0.1)


def test_sparsity_penalties() -> None:
    code = torch.tensor([[0.1, -0.3], [0.3, 0.1]])
    assert loss(SparsityPenalty(), code) == pytest.approx(0.2)
    assert loss(SparsityPenalty(reduction="sum"), code) == pytest.approx(0.8)
    rate, active = 0.1, 0.4
    divergence = rate * math.log(rate / active) + (1 - rate) * math.log((1 - rate) / (1 - active))
    units = torch.tensor([[0.3, 0.1], [0.5, 0.1]])  # means 0.4 and 0.1: the second is as it should be
    layer = SparsityPenalty(form="rate", rate=rate, reduction="sum")
    assert loss(layer, units) == pytest.approx(divergence, rel=1e-5)
    assert math.isfinite(loss(layer, torch.zeros(2, 2)))


def test_total_variation_counts_both_directions() -> None:
    image = torch.tensor([[[[0.0, 1.0], [3.0, 1.0]]]])
    assert loss(TotalVariation(reduction="sum"), image) == 3 + 0 + 1 + 2
    assert loss(TotalVariation(), image) == 1.5 + 1.5
    assert says(refusal(TotalVariation(), spec(1, 1, 8)), "at least 2×2 pixels")


# Between samples ----------------------------------------------------------------------------------------


def test_contrastive_loss_of_hadsell() -> None:
    a, b = torch.tensor([[0.0, 0.0], [0.0, 0.0]]), torch.tensor([[3.0, 4.0], [0.3, 0.4]])
    layer = Contrastive(reduction="sum")
    assert loss(layer, a, b, torch.tensor([1, 1])) == pytest.approx(12.5 + 0.125)
    assert loss(layer, a, b, torch.tensor([0.0, 0.0])) == pytest.approx(0.5 * 0.25)
    assert loss(layer, a, b, torch.tensor([[1], [0]])) == pytest.approx(12.5 + 0.125)
    touching = torch.zeros(1, 2, requires_grad=True)
    made(layer)(touching, torch.zeros(1, 2), torch.tensor([0])).backward()
    assert touching.grad is not None
    assert touching.grad.isfinite().all()


def test_triplets_and_angles() -> None:
    row, near, far = torch.tensor([[0.0, 0.0]]), torch.tensor([[0.6, 0.8]]), torch.tensor([[0.0, 1.5]])
    assert loss(Triplet(), row, near, far) == pytest.approx(1 - 1.5 + 1, abs=1e-5)
    assert loss(Triplet(margin=0.0), row, far, near) == pytest.approx(1.5 - 1, abs=1e-5)
    assert loss(Triplet(margin=0.0), row, near, far) == 0
    rows = [torch.randn(8, 4) for _ in range(3)]
    assert torch.equal(made(Triplet(margin=0.7))(*rows), torch.nn.TripletMarginLoss(0.7)(*rows))
    assert loss(CosineDistance(), torch.tensor([[2.0, 0.0]]), torch.tensor([[0.0, 3.0]])) == pytest.approx(1)
    assert loss(CosineDistance(), torch.tensor([[2.0, 0.0]]), torch.tensor([[5.0, 0.0]])) == pytest.approx(0)


def test_shapes_that_must_agree() -> None:
    for layer in (KLDivergence(), Reparameterise(), CosineDistance(), RandomMix()):
        error = assert_fixed(layer, spec(8), spec(5))
        assert error.fixes == (InsertBefore("linear", {"out_features": 8}),)
    assert says(refusal(Contrastive(), spec(8), spec(8), labels(3)), "one number for each pair")
    doubled = TensorSpec((type(spec(1).shape[0])(2), 1))
    assert says(refusal(GradientPenalty(), doubled, spec(4)), "as many samples")


# Targets ------------------------------------------------------------------------------------------------


def test_dice_counts_overlap() -> None:
    sure = torch.tensor([[[[99.0, -99.0], [99.0, -99.0]]]])
    mask = torch.tensor([[[[1, 0], [0, 0]]]])
    assert loss(Dice(smoothing=0.0), sure, mask) == pytest.approx(1 - 2 / 3)
    assert loss(Dice(smoothing=0.0), sure, mask.float()) == pytest.approx(1 - 2 / 3)
    scores = torch.stack([-sure[:, 0], sure[:, 0]], 1)  # the same as two classes
    both = ((1 - 2 / 3) + (1 - 4 / 5)) / 2
    assert loss(Dice(smoothing=0.0), scores, mask[:, 0]) == pytest.approx(both)
    last = Dice(smoothing=0.0, class_dim="last")
    assert loss(last, scores.movedim(1, -1), mask[:, 0]) == pytest.approx(both)
    refusal(Dice(), spec(3, 8, 8), spec(3, 8, 7))


def test_cross_entropy_takes_shares_of_classes() -> None:
    logits, shares = torch.randn(4, 7, 5), torch.rand(4, 7, 5).softmax(-1)
    layer = CrossEntropy()
    layer.check(spec(7, 5), spec(7, 5))
    by_hand = -(shares * logits.log_softmax(-1)).sum(-1).mean()
    assert loss(layer, logits, shares) == pytest.approx(by_hand.item(), rel=1e-5)
    hard = torch.randint(0, 5, (4, 7))
    whole = F.one_hot(hard, 5).float()
    assert loss(layer, logits, whole) == pytest.approx(loss(layer, logits, hard), rel=1e-6)
    error = refusal(layer, spec(5), spec(1))
    assert says(error, "Expected class indices N, or shares N×5 like the scores. Received N×1 float32.")


def test_the_perceptron_criterion_learns_from_mistakes_only() -> None:
    score = torch.tensor([[2.0], [-1.0], [0.0]], requires_grad=True)
    target = torch.tensor([[0], [1], [1]])
    value = made(PerceptronCriterion())(score, target)
    assert value.item() == 2.0 + 1.0
    value.backward()
    assert score.grad is not None
    assert score.grad.flatten().tolist() == [1.0, -1.0, 0.0]


# Chance -------------------------------------------------------------------------------------------------


def test_reparameterise_draws_by_mean_and_deviation() -> None:
    mean, log_variance = torch.full((20_000, 2), 3.0), torch.full((20_000, 2), math.log(4.0))
    module = made(Reparameterise())
    with seeded():
        drawn = module(mean, log_variance)
    assert drawn.mean().item() == pytest.approx(3.0, abs=0.05)
    assert drawn.std().item() == pytest.approx(2.0, abs=0.05)
    assert not torch.equal(module.eval()(mean, log_variance), mean)
    assert torch.equal(made(Reparameterise(evaluating="mean")).eval()(mean, log_variance), mean)


def test_a_random_mix_has_one_proportion_for_each_sample() -> None:
    with seeded():
        mixed = made(RandomMix())(torch.zeros(500, 3, 2), torch.ones(500, 3, 2))
    assert torch.equal(mixed, mixed[:, :1, :1].expand_as(mixed))
    assert mixed.min() >= 0
    assert mixed.max() <= 1
    assert mixed[:, 0, 0].mean().item() == pytest.approx(0.5, abs=0.05)


def test_stop_gradient_changes_no_value() -> None:
    features = torch.randn(3, 2, requires_grad=True)
    passed = made(StopGradient())(features)
    assert torch.equal(passed, features)
    assert not passed.requires_grad


def test_a_contractive_penalty_of_many_units_wants_random_directions() -> None:
    fixed = assert_fixed(ContractivePenalty(), spec(2000), spec(8))
    assert "Expected a code of at most 1,024 units" in str(fixed)
    assert "2,000 units" in str(fixed)
