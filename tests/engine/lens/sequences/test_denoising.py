"""Steps of a diffusion sampler: what is noted of them adds up to what the sampler did."""

from __future__ import annotations

import numpy as np
import pytest

from engine.lens.lens import Seen
from engine.lens.registry import LENSES
from engine.sample.shown import arrays
from nodes.modules.diffusion import Asked, Way, denoise
from nodes.registry import REGISTRY
from tests.nodes.test_samplers import drawn, finished, perfect

LENS = LENSES["denoising"]


@pytest.mark.parametrize(("eta", "clip"), [(0.0, 0.0), (1.0, 0.0), (0.0, 1.5)])
def test_each_step_follows_from_the_one_before(eta: float, clip: float) -> None:
    way = Way("cosine", 200, "noise", 50, eta, clip)
    found = finished(denoise(drawn(perfect(200), (12, 2), {}), way, 1.0, Asked()))
    seen = LENS.compute(Seen(drawn=arrays(found, None)))
    assert seen["steps"].tolist() == list(range(1, 51))
    assert (int(seen["total"]), int(seen["of"])) == (50, 12)
    assert seen["noisy"].shape == (50, 8, 2), "of the first samples"
    np.testing.assert_array_equal(seen["noisy"][0], found["trail"][0][:8].numpy())
    np.testing.assert_array_equal(seen["noisy"][1:], seen["next"][:-1])
    np.testing.assert_array_equal(seen["next"][-1], found["samples"][:8].numpy())
    signal, noise, then, kept, fresh = (column[:, None, None] for column in seen["factors"].T)
    guess = (seen["noisy"] - noise * seen["noise"]) / signal
    np.testing.assert_allclose(seen["data"], np.clip(guess, -clip, clip) if clip else guess, atol=2e-3)
    left = (seen["next"] - then * seen["data"] - kept * seen["direction"]) / np.maximum(fresh, 1e-12)
    if eta:
        drawn_noise = left[:-1]
        assert 0.8 < drawn_noise.std() < 1.2, "what is left is fresh noise"
    else:
        np.testing.assert_allclose(left * np.maximum(fresh, 1e-12), 0.0, atol=1e-4)


def test_what_is_no_diffusion_has_no_steps() -> None:
    assert LENS.compute(Seen(drawn={"samples": np.zeros((4, 2))})) == {}
    assert LENS.applies_to(REGISTRY["diffusion_sampler"], None)
    assert not LENS.applies_to(REGISTRY["samples"], None)
