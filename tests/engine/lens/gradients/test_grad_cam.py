"""Grad-CAM equals one that is written by hand, and changes nothing."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from engine.document.project import MAIN, Project
from engine.infer import infer
from engine.lens.registry import LENSES
from nodes.registry import REGISTRY
from tests.drawings import convnet, graph, lenet5
from tests.engine.lens.gradients.looked import arrays_of, opened, picture_and_label, same, untouched

LENS = LENSES["grad_cam"]


def cam(maps, score, size):
    """Selvaraju et al. (2017)."""
    (gradient,) = torch.autograd.grad(score, maps)
    weights = gradient[0].mean((1, 2))
    found = torch.zeros(maps.shape[2:])
    for channel, weight in enumerate(weights):
        found += weight * maps[0, channel]
    return F.interpolate(found.clamp(min=0)[None, None], size, mode="bilinear", align_corners=False)[0, 0]


@pytest.mark.parametrize(("target", "unit"), [("conv1", -1), ("pool1", 3), ("conv2", 3), ("tanh2", 0)])
def test_in_lenet_it_equals_a_hand_written_one(target, unit):
    plan, feeds = opened(lenet5(), 3)
    before = untouched(plan)
    found = arrays_of(plan, feeds, "grad_cam", target, unit=unit)
    assert untouched(plan) == before
    value, _ = picture_and_label(feeds)
    for path, module in plan.modules.items():
        value = module(value)
        if path == target:
            maps = value = value.detach().requires_grad_()
        if path == "linear3":
            break
    chosen = int(value.argmax()) if unit < 0 else unit
    same(found["heat"], cam(maps, value[0, chosen], (28, 28)))
    assert found["unit"].tolist() == [chosen, 10]
    assert found["maps"].tolist() == list(maps.shape[1:])


def residual(width: int = 8) -> Project:
    """A small residual network: two blocks with a sum around their convolutions."""
    nodes = [
        ("data", "data", {"dataset": "digits"}),
        ("conv", "conv2d", {"out_channels": width, "padding": 1}),
        ("conv1", "conv2d", {"out_channels": width, "padding": 1, "bias": False}),
        ("norm1", "batch_norm2d"),
        ("relu1", "relu"),
        ("conv2", "conv2d", {"out_channels": width, "padding": 1}),
        ("add", "add"),
        ("relu2", "relu"),
        ("average", "global_avg_pool"),
        ("linear", "linear", {"out_features": 10}),
        ("soft", "softmax"),
        ("output", "output"),
    ]
    wires = [
        "data.input -> conv",
        "conv -> conv1",
        "conv1 -> norm1",
        "norm1 -> relu1",
        "relu1 -> conv2",
        "conv -> add.input",
        "conv2 -> add.input",
        "add -> relu2",
        "relu2 -> average",
        "average -> linear",
        "linear -> soft",
        "soft -> output",
    ]
    return Project(graphs={MAIN: graph(nodes, wires)})


def test_around_a_residual_sum_and_before_the_softmax_of_a_drawing_without_a_loss():
    project = residual()
    plan, feeds = opened(project)
    found = arrays_of(plan, feeds, "grad_cam", "conv1", unit=2)
    plan.eval()
    m = plan.modules
    picture = feeds.pinned[next(iter(feeds.pinned))]
    first = m["conv"](picture)
    maps = m["conv1"](first).detach().requires_grad_()
    total = first + m["conv2"](F.relu(m["norm1"](maps)))
    score = m["linear"](F.relu(total).mean((2, 3)))[0, 2]
    same(found["heat"], cam(maps, score, tuple(picture.shape[2:])))
    assert float(found["value"]) == pytest.approx(score.item(), rel=1e-5), "before the softmax"


def test_it_is_offered_for_maps_alone():
    project = convnet("digits")
    report = infer(project)
    layers = {name: REGISTRY[node.layer] for name, node in project.main.nodes.items()}
    offered = {name for name in layers if LENS.applies_to(layers[name], report.nodes.get(name))}
    assert {"conv1", "norm1"} <= offered
    assert not offered & {"data", "flatten", "linear", "loss", "output", "objective"}
    plan, feeds = opened(project)
    for target in offered:
        assert arrays_of(plan, feeds, "grad_cam", target)["heat"].shape == (8, 8)
