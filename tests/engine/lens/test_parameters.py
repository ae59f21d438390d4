"""All parameters of a node are looked at, also those of the parts that its module is made of."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.compile import compile  # noqa: A004
from engine.feed.sources import Sources
from engine.lens.evaluate import look
from engine.lens.feeds import Feeds
from engine.lens.parameter_gradients import parameters_of
from engine.lens.registry import LENSES
from engine.messages.lens_request import LensRequest
from engine.report import NodeReport
from nodes.registry import REGISTRY
from tests.gallery.held import project

CASES = [
    ("xception-fashion", "down1.sep1.conv", {"depthwise.weight", "pointwise.weight"}),
    (
        "attention-moby",
        "attention",
        {"in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"},
    ),
    ("copy-task", "rnn", {"read.weight", "read.bias", "recall.weight", "recall.bias"}),
]


@pytest.mark.parametrize(("name", "path", "expected"), CASES)
def test_weights_update_size_and_gradients_are_of_all_parameters(
    name: str, path: str, expected: set[str]
) -> None:
    plan = compile(project(name))
    assert set(parameters_of(plan, path)) >= expected
    requests = [LensRequest(kind, path) for kind in ("kernels", "update_size")]
    frames = look(plan, Feeds(Sources(plan).sample(0)), requests, 0).frames
    weights, update = (frame.arrays for frame in frames)
    assert {key for key in weights if not key.endswith(".shape")} == set(parameters_of(plan, path))
    whole = torch.cat([one.detach().flatten() for one in plan.modules[path].parameters()]).double()
    assert int(update["count"]) == len(whole)
    np.testing.assert_allclose(float(update["norm"]), float(whole.norm()), rtol=1e-6)
    assert float(update["gradient"]) > 0


def test_a_loss_of_weights_alone_offers_no_saliency() -> None:
    """No sample enters it, so no part of a sample moves it."""
    layer = REGISTRY["weight_penalty"]
    assert not LENSES["saliency"].applies_to(layer, NodeReport({}))
