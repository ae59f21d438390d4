"""Exemplars: the greatest values of a unit over held-back samples, and where they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from engine.compile import compile  # noqa: A004
from engine.document.project import Project
from engine.expand.flat import FlatEnd
from engine.feed.sources import Sources
from engine.lens.evaluate import look
from engine.lens.feeds import Feeds
from engine.messages.lens_request import LensRequest, options_of
from tests.drawings import chain, convnet


def seen(project: Project, target: str, **options: Any) -> tuple[dict[str, Any], np.ndarray, Feeds]:
    """The arrays of one look, and the value itself for as many samples."""
    plan = compile(project)
    feeds = Feeds.of(Sources(plan), 0)
    looked = look(plan, feeds, [LensRequest("exemplars", target, options_of(options))], 0)
    assert not looked.failed
    plan.eval()
    with torch.no_grad():
        value = plan.graph_of([FlatEnd(target, "output")])(feeds.some(options["sample_count"]))[0]
    return looked.frames[0].arrays, value.numpy(), feeds


def test_of_each_channel_the_greatest_places_of_all_samples() -> None:
    arrays, value, _ = seen(convnet("digits"), "conv2", sample_count=100)
    flat = value.reshape(*value.shape[:2], -1)
    assert arrays["unit_count"] == value.shape[1]
    assert arrays["shape"].tolist() == list(value.shape[2:])
    for row, unit in enumerate(arrays["units"].tolist()):
        best = flat[:, unit].max(1)
        order = np.argsort(-best, kind="stable")[:9]
        np.testing.assert_allclose(arrays["values"][row], best[order], rtol=1e-5)
        np.testing.assert_allclose(best[arrays["samples"][row]], best[order], rtol=1e-5)
        np.testing.assert_allclose(
            flat[arrays["samples"][row], unit, arrays["at"][row]], best[order], rtol=1e-5
        )
        mean, deviation, share = arrays["figures"][row]
        np.testing.assert_allclose(
            [mean, deviation, share],
            [flat[:, unit].mean(), flat[:, unit].std(), (flat[:, unit] > 0).mean()],
            rtol=1e-3,
            atol=1e-5,
        )
    assert set(arrays["samples"].ravel().tolist()) == set(arrays["shown"].tolist())
    assert len(arrays["shown"]) <= 64


def test_a_later_unit_begins_the_frame_and_one_beyond_the_last_is_the_last() -> None:
    arrays, _, _ = seen(convnet("digits"), "conv2", sample_count=50, unit=5)
    assert arrays["units"][0] == 5
    arrays, value, _ = seen(convnet("digits"), "conv2", sample_count=50, unit=10_000)
    assert arrays["units"].tolist() == [value.shape[1] - 1]


def test_features_of_rows_have_no_place() -> None:
    arrays, value, _ = seen(convnet("digits"), "linear", sample_count=60)
    assert arrays["shape"].size == 0
    assert not arrays["at"].any()
    assert arrays["samples"][0].tolist() == np.argsort(-value[:, 0], kind="stable")[:9].tolist()


def test_of_texts_the_token_and_its_context() -> None:
    steps = [("embed", "embedding", {"embedding_dim": 6}), ("linear", "linear", {"out_features": 300})]
    project = chain({"dataset": "moby-dick", "context": 24}, steps)
    arrays, value, feeds = seen(project, "embed", sample_count=20)
    tokens = feeds.some(20)[FlatEnd("data", "input")].numpy()
    assert arrays["unit_count"] == 6
    sample, place = int(arrays["samples"][0, 0]), int(arrays["at"][0, 0])
    assert value[sample, place, 0] == value[:, :, 0].max()
    context = arrays["contexts"][0, 0]
    assert len(context) == 17
    assert context[8] == tokens[sample, place]
    padded = np.pad(tokens[sample], 8, constant_values=-1)
    assert context.tolist() == padded[place : place + 17].tolist()
