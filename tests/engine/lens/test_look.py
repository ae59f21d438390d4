"""Looking: what the lenses show, that it is small, and that it changes nothing."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.compile import compile  # noqa: A004
from engine.document.project import Project
from engine.feed.sources import Sources
from engine.lens.evaluate import look
from engine.lens.feeds import Feeds
from engine.lens.preview import preview
from engine.lens.registry import LENSES
from engine.messages.commands import Watch
from engine.messages.events import Event, LensFrame
from engine.messages.lens_request import LensRequest
from engine.run.run import Run
from tests.drawings import convnet, gan, lenet5, lstm


def every_lens(project: Project) -> frozenset[LensRequest]:
    """Every lens of every node."""
    return frozenset(LensRequest(kind, node) for node in project.main.nodes for kind in LENSES)


def weights_after(
    project: Project, steps: int, requests: frozenset[LensRequest]
) -> tuple[dict[str, torch.Tensor], int]:
    """The weights of a run, and how many frames it sent."""
    frames = 0

    def note(event: Event) -> None:
        nonlocal frames
        frames += isinstance(event, LensFrame)

    run = Run(project, steps=steps, seed=2)
    run.send(Watch(tuple(requests)))
    finished = run.execute(note)
    assert finished.status == "completed", finished.message
    assert run.plan is not None
    return dict(run.plan.model.state_dict()), frames


def test_weights_are_bit_identical_with_every_lens_on_and_with_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.lens.watcher.RATE", 1e9)  # look as often as it can
    monkeypatch.setattr("engine.lens.watcher.SHARE", 1e9)
    project = convnet("digits", dropout=0.5)
    plain, _ = weights_after(project, 60, frozenset())
    watched, frames = weights_after(project, 60, every_lens(project))
    assert frames > 600
    assert plain.keys() == watched.keys()
    assert all(torch.equal(plain[name], watched[name]) for name in plain)


def test_however_short_a_run_its_end_is_seen() -> None:
    steps = []

    def note(event: Event) -> None:
        if isinstance(event, LensFrame):
            steps.append(event.step)

    run = Run(convnet("digits"), steps=3)
    run.send(Watch(tuple(frozenset({LensRequest("prediction", "output")}))))
    run.execute(note)
    assert steps[-1] == 3


def test_looking_leaves_modes_statistics_gradients_and_the_random_state_alone() -> None:
    plan = compile(convnet("digits"))
    sources = Sources(plan)
    plan.train()
    flags = [module.training for module in plan.model.modules()]
    state = {name: tensor.clone() for name, tensor in plan.model.state_dict().items()}
    random = torch.get_rng_state()
    frames = look(plan, Feeds(sources.sample(0)), every_lens(convnet("digits")), 1).frames
    assert frames
    assert flags == [module.training for module in plan.model.modules()]
    assert all(torch.equal(tensor, state[name]) for name, tensor in plan.model.state_dict().items())
    assert torch.equal(random, torch.get_rng_state())
    assert all(parameter.grad is None for parameter in plan.model.parameters())
    assert torch.is_grad_enabled()


def test_frames_hold_maps_kernels_and_the_pinned_sample() -> None:
    plan = compile(lenet5())
    sources = Sources(plan)
    values = sources.sample(5)
    requests = [
        LensRequest("feature_maps", "conv1"),
        LensRequest("feature_maps", "linear1"),
        LensRequest("kernels", "conv2"),
        LensRequest("prediction", "output"),
        LensRequest("feature_maps", "nowhere"),
    ]
    looked = look(plan, Feeds(values), requests, 9)
    assert not looked.failed
    frames = {(frame.lens, frame.target): frame.arrays for frame in looked.frames}
    assert len(frames) == 4
    assert frames["feature_maps", "conv1"]["output"].shape == (6, 28, 28)
    assert frames["feature_maps", "linear1"]["output"].shape == (120,)
    assert frames["kernels", "conv2"]["weight"].shape == (16, 6, 5, 5)
    prediction = frames["prediction", "output"]
    assert prediction["input"].shape == (1, 28, 28)
    assert prediction["output"].shape == (10,)
    assert prediction["target"].dtype == np.int64
    image = next(iter(values.values()))[0].numpy()
    assert np.array_equal(prediction["input"], image)


def test_many_channels_and_large_maps_are_cut_and_pooled() -> None:
    from engine.lens.arrays import small

    assert small(torch.rand(256, 300, 200)).shape == (64, 60, 40)
    assert small(torch.rand(8, 16, 200, 100)).shape[0] == 8
    assert small(torch.rand(100_000)).shape == (4096,)
    assert small(torch.rand(24, 64)).shape == (24, 64)
    assert small(torch.tensor(1.0)).shape == ()


def test_sequences_and_generators_can_be_looked_at() -> None:
    for project, target, shape in ((lstm(), "lstm", (64,)), (gan(), "make", (2,))):
        frames = preview(project, [LensRequest("feature_maps", target)])
        assert frames[0].arrays["output"].shape == shape


def test_a_preview_shows_a_drawing_that_is_not_training_and_draws_no_random_number() -> None:
    torch.manual_seed(1)
    random = torch.get_rng_state()
    frames = preview(lenet5(), [LensRequest("feature_maps", "pool1")], index=2)
    assert frames[0].arrays["output"].shape == (6, 14, 14)
    assert torch.equal(random, torch.get_rng_state())
