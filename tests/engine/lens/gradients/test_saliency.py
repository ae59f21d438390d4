"""Saliency equals gradients that torch computes by hand, of pictures, rows and tokens; it changes nothing."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from engine.document.project import MAIN, Project
from engine.infer import infer
from engine.lens.lens import Cost
from engine.lens.registry import LENSES
from nodes.param import ParamError
from nodes.registry import REGISTRY
from tests.drawings import chain, convnet, gan, graph, lenet5
from tests.engine.lens.gradients.looked import arrays_of, opened, picture_and_label, same, untouched

LENS = LENSES["saliency"]


def by_hand(plan, picture, last="linear3"):
    """LeNet-5 up to one of its layers."""
    value = picture
    for path, module in plan.modules.items():
        value = module(value)
        if path == last:
            return value
    raise AssertionError(last)


def test_the_gradient_of_the_largest_unit_and_of_a_chosen_one_by_a_picture():
    plan, feeds = opened(lenet5(), 3)
    before = untouched(plan)
    plain = arrays_of(plan, feeds, "saliency", "linear3")
    chosen = arrays_of(plan, feeds, "saliency", "linear3", unit=4, method="gradient_input")
    assert untouched(plan) == before
    picture, _ = picture_and_label(feeds)
    picture.requires_grad_()
    scores = by_hand(plan, picture)
    largest = int(scores.argmax())
    assert plain["unit"].tolist() == [largest, 10]
    assert plain["decides"]
    assert float(plain["value"]) == pytest.approx(scores[0, largest].item(), rel=1e-5)
    (gradient,) = torch.autograd.grad(scores[0, largest], picture, retain_graph=True)
    same(plain["heat"], gradient[0].abs().amax(0))
    same(plain["input"], picture[0])
    (gradient,) = torch.autograd.grad(scores[0, 4], picture)
    same(chosen["heat"], (gradient * picture)[0].sum(0))
    assert chosen["signed"]
    assert not plain["signed"]


def test_of_maps_a_unit_is_the_mean_of_a_channel():
    plan, feeds = opened(lenet5())
    found = arrays_of(plan, feeds, "saliency", "conv2", unit=7)
    picture, _ = picture_and_label(feeds)
    picture.requires_grad_()
    maps = by_hand(plan, picture, "conv2")
    (gradient,) = torch.autograd.grad(maps[0, 7].mean(), picture)
    same(found["heat"], gradient[0].abs().amax(0))
    assert not found["decides"]


def test_the_gradient_of_the_loss():
    plan, feeds = opened(lenet5())
    picture, label = picture_and_label(feeds)
    picture.requires_grad_()
    loss = F.cross_entropy(by_hand(plan, picture), label)
    (gradient,) = torch.autograd.grad(loss, picture)
    for target, options in (("loss", {}), ("conv1", {"of": "loss"})):
        found = arrays_of(plan, feeds, "saliency", target, **options)
        same(found["heat"], gradient[0].abs().amax(0))
        assert float(found["value"]) == pytest.approx(loss.item(), rel=1e-5)


@pytest.mark.parametrize("of", ["unit", "loss"])
def test_smooth_gradients_are_the_mean_over_copies_with_noise(of):
    plan, feeds = opened(lenet5())
    options = {"method": "smooth", "copies": 5, "noise": 0.2, "of": of, "unit": 2}
    found = arrays_of(plan, feeds, "saliency", "linear3", **options)
    again = arrays_of(plan, feeds, "saliency", "linear3", **options)
    assert (found["heat"] == again["heat"]).all(), "the noise is the same every time"
    picture, label = picture_and_label(feeds)
    chance = torch.Generator().manual_seed(0)
    noise = torch.randn((5, 1, 28, 28), generator=chance) * 0.2 * (picture.max() - picture.min())
    total = torch.zeros(28, 28)
    for one in noise:
        noisy = (picture + one).requires_grad_()
        scores = by_hand(plan, noisy)
        scalar = scores[0, 2] if of == "unit" else F.cross_entropy(scores, label)
        total += torch.autograd.grad(scalar, noisy)[0][0, 0] / 5
    same(found["heat"], total.abs())
    assert int(found["samples"]) == 5


def test_columns_of_a_linear_model_have_its_weights():
    plan, feeds = opened(chain({"dataset": "diabetes"}, [("linear", "linear", {"out_features": 1})], "mse"))
    found = arrays_of(plan, feeds, "saliency", "linear")
    weight = plan.modules["linear"].weight[0]
    same(found["heat"], weight)
    row = feeds.pinned[next(iter(feeds.pinned))][0]
    product = arrays_of(plan, feeds, "saliency", "linear", method="gradient_input")
    same(product["heat"], weight * row)
    total = product["heat"].sum() + plan.modules["linear"].bias.item()
    assert total == pytest.approx(float(product["value"]), rel=1e-4)


def text() -> Project:
    nodes = [
        ("data", "data", {"dataset": "moby-dick", "context": 12}),
        ("embedding", "embedding", {"num_embeddings": 81, "embedding_dim": 6}),
        ("hidden", "lstm", {"hidden_size": 7, "output": "sequence"}),
        ("logits", "linear", {"out_features": 81}),
        ("loss", "cross_entropy"),
        ("objective", "objective"),
    ]
    wires = [
        "data.input -> embedding",
        "embedding -> hidden.input",
        "hidden -> logits",
        "logits -> loss.logits",
        "data.target -> loss.label",
        "loss.loss -> objective.loss",
    ]
    return Project(graphs={MAIN: graph(nodes, wires)})


def test_of_tokens_it_is_the_length_of_the_gradient_by_their_embedding():
    project = text()
    plan, feeds = opened(project)
    found = arrays_of(plan, feeds, "saliency", "logits", unit=5)
    product = arrays_of(plan, feeds, "saliency", "logits", unit=5, method="gradient_input")
    tokens = feeds.pinned[next(iter(feeds.pinned))]
    plan.eval()
    embedded = plan.modules["embedding"](tokens).detach().requires_grad_()
    hidden = plan.modules["hidden"](embedded)
    hidden = hidden[0] if isinstance(hidden, tuple) else hidden
    score = plan.modules["logits"](hidden)[0, -1, 5]
    (gradient,) = torch.autograd.grad(score, embedded)
    same(found["heat"], gradient[0].norm(dim=-1))
    same(product["heat"], (gradient * embedded)[0].sum(-1))
    assert found["input"].tolist() == tokens[0].tolist()
    report = infer(project)
    layers = {name: REGISTRY[node.layer] for name, node in project.main.nodes.items()}
    offered = {name for name in layers if LENS.applies_to(layers[name], report.nodes.get(name))}
    assert offered == {"hidden", "logits", "loss"}, "an embedding itself is the float value that is nearest"


def test_a_generator_reacts_to_its_noise():
    plan, feeds = opened(gan())
    found = arrays_of(plan, feeds, "saliency", "make")
    assert found["heat"].ndim == 1
    assert found["heat"].any()


def test_where_no_gradient_passes_the_heat_is_zero_and_a_missing_unit_is_told():
    steps = [("step", "threshold_unit", {"weights": [1] * 10}), ("linear", "linear", {"out_features": 1})]
    plan, feeds = opened(chain({"dataset": "diabetes"}, steps, "mse"))
    found = arrays_of(plan, feeds, "saliency", "linear")
    assert found["heat"].shape == (10,)
    assert not found["heat"].any()
    plan, feeds = opened(convnet("digits"))
    with pytest.raises(ParamError, match=r"unit: Expected -1 or a unit from 0 to 9\. Received 10\."):
        arrays_of(plan, feeds, "saliency", "output", unit=10)


def test_it_costs_a_turn_of_its_own():
    assert LENS.cost is Cost.SET
    assert LENS.of_sample


def test_in_the_inspector_it_waits_until_somebody_wants_it():
    kinds = ("saliency", "grad_cam", "deep_dream", "landscape")
    assert all(LENSES[kind].is_dear for kind in kinds)
    assert not LENSES["feature_maps"].is_dear
