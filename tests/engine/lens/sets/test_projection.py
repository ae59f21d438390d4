"""Projections: principal components are those of numpy's SVD, neighbours those of all distances."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from engine.compile import compile  # noqa: A004
from engine.expand.flat import FlatEnd
from engine.feed.sources import Sources
from engine.lens.evaluate import look
from engine.lens.feeds import Feeds
from engine.lens.lens import Cost
from engine.lens.registry import LENSES
from engine.lens.sets.projected import components, turned
from engine.messages.lens_request import LensRequest, options_of
from tests.drawings import chain, lenet5


@pytest.fixture(scope="module")
def network() -> tuple[Any, Feeds]:
    plan = compile(lenet5())
    return plan, Feeds.of(Sources(plan), 0)


def seen(network: tuple[Any, Feeds], kind: str, target: str, **options: Any) -> dict[str, Any]:
    looked = look(*network, [LensRequest(kind, target, options_of(options))], 0)
    assert not looked.failed
    return looked.frames[0].arrays


def value(network: tuple[Any, Feeds], target: str, count: int) -> np.ndarray:
    plan, feeds = network
    plan.eval()
    with torch.no_grad():
        return plan.graph_of([FlatEnd(target, "output")])(feeds.some(count))[0].double().numpy()


@pytest.mark.parametrize("target", ["linear2", "pool1"])
def test_places_are_those_of_numpys_svd_up_to_sign(network: Any, target: str) -> None:
    arrays = seen(network, "projection", target, sample_count=96)
    rows = value(network, target, 96).reshape(96, -1)
    rows = rows - rows.mean(0)
    left, powers, _ = np.linalg.svd(rows, full_matrices=False)
    expected = left[:, :2] * powers[:2]
    signs = np.sign((expected * arrays["places"]).sum(0))
    np.testing.assert_allclose(arrays["places"], expected * signs, atol=1e-4)
    np.testing.assert_allclose(arrays["shares"], (powers**2 / (powers**2).sum())[:10], atol=1e-5)
    far = np.sqrt(((rows[:, None] - rows[None]) ** 2).sum(-1)) + np.diag(np.full(96, np.inf))
    near = np.argsort(far, 1)[:, :5]
    np.testing.assert_allclose(arrays["distances"], np.take_along_axis(far, near, 1), atol=1e-4)
    target_of = network[1].some(96)[FlatEnd("data", "target")].numpy()
    assert arrays["label"].tolist() == target_of.tolist()
    same = (target_of[arrays["neighbours"]] == target_of[:, None]).mean()
    assert arrays["agreement"] == pytest.approx(same)


def test_fewer_numbers_than_components_leave_the_rest_at_0() -> None:
    found = components(torch.tensor([[1.0, 2.0], [3.0, 2.0], [5.0, 2.0]]), 4)
    assert np.abs(found.places[:, 1:]).max() < 1e-9
    np.testing.assert_allclose(sorted(found.places[:, 0]), [-2, 0, 2], atol=1e-9)
    assert found.shares[0] == pytest.approx(1.0)


def test_numbers_that_are_not_finite_are_counted(network: Any) -> None:
    found = components(torch.zeros(5, 3), 2)
    assert found.shares.tolist() == [0.0, 0.0]
    assert seen(network, "projection", "linear2", sample_count=16)["lost"] == 0


def test_a_table_is_coloured_by_its_number_in_its_unit() -> None:
    project = chain(
        {"dataset": "diabetes"},
        [("linear", "linear", {"out_features": 4}), ("one", "linear", {"out_features": 1})],
        "mse",
    )
    plan = compile(project)
    feeds = Feeds.of(Sources(plan), 0)
    arrays = look(plan, feeds, [LensRequest("projection", "linear")], 0).frames[0].arrays
    offset, factor = feeds.units[FlatEnd("data", "target")]
    true = feeds.some(256)[FlatEnd("data", "target")].numpy()[:, 0] * factor + offset
    np.testing.assert_allclose(arrays["label"], true, rtol=1e-5)
    assert "classes" not in arrays


def test_a_map_of_neighbours_takes_seconds_and_says_when_its_library_is_missing(
    network: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert LENSES["projection"].cost is Cost.SET
    assert LENSES["neighbour_map"].cost is Cost.LONG
    monkeypatch.setitem(__import__("sys").modules, "tapkee", None)
    arrays = seen(network, "neighbour_map", "linear2", sample_count=32)
    assert arrays["fallback"] == 1
    plain = seen(network, "projection", "linear2", sample_count=32)
    assert np.array_equal(arrays["places"], plain["places"])


def test_places_by_tsne_keep_groups_together(network: Any) -> None:
    pytest.importorskip("tapkee", reason="an extra: projection")
    arrays = seen(network, "neighbour_map", "linear2", sample_count=64, perplexity=5.0)
    assert "fallback" not in arrays
    places = arrays["places"].astype(float)
    far = ((places[:, None] - places[None]) ** 2).sum(-1) + np.diag(np.full(64, np.inf))
    nearest = far.argsort(1)[:, :5]
    kept = np.mean([len({*a} & {*b}) / 5 for a, b in zip(nearest, arrays["neighbours"], strict=True)])
    assert kept > 0.4


def test_a_map_is_turned_to_lie_as_the_components_do() -> None:
    chance = np.random.default_rng(0)
    like = chance.normal(size=(20, 2))
    angle = np.array([[0.0, -1.0], [1.0, 0.0]])
    np.testing.assert_allclose(turned((like - like.mean(0)) @ angle * 3, like) / 3, like - like.mean(0))


def test_the_frame_is_small(network: Any) -> None:
    arrays = seen(network, "projection", "linear2")
    assert arrays["set"].tolist() == [256, 2000, 1]
    assert arrays["pictures"].shape == (256, 24, 24, 1)
    assert sum(one.nbytes for one in arrays.values()) < 200_000
