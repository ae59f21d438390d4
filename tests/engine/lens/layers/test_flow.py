"""Flow and update size: every number as by hand, and a run that is looked at ends at the same bits."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.compile import compile  # noqa: A004
from engine.feed.sources import Sources
from engine.infer import infer
from engine.lens.evaluate import look
from engine.lens.feeds import Feeds
from engine.lens.lens import Cost, Seen
from engine.lens.registry import LENSES
from engine.messages.lens_request import LensRequest
from nodes.registry import REGISTRY
from tests.drawings import convnet
from tests.engine.lens.test_look import weights_after


def test_the_numbers_of_a_layer_are_those_of_torch() -> None:
    plan = compile(convnet("digits"))
    values = Sources(plan).sample(2)
    requests = [LensRequest("flow", path) for path in ("conv1", "relu1", "linear1", "linear")]
    frames = {frame.target: frame.arrays for frame in look(plan, Feeds(values), requests, 1).frames}
    plan.eval()
    data = next(value for end, value in values.items() if end.port == "input")
    first = plan.modules["conv1"](data).detach().requires_grad_()
    relu = torch.relu(plan.modules["norm1"](first))
    conv = frames["conv1"]
    assert conv["mean"] == pytest.approx(first.mean().item(), abs=1e-6)
    assert conv["deviation"] == pytest.approx(first.std(correction=0).item(), rel=1e-5)
    assert conv["count"] == first.numel()
    assert frames["relu1"]["zeros"] == pytest.approx((relu == 0).float().mean().item())
    assert conv["lost"] == 0.0


def test_the_gradient_is_that_of_the_loss_by_the_output() -> None:
    plan = compile(convnet("digits"))
    values = Sources(plan).sample(2)
    last = next(path for path in reversed(plan.nodes) if plan.nodes[path].layer.type == "linear")
    (frame,) = look(plan, Feeds(values), [LensRequest("flow", last)], 1).frames
    (scores,) = look(plan, Feeds(values), [LensRequest("feature_maps", last)], 1).frames
    target = next(value for end, value in values.items() if end.port == "target")
    logits = torch.tensor(scores.arrays["output"])[None].requires_grad_()
    torch.nn.functional.cross_entropy(logits, target).backward()
    assert logits.grad is not None
    assert frame.arrays["gradient"] == pytest.approx(logits.grad.norm().item(), rel=1e-5)


def test_what_is_not_finite_is_told_and_left_out() -> None:
    values = torch.tensor([[1.0, 3.0, float("nan"), float("inf")]])
    found = LENSES["flow"].compute(Seen(values))
    assert (found["mean"], found["deviation"], found["lost"]) == (2.0, 1.0, 0.5)
    assert "gradient" not in found
    assert LENSES["flow"].compute(Seen()) == {}


def test_flow_is_offered_for_values_and_not_for_losses() -> None:
    project = convnet("digits")
    report = infer(project)
    fits = {
        node.id: LENSES["flow"].applies_to(REGISTRY[node.layer], report.nodes.get(node.id))
        for node in project.main.nodes.values()
    }
    assert fits["conv1"]
    assert not fits["loss"]
    assert not fits["objective"]
    assert LENSES["flow"].cost is Cost.BACKWARD


def test_the_size_of_weights_and_of_their_gradient() -> None:
    plan = compile(convnet("digits"))
    values = Sources(plan).sample(1)
    (frame,) = look(plan, Feeds(values), [LensRequest("update_size", "conv1")], 1).frames
    module = plan.modules["conv1"]
    flat = torch.cat([one.detach().flatten() for one in module.parameters()])
    assert np.array_equal(frame.arrays["weights"], flat.numpy())
    assert frame.arrays["norm"] == pytest.approx(flat.norm().item(), rel=1e-6)
    plan.eval()
    losses, _, _ = plan.evaluation(values)
    losses[0].backward()
    given = torch.cat([one.grad.flatten() for one in module.parameters()])
    assert frame.arrays["gradient"] == pytest.approx(given.norm().item(), rel=1e-5)


def test_of_many_weights_evenly_spaced_ones_are_sent() -> None:
    held = {"weight": torch.arange(50_000.0).reshape(500, 100), "bias": torch.arange(50_000.0, 50_500.0)}
    big = LENSES["update_size"].compute(Seen(parameters=held))
    assert big["count"] == 50_500
    assert len(big["weights"]) == 16384
    assert set(np.diff(big["weights"])) == {3.0, 4.0}
    assert (big["weights"][0], big["weights"][-1]) == (0.0, 50_496.0)


def test_training_goes_on_to_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.lens.watcher.RATE", 1e9)
    monkeypatch.setattr("engine.lens.watcher.SHARE", 1e9)
    project = convnet("digits", dropout=0.5)
    plain, _ = weights_after(project, 15, frozenset())
    kinds = ("flow", "update_size", "dead_units")
    requests = frozenset(LensRequest(kind, node) for node in project.main.nodes for kind in kinds)
    watched, frames = weights_after(project, 15, requests)
    assert frames > 50
    assert all(torch.equal(plain[name], watched[name]) for name in plain)
