"""Deep dream: what it excites grows, a step is that of a gradient by hand, and it changes nothing."""

from __future__ import annotations

from time import sleep

import numpy as np
import pytest
import torch

from engine.infer import infer
from engine.lens.gradients.ascent import dream, octave_sizes
from engine.lens.registry import LENSES
from nodes.registry import REGISTRY
from tests.drawings import convnet, dcgan, lenet5
from tests.engine.lens.gradients.looked import arrays_of, opened, picture_and_label, same, untouched

LENS = LENSES["deep_dream"]


def test_one_step_goes_along_the_gradient_over_its_mean_size() -> None:
    plan, feeds = opened(lenet5(), 3)
    before = untouched(plan)
    found = arrays_of(plan, feeds, "deep_dream", "conv2", channel=4, octaves=1, steps=1, rate=0.05)
    assert untouched(plan) == before
    picture, _ = picture_and_label(feeds)
    some = feeds.some(64)[next(iter(feeds.pinned))]
    low, high = min(some.min(), picture.min()).item(), max(some.max(), picture.max()).item()
    np.testing.assert_allclose(found["bounds"], (low, high), rtol=1e-6)
    chance = torch.Generator().manual_seed(0)
    shift = [int(torch.randint(-2, 3, (), generator=chance)) for _ in range(2)]
    moved = picture.roll(shift, (2, 3)).requires_grad_()
    modules = plan.modules

    def mean(value: torch.Tensor) -> torch.Tensor:
        hidden = modules["pool1"](modules["tanh1"](modules["conv1"](value)))
        return modules["conv2"](hidden)[0, 4].mean()

    (gradient,) = torch.autograd.grad(mean(moved), moved)
    gradient = gradient.roll([-one for one in shift], (2, 3))
    expected = (picture + 0.05 * (high - low) * gradient / gradient.abs().mean()).clamp(low, high)
    same(found["pictures"][0], picture[0])
    same(found["pictures"][1], expected[0])
    assert found["reached"][0] == pytest.approx(mean(moved).item(), rel=1e-4)
    with torch.no_grad():
        np.testing.assert_allclose(found["ends"], (mean(picture), mean(expected)), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize(("of", "target"), [("channel", "conv1"), ("channel", "pool2"), ("layer", "conv2")])
def test_what_is_excited_grows_the_same_every_time(of: str, target: str) -> None:
    plan, feeds = opened(lenet5())
    found = arrays_of(plan, feeds, "deep_dream", target, of=of)
    again = arrays_of(plan, feeds, "deep_dream", target, of=of)
    assert (found["pictures"] == again["pictures"]).all()
    assert found["ends"][1] > found["ends"][0]
    assert found["octaves"].tolist() == [[14, 14], [20, 20], [28, 28]]
    assert found["pictures"].shape == (4, 1, 28, 28)
    low, high = found["bounds"]
    assert (found["pictures"] >= low - 1e-6).all()
    assert (found["pictures"] <= high + 1e-6).all()
    assert int(found["channel"][0]) >= 0 or of == "layer"


def test_octaves_that_the_layers_do_not_take_are_left_out() -> None:
    assert octave_sizes((28, 20), 3, lambda size: size[0] > 14) == [(20, 14), (28, 20)]
    assert octave_sizes((1, 1), 4, lambda _: True) == [(1, 1)]
    plan, feeds = opened(lenet5())
    found = arrays_of(plan, feeds, "deep_dream", "pool2", octaves=6)
    assert int(found["asked"]) == 6
    assert len(found["octaves"]) < 6
    assert len(found["pictures"]) == len(found["octaves"]) + 1


def test_what_was_added_is_enlarged_with_the_picture() -> None:
    """Of a scalar with a constant gradient every octave adds the same; the picture itself stays sharp."""
    start = torch.eye(8)[None, None]
    ones = torch.ones(())

    def excitement(picture: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return picture.mean(), ones.expand(picture.shape)

    made = dream(start, excitement, [(4, 4), (8, 8)], steps=3, rate=0.05, bounds=(-1.0, 3.0))
    torch.testing.assert_close(made.pictures[-1], start + 2 * 3 * 0.05 * 4.0)
    assert made.before == pytest.approx(1 / 8)


def test_what_would_take_long_takes_fewer_steps_at_each_size() -> None:
    start = torch.eye(8)[None, None]

    def excitement(picture: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        sleep(0.01)
        return picture.mean(), torch.ones_like(picture)

    sizes = [(4, 4), (8, 8)]
    made = dream(start, excitement, sizes, steps=40, rate=0.05, bounds=(-1.0, 3.0), patience=0.05)
    assert len(made.pictures) == 3
    assert 2 <= len(made.reached) <= 8
    assert len(made.reached) % len(sizes) == 0


def test_it_is_offered_where_maps_enter_and_leave() -> None:
    project = convnet("digits")
    report = infer(project)
    layers = {name: REGISTRY[node.layer] for name, node in project.main.nodes.items()}
    offered = {name for name in layers if LENS.applies_to(layers[name], report.nodes.get(name))}
    assert {"conv1", "norm1"} <= offered
    assert not offered & {"data", "flatten", "linear", "loss", "output", "objective"}


def test_where_noise_alone_enters_the_picture_that_is_made_of_it_is_changed() -> None:
    plan, feeds = opened(dcgan(width=4))
    maps = [
        path
        for path, node in plan.nodes.items()
        if node.inputs and (end := plan.end_of(path)) and plan.specs[end].rank == 4 and node.inputs[0]
    ]
    shown = 0
    for path in maps:
        found = arrays_of(plan, feeds, "deep_dream", path, steps=1, octaves=1)
        if found and not found["of_data"]:
            shown += 1
            assert found["pictures"].shape[1] in (1, 3)
            assert np.isfinite(found["pictures"]).all()
    assert shown
