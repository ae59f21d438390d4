"""Trajectories: principal components are numpy's, and samples go their way in the plane."""

from __future__ import annotations

import numpy as np
import torch

from engine.compile import compile  # noqa: A004
from engine.expand.flat import FlatEnd
from engine.lens.evaluate import look
from engine.lens.feeds import Feeds
from engine.lens.lens import Seen
from engine.lens.registry import LENSES
from engine.lens.sequences.paths import in_plane
from engine.messages.lens_request import LensRequest
from nodes.registry import REGISTRY
from tests.engine.cells import elman_cell
from tests.engine.lens.test_through_time import copy_task

SAMPLERS = LENSES["sampler_trajectory"]


def test_components_are_those_of_the_covariance() -> None:
    rows = np.random.default_rng(0).normal(size=(40, 7)) @ np.diag(np.arange(1.0, 8.0))
    points, shares = in_plane(rows)
    values, vectors = np.linalg.eigh(np.cov(rows.T))
    expected = (rows - rows.mean(0)) @ vectors[:, [-1, -2]]
    np.testing.assert_allclose(np.abs(points), np.abs(expected), atol=1e-9)
    np.testing.assert_allclose(shares, values[[-1, -2]] / values.sum(), atol=1e-12)


def test_a_single_point_and_a_single_number_are_shown_too() -> None:
    points, shares = in_plane(np.array([[2.0, 3.0, 4.0]]))
    assert points.tolist() == [[0.0, 0.0]]
    assert shares.tolist() == [0.0, 0.0]
    points, shares = in_plane(np.array([[1.0], [3.0]]))
    np.testing.assert_allclose(points, [[-1.0, 0.0], [1.0, 0.0]], atol=1e-12)


def test_states_of_a_scan_move_as_their_components_do() -> None:
    plan = compile(copy_task({"rnn": elman_cell(6)}, wait=7))
    torch.manual_seed(1)
    values = {FlatEnd("data", "input"): torch.randn(1, 8, 4), FlatEnd("data", "target"): torch.tensor([2])}
    requests = [LensRequest(kind, "rnn") for kind in ("state_trajectory", "recurrent_states")]
    found = {frame.lens: frame.arrays for frame in look(plan, Feeds(values), requests, 0).frames}
    states = found["recurrent_states"]["values_0"]
    arrays = found["state_trajectory"]
    np.testing.assert_allclose(arrays["paths"][0], in_plane(states)[0], atol=1e-5)
    assert arrays["total"].tolist() == [1, 8]


def test_points_of_a_sampler_are_as_they_are_and_pictures_are_projected() -> None:
    rng = np.random.default_rng(0)
    trail = rng.normal(size=(5, 100, 2)).astype(np.float32)
    arrays = SAMPLERS.compute(Seen(drawn={"samples": trail[-1], "trail": trail, "real": trail[0]}))
    np.testing.assert_array_equal(arrays["paths"], trail[:, :64].swapaxes(0, 1))
    assert arrays["total"].tolist() == [100, 4], "four steps lead from the noise to the samples"
    assert arrays["steps"].tolist() == [0, 1, 2, 3, 4]
    assert "shares" not in arrays
    assert "asked" not in arrays
    pictures = rng.random((5, 10, 1, 4, 4)).astype(np.float32)
    arrays = SAMPLERS.compute(Seen(drawn={"samples": pictures[-1], "trail": pictures}))
    expected = in_plane(pictures.reshape(50, 16))[0].reshape(5, 10, 2).swapaxes(0, 1)
    np.testing.assert_allclose(arrays["paths"], expected, atol=1e-6)
    assert 0.0 < arrays["shares"].sum() <= 1.0


def test_many_samples_of_many_steps_are_shown_in_the_directions_of_a_few() -> None:
    noise = np.random.default_rng(0).normal(size=(51, 60, 1, 4, 4)).astype(np.float32)
    trail = np.cumsum(noise, axis=0)
    arrays = SAMPLERS.compute(Seen(drawn={"samples": trail[-1], "trail": trail}))
    assert arrays["paths"].shape == (60, 51, 2)
    few = trail[:, :9].reshape(-1, 16)
    np.testing.assert_allclose(arrays["paths"][:9].swapaxes(0, 1).reshape(-1, 2), in_plane(few)[0], atol=1e-4)
    rows = trail.reshape(-1, 16).astype(np.float64)
    spread = ((rows - rows.mean(0)) ** 2).sum()
    shown = arrays["paths"].reshape(-1, 2).astype(np.float64)
    np.testing.assert_allclose(
        arrays["shares"].sum(), ((shown - shown.mean(0)) ** 2).sum() / spread, rtol=1e-4
    )


def test_a_trail_says_after_which_steps_of_the_sampler_it_was_seen() -> None:
    trail = np.zeros((3, 4, 2), np.float32)
    drawn = {"samples": trail[-1], "trail": trail, "trail_steps": np.array((0, 25, 50))}
    arrays = SAMPLERS.compute(Seen(drawn={**drawn, "label": np.array((1, 0, 1, 0))}))
    assert arrays["steps"].tolist() == [0, 25, 50]
    assert arrays["total"].tolist() == [4, 50]
    assert arrays["asked"].tolist() == ["1", "0", "1", "0"]
    prompts = SAMPLERS.compute(Seen(drawn={**drawn, "prompt": np.array(("a boot", "a bag") * 2)}))
    assert prompts["asked"].tolist() == ["a boot", "a bag", "a boot", "a bag"]


def test_what_goes_no_way_shows_nothing() -> None:
    assert SAMPLERS.compute(Seen(drawn={"samples": np.zeros((4, 2))})) == {}
    film = {"samples": np.zeros((12, 1, 4, 4)), "trail": np.zeros((3, 4, 1, 4, 4))}
    assert SAMPLERS.compute(Seen(drawn=film)) == {}
    assert SAMPLERS.applies_to(REGISTRY["diffusion_sampler"], None)
    assert not SAMPLERS.applies_to(REGISTRY["samples"], None)
