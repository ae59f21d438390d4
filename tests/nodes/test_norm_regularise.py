"""Normalisation and regularisation: statistics, what evaluating changes, what is refused."""

from __future__ import annotations

import pytest
import torch

from nodes.layers.normalisation import (
    BatchNorm1d,
    BatchNorm2d,
    GroupNorm,
    InstanceNorm,
    LayerNorm,
    LocalResponseNorm,
    RMSNorm,
)
from nodes.layers.regularisation import AlphaDropout, Dropout, GaussianNoise, SpatialDropout
from nodes.spec import Layer, SetParam
from tests.nodes.battery import seeded
from tests.nodes.fixes_tried import assert_fixed, refusal, says, spec


def test_batch_norm_brings_a_batch_to_mean_0_and_deviation_1() -> None:
    maps = 3 + 2 * torch.randn(16, 4, 8, 8)
    module = BatchNorm2d().build(spec(4, 8, 8)).train()
    normed = module(maps)
    assert torch.allclose(normed.mean((0, 2, 3)), torch.zeros(4), atol=1e-5)
    assert torch.allclose(normed.var((0, 2, 3), correction=0), torch.ones(4), atol=1e-4)
    running = 0.1 * maps.mean((0, 2, 3))
    assert torch.allclose(module.running_mean, running, atol=1e-5)
    expected = (maps - module.running_mean[:, None, None]) / (module.running_var[:, None, None] + 1e-5).sqrt()
    assert torch.allclose(module.eval()(maps), expected, atol=1e-4)
    assert BatchNorm2d().arithmetic((spec(4, 8, 8),), (spec(4, 8, 8),)) == "2·4 = 8 weights"


@pytest.mark.parametrize(
    ("layer", "dimensions"),
    [
        (LayerNorm(), (3,)),
        (LayerNorm(dimensions=3), (1, 2, 3)),
        (InstanceNorm(), (2, 3)),
        (GroupNorm(num_groups=1), (1, 2, 3)),
    ],
)
def test_norms_within_a_sample(layer: Layer, dimensions: tuple[int, ...]) -> None:
    maps = 5 + 3 * torch.randn(2, 4, 8, 8)
    normed = layer.build(spec(4, 8, 8))(maps)
    assert torch.allclose(normed.mean(dimensions), torch.zeros(()), atol=1e-5)
    assert torch.allclose(normed.var(dimensions, correction=0), torch.ones(()), atol=1e-3)


def test_rms_norm_brings_the_root_mean_square_to_1() -> None:
    values = torch.randn(3, 7, 16)
    normed = RMSNorm().build(spec(7, 16))(values)
    assert torch.allclose(normed.square().mean(-1), torch.ones(3, 7), atol=1e-3)


def test_local_response_norm_is_alexnets() -> None:
    maps = torch.ones(1, 5, 1, 1)
    module = LocalResponseNorm(size=5, alpha=5.0, beta=1.0, k=1.0).build(spec(5, 1, 1))
    assert module(maps)[0, :, 0, 0].tolist() == pytest.approx([1 / 4, 1 / 5, 1 / 6, 1 / 5, 1 / 4])


def test_refused_norms() -> None:
    error = assert_fixed(GroupNorm(num_groups=4), spec(6, 8, 8))
    assert error.fixes == (SetParam("num_groups", 3),)
    assert error.arithmetic == "6 / 4 = 1 remainder 2"
    assert_fixed(LayerNorm(dimensions=3), spec(5, 6))
    assert says(refusal(InstanceNorm(), spec(5, 1, 1)), "maps of more than one value")
    assert BatchNorm1d.inputs[0].accepts(spec(5))
    assert not BatchNorm1d.inputs[0].accepts(spec(5, 8, 8))


@pytest.mark.parametrize("shape", [(6,), (6, 1, 1)])
def test_groups_of_one_value_are_refused_and_mended_by_fewer_groups(shape: tuple[int, ...]) -> None:
    """torch refuses such a norm for one sample alone, as the pinned sample of a lens is."""
    error = assert_fixed(GroupNorm(num_groups=6), spec(*shape))
    assert says(error, "groups of more than one value")
    assert says(error, "in 6 groups, where each value would become 0")
    assert not refusal(GroupNorm(num_groups=1), spec(1)).fixes


def test_dropout_while_training_only() -> None:
    values = torch.ones(64, 100)
    module = Dropout(p=0.5).build(spec(100))
    assert torch.equal(module.eval()(values), values)
    with seeded():
        dropped = module.train()(values)
    assert set(dropped.unique().tolist()) == {0.0, 2.0}
    assert dropped.mean() == pytest.approx(1, abs=0.05)


def test_spatial_dropout_takes_whole_channels() -> None:
    with seeded():
        dropped = SpatialDropout(p=0.5).build(spec(50, 4, 4)).train()(torch.ones(4, 50, 4, 4))
    per_channel = dropped.flatten(2)
    assert torch.equal(per_channel.amax(-1), per_channel.amin(-1))
    assert 0 < (per_channel.amax(-1) == 0).float().mean() < 1


def test_alpha_dropout_keeps_mean_and_deviation() -> None:
    with seeded():
        dropped = AlphaDropout(p=0.2).build(spec(1000)).train()(torch.randn(200, 1000))
    assert dropped.mean() == pytest.approx(0, abs=0.02)
    assert dropped.std() == pytest.approx(1, abs=0.02)


def test_noise_while_training_only() -> None:
    module = GaussianNoise(deviation=0.5).build(spec(1000))
    values = torch.zeros(10, 1000)
    assert torch.equal(module.eval()(values), values)
    with seeded():
        assert module.train()(values).std() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(
    ("layer", "line"),
    [
        (Dropout(p=0.25), "25 %"),
        (GaussianNoise(), "σ 0.1"),
        (GroupNorm(), "4 groups"),
        (LayerNorm(), ""),
        (BatchNorm2d(), ""),
    ],
)
def test_the_card_line(layer: Layer, line: str) -> None:
    assert layer.card_label() == line
