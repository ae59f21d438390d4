"""What brings values and weights to a scale: the sums of the papers, by hand."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional as F

from nodes.layers.activation import GEGLU, SwiGLU
from nodes.layers.convolution import Conv2d
from nodes.layers.dense import Linear
from nodes.layers.normalisation import LayerScale, MinibatchDeviation, PixelNorm
from nodes.layers.regularisation import StochasticDepth
from nodes.layers.transposed import ConvTranspose2d
from tests.nodes.battery import seeded
from tests.nodes.fixes_tried import assert_fixed, spec

MAPS = torch.randn(6, 4, 5, 3, generator=torch.Generator().manual_seed(0))


def test_pixel_norm_and_minibatch_deviation_are_those_of_the_progressive_gan() -> None:
    left = PixelNorm().build(spec(4, 5, 3))(MAPS)
    for at in range(4):
        length = (sum(MAPS[:, c] ** 2 for c in range(4)) / 4 + 1e-8) ** 0.5
        assert torch.allclose(left[:, at], MAPS[:, at] / length, atol=1e-6)
    left = MinibatchDeviation().build(spec(4, 5, 3))(MAPS)
    assert left.shape == (6, 5, 5, 3)
    assert torch.equal(left[:, :4], MAPS)
    deviation = MAPS.std(0, unbiased=False).mean()
    assert torch.allclose(left[:, 4], deviation.expand(6, 5, 3), atol=1e-6)
    alone = MAPS[:1].clone().requires_grad_()
    MinibatchDeviation().build(spec(4, 5, 3))(alone).sum().backward()
    assert alone.grad.isfinite().all()


def test_layer_scale_begins_small_and_scales_features_or_channels() -> None:
    x = torch.randn(2, 3, 4)
    module = LayerScale(initial=0.1).build(spec(3, 4))
    assert torch.allclose(module(x), 0.1 * x)
    module.gamma.data = torch.arange(4.0)
    assert torch.equal(module(x), x * torch.arange(4.0))
    module = LayerScale(dimension="channel").build(spec(4, 5, 3))
    module.gamma.data = torch.arange(4.0)
    assert torch.equal(module(MAPS), MAPS * torch.arange(4.0).reshape(1, 4, 1, 1))


def test_stochastic_depth_leaves_whole_samples_out() -> None:
    module = StochasticDepth(p=0.25).build(spec(3, 2))
    x = torch.randn(4000, 3, 2)
    with seeded():
        left = module(x)
    kept = left.flatten(1).abs().sum(1) > 0
    assert abs(kept.float().mean().item() - 0.75) < 0.03
    assert torch.allclose(left[kept], x[kept] / 0.75)
    assert torch.equal(module.eval()(x), x)
    assert torch.equal(StochasticDepth(p=1.0).build(spec(3))(torch.randn(5, 3)), torch.zeros(5, 3))


def test_gated_units_halve_a_dimension() -> None:
    x = torch.randn(3, 5, 8)
    a, b = x.chunk(2, -1)
    assert torch.allclose(SwiGLU().build(spec(5, 8))(x), a * a.sigmoid() * b, atol=1e-6)
    assert torch.allclose(GEGLU().build(spec(5, 8))(x), F.gelu(a) * b)


@pytest.mark.parametrize("kind", [Linear, Conv2d, ConvTranspose2d])
def test_an_equalised_rate_scales_weights_as_they_are_used(kind: type) -> None:
    """The result is that of the weights times √(2 / fan-in), which are drawn with deviation 1."""
    given = spec(64) if kind is Linear else spec(16, 6, 6)
    with seeded():
        equal, plain = kind(equalised=True).build(given), kind().build(given)
    fan_in = 64 if kind is Linear else 16 * 9
    if kind is ConvTranspose2d:
        fan_in = 16 * 16
    assert abs(equal.weight.std().item() - 1.0) < 0.05
    assert (equal.bias == 0).all()
    plain.load_state_dict(equal.state_dict())
    plain.weight.data *= math.sqrt(2.0 / fan_in)
    x = torch.randn(3, *given.shape[1:])
    assert torch.allclose(equal(x), plain(x), atol=1e-4)
    with seeded(1):
        wide = torch.randn(64, *given.shape[1:])
        assert 0.3 < equal(wide).var().item() < 3.0
    assert_fixed(kind(equalised=True, spectral_norm=True), given, count=2)


def test_weights_by_hand_keep_their_scale() -> None:
    assert_fixed(Linear(out_features=1, weights="1 1", equalised=True), spec(2))
