"""Pictures side by side: what is beside what, and errors that equal those worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.compile import Plan, compile  # noqa: A004
from engine.document.storage.gallery import make
from engine.expand.flat import FlatEnd
from engine.feed.sources import Sources
from engine.infer import infer
from engine.lens.access import Access
from engine.lens.evaluate import look
from engine.lens.feeds import Feeds
from engine.lens.lens import Arrays
from engine.lens.registry import LENSES
from engine.messages.lens_request import LensRequest
from tests.drawings import gan

LENS = LENSES["side_by_side"]


def opened(name: str) -> tuple[Plan, Feeds]:
    plan = compile(make(name))
    sources = Sources(plan)
    return plan, Feeds(sources.sample(0), sources.units(), sources.held)


def seen(plan: Plan, feeds: Feeds, path: str) -> Arrays:
    found = look(plan, feeds, [LensRequest("side_by_side", path)], 0)
    assert not found.failed
    return found.frames[0].arrays


def squared(first: Tensor, second: Tensor) -> float:
    return float((first - second).square().mean())


def test_a_reconstruction_is_beside_what_it_was_made_of() -> None:
    plan, feeds = opened("autoencoder-fashion")
    arrays = seen(plan, feeds, "reconstruction")
    assert arrays["names"].tolist() == ["data input", "output"]
    assert int(arrays["truth"]) == 0
    data = feeds.pin(0)[FlatEnd("data", "input")]
    (output,) = Access(plan, feeds, "", feeds.pin(0)).read([plan.outputs["reconstruction"]])
    np.testing.assert_array_equal(arrays["picture_1"], output[0].numpy())
    assert arrays["error"][1] == pytest.approx(squared(output, data), rel=1e-5)
    assert arrays["psnr"][1] == pytest.approx(-10 * np.log10(squared(output, data)), rel=1e-4)
    assert np.isnan(arrays["error"][0])


def test_both_inputs_of_a_loss_are_beside_each_other() -> None:
    plan, feeds = opened("autoencoder-fashion")
    arrays, other = seen(plan, feeds, "error"), seen(plan, feeds, "reconstruction")
    assert arrays["names"].tolist() == ["prediction", "target"]
    assert arrays["error"][0] == pytest.approx(other["error"][1])
    (loss,) = Access(plan, feeds, "", feeds.pin(0)).read([FlatEnd("error", "loss")])
    assert arrays["error"][0] == pytest.approx(float(loss), rel=1e-5)


def test_an_enlarged_picture_is_beside_cubic_curves() -> None:
    plan, feeds = opened("superres-mse")
    arrays = seen(plan, feeds, "output")
    assert arrays["names"].tolist() == ["data input", "shrink, enlarged", "output"]
    data = feeds.pin(0)[FlatEnd("data", "input")]
    small = F.avg_pool2d(data, 4)
    cubic = F.interpolate(small, (28, 28), mode="bicubic", align_corners=False)
    np.testing.assert_allclose(arrays["picture_1"], cubic[0].numpy(), atol=1e-6)
    assert arrays["error"][1] == pytest.approx(squared(cubic, data), rel=1e-4)
    assert 0.0 < arrays["ssim"][1] <= 1.0


def test_it_is_offered_where_pictures_leave_or_are_compared() -> None:
    project = make("superres-mse")
    plan, report = compile(project), infer(project).nodes
    offered = {
        path for path, node in plan.nodes.items() if LENS.applies_to(type(node.layer), report.get(path))
    }
    assert offered == {"psnr_cubic", "ssim_cubic", "loss", "output", "psnr", "ssim"}
    other = infer(gan()).nodes
    flat = compile(gan())
    assert not any(LENS.applies_to(type(node.layer), other.get(path)) for path, node in flat.nodes.items())
    assert torch.is_grad_enabled()
