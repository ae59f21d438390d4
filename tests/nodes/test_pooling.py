"""Pooling: the numbers of the course, strides that follow the window, what is refused."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from nodes.layers.pooling import (
    AdaptiveAvgPool,
    AdaptiveMaxPool,
    AvgPool2d,
    GlobalAvgPool,
    GlobalMaxPool,
    MaxPool1d,
    MaxPool2d,
    MaxPool3d,
)
from nodes.spec import Layer, SetParam
from tests.nodes.fixes_tried import assert_fixed, says, spec
from tests.nodes.test_convolution import grid


def pooled(layer: Layer, image: Tensor) -> list[list[float]]:
    return layer.build(spec(*image.shape[1:]))(image)[0, 0].tolist()


def test_the_worked_pools() -> None:
    image = grid("7352 8716 4939 0845")
    assert pooled(MaxPool2d(), image) == [[8, 6], [9, 9]]
    assert pooled(AvgPool2d(), image) == [[6.25, 3.5], [5.25, 5.25]]
    assert pooled(MaxPool2d(), grid("1124 5678 3210 1234")) == [[6, 8], [3, 4]]


def test_the_stride_follows_the_window() -> None:
    assert pooled(MaxPool2d(kernel_size=2), grid("1234 1234")) == [[2, 4]]
    assert pooled(MaxPool2d(kernel_size=2, stride=1), grid("1234 1234")) == [[2, 3, 4]]
    assert MaxPool2d(kernel_size=3).card_label() == "3×3"
    assert MaxPool2d(kernel_size=3, stride=3).card_label() == "3×3"
    assert MaxPool2d(kernel_size=3, stride=2, padding=1).card_label() == "3×3 · stride 2 · pad 1"
    assert MaxPool1d(kernel_size=4).card_label() == "4"


def test_the_told_arithmetic() -> None:
    layer = MaxPool2d(kernel_size=3, stride=2)
    assert layer.arithmetic((spec(1, 28, 28),), (spec(1, 13, 13),)) == "⌊(28 + 2·0 − 3) / 2⌋ + 1 = 13"
    up = MaxPool2d(kernel_size=3, stride=2, ceil_mode=True)
    assert up.arithmetic((spec(1, 28, 28),), (spec(1, 14, 14),)) == "⌈(28 + 2·0 − 3) / 2⌉ + 1 = 14"


def test_padding_is_at_most_half_the_window() -> None:
    error = assert_fixed(MaxPool2d(padding=2), spec(3, 8, 8))
    assert says(error, "at most half the window, 1×1")


def test_a_window_larger_than_the_maps() -> None:
    error = assert_fixed(MaxPool2d(), spec(16, 1, 1), count=2)
    assert error.fixes == (SetParam("padding", 1), SetParam("kernel_size", 1))
    error = assert_fixed(AvgPool2d(kernel_size=5), spec(16, 4, 4), count=2)
    assert error.arithmetic == "4 + 2·0 = 4 < 5"
    assert_fixed(MaxPool3d(kernel_size=8), spec(3, 2, 2, 2), count=2)


def test_global_and_adaptive_pools_are_means_and_maxima() -> None:
    maps = torch.randn(2, 3, 4, 6)
    given = spec(3, 4, 6)
    assert torch.allclose(GlobalAvgPool().build(given)(maps), maps.mean((2, 3)))
    assert torch.equal(GlobalMaxPool(keep_axes=True).build(given)(maps), maps.amax((2, 3), keepdim=True))
    assert AdaptiveAvgPool(output_size=[2, 3]).build(given)(maps).shape == (2, 3, 2, 3)
    assert AdaptiveMaxPool(output_size=2).build(spec(3, 9))(maps.flatten(2)).shape == (2, 3, 2)
    assert AdaptiveAvgPool(output_size=2).arithmetic((given,), (spec(3, 2, 2),)) == "4×6 → 2×2"


def test_an_adaptive_pool_wants_a_size_per_axis() -> None:
    error = assert_fixed(AdaptiveAvgPool(output_size=[2, 2, 2]), spec(3, 8, 8))
    assert says(error, "one output size, or 2 for maps")


@pytest.mark.parametrize("layer", [MaxPool2d(), AvgPool2d()])
def test_channels_stay(layer: Layer) -> None:
    assert layer.build(spec(5, 8, 8))(torch.zeros(2, 5, 8, 8)).shape == (2, 5, 4, 4)
