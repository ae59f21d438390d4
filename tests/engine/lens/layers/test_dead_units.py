"""Dead and saturated units: counted over held-back samples as by hand, offered where units fall silent."""

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
from tests.drawings import chain, convnet

LENS = LENSES["dead_units"]


def seen(values: torch.Tensor, layer: str, **options: str) -> Seen:
    return Seen(set_output=values, layer=REGISTRY[layer](), options=LENS.values(tuple(options.items())))


def test_a_relu_of_a_network_is_counted_as_by_hand() -> None:
    project = convnet("digits")
    plan = compile(project)
    with torch.no_grad():
        norm = plan.modules["norm1"]
        norm.bias[3] = norm.bias[7] = -1e3  # nothing comes through these two
    sources = Sources(plan)
    feeds = Feeds(sources.sample(0), {}, sources.held)
    (frame,) = look(plan, feeds, [LensRequest("dead_units", "relu1")], 1).frames
    plan.eval()
    held = next(value for end, value in sources.held(256).items() if end.port == "input")
    with torch.no_grad():
        values = torch.relu(plan.modules["norm1"](plan.modules["conv1"](held))).numpy()
    shares = (values == 0).mean(axis=(0, 2, 3))
    assert np.allclose(frame.arrays["zero"], shares, atol=1e-6)
    assert set(np.flatnonzero(frame.arrays["zero"] == 1)) == {3, 7}
    each = values[:, 0].size
    assert frame.arrays["counts"].tolist() == [16, 2, 0, each, len(values)]
    assert "saturated" not in frame.arrays


@pytest.mark.parametrize(
    ("layer", "squash", "middle", "half"),
    [("tanh", torch.tanh, 0.0, 1.0), ("sigmoid", torch.sigmoid, 0.5, 0.5)],
)
def test_saturated_units_are_near_an_end_nearly_always(layer, squash, middle, half) -> None:
    chance = torch.Generator().manual_seed(0)
    shift = torch.tensor([0.0, 8.0, -9.0, 3.0])
    values = squash(torch.randn(200, 4, generator=chance) + shift)
    found = LENS.compute(seen(values, layer))
    shares = (np.abs(values.numpy() - middle) > 0.98 * half).mean(axis=0)
    assert np.allclose(found["saturated"], shares)
    assert found["counts"][2] == (shares >= 0.95).sum() >= 2
    assert shares[0] < 0.5


def test_units_of_sequences_are_their_features_unless_told_otherwise() -> None:
    values = torch.zeros(5, 7, 3)
    values[:, :, 1] = 1.0
    assert LENS.compute(seen(values, "relu"))["zero"].tolist() == [1.0, 0.0, 1.0]
    assert LENS.compute(seen(values, "relu", units="channels"))["counts"].tolist() == [7, 0, 0, 15, 5]


def test_of_many_units_the_first_are_sent_and_all_are_counted() -> None:
    found = LENS.compute(seen(torch.zeros(2, 6000), "relu"))
    assert found["zero"].shape == (4096,)
    assert found["counts"].tolist() == [6000, 6000, 0, 2, 2]


def test_it_is_offered_for_activations_that_act_value_by_value() -> None:
    steps = [("flatten", "flatten", {}), ("linear", "linear", {"out_features": 10})]
    for layer in ("relu", "tanh", "softmax", "identity"):
        project = chain({"dataset": "digits"}, [*steps, (layer, layer, {})])
        report = infer(project).nodes[layer]
        assert LENS.applies_to(REGISTRY[layer], report) == (layer in ("relu", "tanh"))
    assert not LENS.applies_to(REGISTRY["linear"], infer(project).nodes["linear"])
    assert LENS.cost is Cost.SET
