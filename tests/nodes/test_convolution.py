"""Convolutions: the numbers of the course, the told arithmetic, what is refused and how it is fixed."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from nodes.layers.convolution import Conv1d, Conv2d, Conv3d, DepthwiseConv2d, SeparableConv2d
from nodes.layers.transposed import ConvTranspose1d, ConvTranspose2d
from nodes.spec import InsertBefore, Layer, LayerError, N, SetParam, TensorSpec
from tests.nodes.battery import seeded
from tests.nodes.fixes_tried import assert_fixed, refusal, says, spec


def grid(rows: str) -> Tensor:
    """`"110 011"` as an image (1, 1, 2, 3)."""
    return torch.tensor([[float(digit) for digit in row] for row in rows.split()])[None, None]


def convolve(image: Tensor, kernel: Tensor) -> list[list[float]]:
    layer = Conv2d(out_channels=1, kernel_size=list(kernel.shape[2:]), bias=False)
    module = layer.build(spec(*image.shape[1:]))
    module.weight.data = kernel
    return module(image)[0, 0].tolist()


def test_the_worked_convolution() -> None:
    image = grid("11100 01110 00111 00110 01100")
    assert convolve(image, grid("101 010 101")) == [[4, 3, 4], [2, 4, 3], [2, 3, 4]]


def test_the_second_worked_convolution() -> None:
    image = grid("35281 97543 20616 63792 14951")
    assert convolve(image, grid("110 100 001")) != [[25, 18, 17], [18, 22, 14], [20, 15, 23]]
    assert convolve(image, grid("100 110 001")) == [[25, 18, 17], [18, 22, 14], [20, 15, 23]]


@pytest.mark.parametrize(
    ("name", "pixel", "flat"),
    [("identity", 1, 1), ("gaussian", 4 / 16, 1), ("sharpen", 5, 1), ("edges", 8, 0)],
)
def test_preset_kernels(name: str, pixel: float, flat: float) -> None:
    """The answer to one bright pixel is the kernel; the answer to an even grey is the kernel's sum."""
    for layer in (Conv2d(initial=name, padding=1), DepthwiseConv2d(initial=name, padding=1)):
        module = layer.build(spec(1, 5, 5))
        dot = torch.zeros(1, 1, 5, 5)
        dot[..., 2, 2] = 1
        assert module(dot)[0, 0, 2, 2].item() == pytest.approx(pixel)
        assert module(torch.ones(1, 1, 5, 5))[0, 0, 2, 2].item() == pytest.approx(flat)
    assert_fixed(Conv2d(initial=name, kernel_size=5), spec(1, 8, 8))


def test_fused_activation_is_the_layer_after() -> None:
    with seeded():
        plain = Conv2d(out_channels=4).build(spec(3, 8, 8))
    with seeded():
        fused = Conv2d(out_channels=4, activation="tanh").build(spec(3, 8, 8))
    image = torch.randn(2, 3, 8, 8)
    assert torch.equal(fused(image), plain(image).tanh())
    assert isinstance(fused, nn.Conv2d)
    assert list(fused.state_dict()) == ["weight", "bias"]
    assert type(plain) is nn.Conv2d


def test_a_separable_convolution_is_its_two_parts() -> None:
    module = SeparableConv2d(out_channels=6, padding=1).build(spec(4, 8, 8))
    assert {name: tuple(value.shape) for name, value in module.named_parameters()} == {
        "depthwise.weight": (4, 1, 3, 3),
        "pointwise.weight": (6, 4, 1, 1),
        "pointwise.bias": (6,),
    }


@pytest.mark.parametrize(
    ("layer", "entering", "leaving", "told"),
    [
        (Conv2d(kernel_size=5, padding=2), (1, 28, 28), (16, 28, 28), "⌊(28 + 2·2 − 5) / 1⌋ + 1 = 28"),
        (Conv2d(kernel_size=3, stride=2), (1, 28, 28), (16, 13, 13), "⌊(28 + 2·0 − 3) / 2⌋ + 1 = 13"),
        (Conv2d(dilation=2), (1, 9, 9), (16, 5, 5), "⌊(9 + 2·0 − 2·(3 − 1) − 1) / 1⌋ + 1 = 5"),
        (
            Conv2d(kernel_size=[3, 1]),
            (1, 8, 9),
            (16, 6, 9),
            "height: ⌊(8 + 2·0 − 3) / 1⌋ + 1 = 6\nwidth: ⌊(9 + 2·0 − 1) / 1⌋ + 1 = 9",
        ),
        (Conv1d(), (4, 10), (16, 8), "⌊(10 + 2·0 − 3) / 1⌋ + 1 = 8"),
        (Conv3d(), (1, 5, 5, 5), (16, 3, 3, 3), "⌊(5 + 2·0 − 3) / 1⌋ + 1 = 3"),
        (DepthwiseConv2d(multiplier=2), (3, 8, 8), (6, 6, 6), "⌊(8 + 2·0 − 3) / 1⌋ + 1 = 6"),
        (ConvTranspose2d(), (3, 14, 14), (16, 28, 28), "(14 − 1)·2 − 2·1 + 4 = 28"),
        (ConvTranspose1d(output_padding=1), (3, 7), (16, 15), "(7 − 1)·2 − 2·1 + 4 + 1 = 15"),
        (
            ConvTranspose2d(dilation=2, padding=0),
            (3, 2, 2),
            (16, 9, 9),
            "(2 − 1)·2 − 2·0 + 2·(4 − 1) + 1 = 9",
        ),
    ],
)
def test_the_told_arithmetic_is_the_shape(
    layer: Layer, entering: tuple[int, ...], leaving: tuple[int, ...], told: str
) -> None:
    given = spec(*entering)
    layer.check(given)
    assert tuple(layer.build(given)(torch.zeros(2, *entering)).shape) == (2, *leaving)
    assert layer.arithmetic((given,), (spec(*leaving),)) == told


@pytest.mark.parametrize(
    ("layer", "line"),
    [
        (Conv2d(kernel_size=5, padding=2), "16 · 5×5 · pad 2"),
        (Conv2d(out_channels=6, stride=2, activation="tanh"), "6 · 3×3 · stride 2 · Tanh"),
        (Conv2d(kernel_size=[3, 1], padding=[1, 0]), "16 · 3×1 · pad 1×0"),
        (Conv1d(kernel_size=7), "16 · 7"),
        (DepthwiseConv2d(multiplier=2), "3×3 · ×2"),
        (ConvTranspose2d(), "16 · 4×4 · stride 2 · pad 1"),
    ],
)
def test_the_card_line(layer: Layer, line: str) -> None:
    assert layer.card_label() == line


def test_a_kernel_larger_than_the_input() -> None:
    error = assert_fixed(Conv2d(kernel_size=5), spec(3, 3, 3), count=2)
    assert str(error) == "Expected a kernel that fits into the padded input of 3×3. Received a kernel of 5×5."
    assert error.arithmetic == "3 + 2·0 = 3 < 5"
    assert error.fixes == (SetParam("padding", 1), SetParam("kernel_size", 3))
    error = assert_fixed(Conv2d(kernel_size=3, dilation=4), spec(3, 5, 20), count=2)
    assert error.arithmetic == "5 + 2·0 = 5 < 4·(3 − 1) + 1 = 9"
    assert error.fixes == (SetParam("padding", [2, 0]), SetParam("kernel_size", [2, 3]))


@pytest.mark.parametrize("layer", [DepthwiseConv2d(kernel_size=9), SeparableConv2d(kernel_size=9)])
def test_split_forms_check_the_kernel_too(layer: Layer) -> None:
    assert_fixed(layer, spec(3, 6, 6), count=2)


def test_groups_divide_the_channels() -> None:
    error = assert_fixed(Conv2d(out_channels=8, groups=4), spec(6, 8, 8))
    assert error.arithmetic == "6 / 4 = 1 remainder 2"
    error = assert_fixed(Conv2d(out_channels=10, groups=4), spec(8, 8, 8), count=2)
    assert says(error, "output channels that 4 groups divide")
    assert_fixed(ConvTranspose2d(groups=3), spec(4, 8, 8))


def test_mirrored_padding_is_taken_from_the_input() -> None:
    error = assert_fixed(Conv2d(padding=4, padding_mode="reflect"), spec(3, 4, 9))
    assert says(error, "reflect padding of at most 3×8")
    Conv2d(padding=4, padding_mode="circular").check(spec(3, 4, 9))


def test_transposed_refusals() -> None:
    assert_fixed(ConvTranspose2d(output_padding=2), spec(3, 4, 4))
    error = assert_fixed(ConvTranspose2d(kernel_size=2, padding=3), spec(3, 2, 2))
    assert error.arithmetic == "(2 − 1)·2 − 2·3 + 2 = −2"


def test_an_unknown_channel_count_is_refused_not_guessed() -> None:

    with pytest.raises(
        LayerError, match=r"Expected a size that is known when drawing\. Received the batch size N"
    ):
        Conv2d().build(TensorSpec((N, N, 8, 8)))
    assert refusal(Conv2d(), TensorSpec((N, N, 8, 8)))


@pytest.mark.parametrize(
    ("layer", "given", "fixed"),
    [
        (Conv2d(), spec(28, 28), {"shape": [1, 28, 28]}),
        (Conv2d(), spec(784), {"shape": [1, 28, 28]}),
        (Conv1d(), spec(100), {"shape": [1, 100]}),
        (Conv3d(), spec(8, 28, 28), {"shape": [1, 8, 28, 28]}),
    ],
)
def test_images_without_a_channel_get_one(layer: Layer, given: object, fixed: dict[str, object]) -> None:
    assert layer.port_fixes(layer.inputs[0], given) == (InsertBefore("reshape", fixed),)


def test_maps_are_laid_out_as_signals() -> None:
    fixes = Conv1d().port_fixes(Conv1d.inputs[0], spec(16, 8, 8))
    assert fixes == (InsertBefore("flatten", {"start": 2}),)
