"""Clouds, arrows, meshes and divergences of the GAN in the plane equal those that are computed by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.expand.flat import FlatEnd
from engine.lens.kinds.points.divergence import counted, js, kl
from tests.engine.lens.points.looking import Looked, grid
from tests.gallery.held import project


@pytest.fixture(scope="module")
def looked() -> Looked:
    return Looked(project("gan-2d-ring"))


def generator(looked: Looked, noise: Tensor) -> Tensor:
    value = noise
    for name in ("linear1", "linear2", "linear3"):
        value = looked.plan.modules[f"generate.{name}"](value)
    return value * 0.25 + 0.5


def discriminator(looked: Looked, points: Tensor) -> Tensor:
    value = points * 4 - 2
    for name in ("linear1", "linear2", "linear3"):
        value = looked.plan.modules[f"judge_real.{name}"](value)
    return value


def test_a_cloud_has_the_same_noise_every_time_and_the_data_beside_it(looked: Looked) -> None:
    arrays = looked.at("cloud", "generate", points=300)
    noise = looked.feeds.some(300)[FlatEnd("noise", "output")]
    np.testing.assert_allclose(arrays["points"], generator(looked, noise).detach(), atol=1e-6)
    data = looked.feeds.some(300)[FlatEnd("data", "input")]
    np.testing.assert_allclose(arrays["real"], data, atol=1e-6)
    assert arrays["more"].tolist() == [looked.feeds.total - 300] * 2
    assert looked.at("cloud", "judge_real")["points"].shape == (1000, 1)
    largest = looked.at("cloud", "generate", points=10_000)
    assert largest["points"].shape == largest["real"].shape == (10_000, 2)


def test_a_cloud_of_a_classifier_has_its_labels() -> None:
    looked = Looked(project("mlp-spiral"))
    arrays = looked.at("cloud", "linear3")
    some = looked.feeds.some(1000)
    np.testing.assert_array_equal(arrays["labels"], some[FlatEnd("data", "target")])
    value = some[FlatEnd("data", "input")]
    for name in ("linear1", "linear2", "linear3"):
        value = looked.plan.modules[name](value)
    np.testing.assert_allclose(arrays["points"], value.detach(), atol=1e-5)


def test_arrows_are_the_gradient_of_the_generators_loss(looked: Looked) -> None:
    arrays = looked.at("arrows", "generate", points=40)
    assert arrays["objectives"].tolist() == ["generator_objective"]
    noise = looked.feeds.some(40)[FlatEnd("noise", "output")]
    points = generator(looked, noise).detach().requires_grad_()
    loss = torch.nn.functional.softplus(-discriminator(looked, points)).mean()
    (expected,) = torch.autograd.grad(loss, [points])
    np.testing.assert_allclose(arrays["points"], points.detach(), atol=1e-6)
    np.testing.assert_allclose(arrays["gradients"], expected, atol=1e-7)
    assert arrays["loss"][0] == pytest.approx(loss.item(), abs=1e-5)
    assert np.abs(arrays["gradients"]).max() > 0


def test_a_mesh_is_bent_as_the_generator_bends_it(looked: Looked) -> None:
    arrays = looked.at("warp", "generate")
    assert arrays["mesh"].shape == arrays["bent"].shape == (21, 21, 2)
    ends = [arrays["mesh"][0, 0], arrays["mesh"][-1, -1]]
    domain = np.array([(ends[0][0], ends[1][0]), (ends[1][1], ends[0][1])])
    points = grid(domain, 21)
    np.testing.assert_allclose(arrays["mesh"], points, atol=1e-5)
    bent = generator(looked, torch.tensor(points)).detach()
    np.testing.assert_allclose(arrays["bent"], bent, atol=1e-5)


def test_divergences_count_every_sample(looked: Looked) -> None:
    """By plain loops over cells, as the formulas read."""
    arrays = looked.at("divergence", "generate", step=7)
    some = looked.feeds.some(10**6)
    real = some[FlatEnd("data", "input")].numpy()
    made = generator(looked, some[FlatEnd("noise", "output")]).detach().numpy()
    assert len(real) == 15_000
    assert arrays["counts"].tolist() == [15_000, 15_000]
    cells: list[dict[tuple[int, int], int]] = []
    for points in (real, made):
        held: dict[tuple[int, int], int] = {}
        for place in np.floor((points.astype(np.float64) + 0.05) / 1.1 * 30).astype(int):
            inside = bool((place >= 0).all() and (place < 30).all())
            key = (int(place[0]), int(place[1])) if inside else (-1, -1)
            held[key] = held.get(key, 0) + 1
        cells.append(held)
    every = [(i, j) for i in range(30) for j in range(30)] + [(-1, -1)]
    p, q = (np.array([held.get(key, 0) for key in every], np.float64) for held in cells)
    p1, q1 = (p + 1) / (p + 1).sum(), (q + 1) / (q + 1).sum()
    assert arrays["kl"][0] == pytest.approx(
        sum(a * np.log(a / b) for a, b in zip(p1, q1, strict=True)), rel=1e-3
    )
    p0, q0 = p / p.sum(), q / q.sum()
    middle = (p0 + q0) / 2
    expected = sum(
        a * np.log(a / m) / 2 for one in (p0, q0) for a, m in zip(one, middle, strict=True) if a > 0
    )
    assert arrays["js"][0] == pytest.approx(expected, rel=1e-3)
    assert arrays["step"].tolist() == [7]


def test_divergences_of_known_clouds() -> None:
    rng = np.random.default_rng(0)
    points = rng.uniform(0, 1, (5000, 2)).astype(np.float32)
    domain = np.array([(0.0, 1.0), (0.0, 1.0)], np.float32)
    same = counted(points, domain)
    assert same.sum() == 5000
    assert kl(same, same) == js(same, same) == 0.0
    apart = counted(points + 5.0, domain)
    assert apart[-1] == 5000
    assert js(same, apart) == pytest.approx(np.log(2.0))


def test_they_are_offered_where_there_is_something_to_show() -> None:
    gan = Looked(project("gan-2d-ring"))
    assert gan.offered("divergence") == ["generate"]
    assert gan.offered("arrows") == ["generate"]
    assert set(gan.offered("warp")) == {"generate", "sample"}
    assert Looked(project("xor-by-hand")).offered("arrows") == []
    spiral = Looked(project("mlp-spiral"))
    assert spiral.offered("arrows") == ["linear3"]
    assert spiral.offered("divergence") == []
