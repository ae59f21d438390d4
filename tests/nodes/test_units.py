"""Units with weights set by hand, straight-through steps, spectral norm, and how alike images are."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations

from nodes.layers.activation import Step
from nodes.layers.convolution import Conv2d
from nodes.layers.dense import Linear
from nodes.layers.threshold import ThresholdUnit
from nodes.layers.transposed import ConvTranspose2d
from nodes.spec import Layer, SetParam, TensorSpec
from nodes.training.metric import PeakSignalNoiseRatio, StructuralSimilarity
from tests.nodes.battery import seeded
from tests.nodes.fixes_tried import assert_fixed, refusal, says, spec

PAIRS = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])


def run(layer: Layer, values: Tensor) -> Tensor:
    given = spec(*values.shape[1:])
    layer.check(given)
    with torch.no_grad():
        return layer.build(given)(values)


# By hand ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weights", "threshold", "fires"),
    [
        ([1, 1], 2.0, [0, 0, 0, 1]),  # and
        ([1, 1], 1.0, [0, 1, 1, 1]),  # or
        ([0, -1], 0.0, [1, 0, 1, 0]),  # not the second
        ([1, -1], 1.0, [0, 0, 1, 0]),  # the first, unless the second inhibits
    ],
)
def test_threshold_logic(weights: list[int], threshold: float, fires: list[int]) -> None:
    layer = ThresholdUnit(weights=weights, threshold=threshold)
    assert run(layer, PAIRS).tolist() == [[answer] for answer in fires]
    assert not list(layer.build(spec(2)).parameters())


def test_a_threshold_unit_wants_a_weight_for_each_input() -> None:
    error = assert_fixed(ThresholdUnit(), spec(3))
    assert error.fixes == (SetParam("weights", [1, 1, 1]),)
    assert not refusal(ThresholdUnit(), spec(2**31 - 1)).fixes, "two thousand million weights are no proposal"
    assert ThresholdUnit(weights=[1, -1, 0], threshold=1).card_label() == "1, −1, 0 · T = 1"


def test_xor_by_hand() -> None:
    hidden = Linear(out_features=2, weights="1 1; 1 1", biases="0 -1", activation="relu")
    out = Linear(out_features=1, weights="1, -2", biases="0")
    between = run(hidden, PAIRS)
    assert between.tolist() == [[0, 0], [1, 0], [1, 0], [2, 1]]
    assert run(out, between).flatten().tolist() == [0, 1, 1, 0]
    assert run(out, run(hidden, torch.tensor([[0.5, 0.5]]))).item() == 1


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {"weights": "1 1; 1"},
            "Expected 2 rows of 2 weights, one for each of the 2 values that enter. Received 2 of 1, 2.",
        ),
        ({"weights": "1 1"}, "Received 1 of 2."),
        ({"weights": "1 one; 1 1"}, "Received 'one'"),
        ({"biases": "nan 1"}, "Received 'nan'"),
        ({"biases": "1"}, "Expected 2 biases, one for each output. Received 1."),
    ],
)
def test_weights_that_do_not_fit(params: dict[str, str], message: str) -> None:
    assert says(refusal(Linear(out_features=2, **params), spec(2)), message)


def test_a_bias_by_hand_needs_a_bias() -> None:
    error = assert_fixed(Linear(out_features=2, biases="1 2", bias=False), spec(2))
    assert error.fixes == (SetParam("bias", True),)


def test_what_is_not_set_by_hand_starts_as_ever() -> None:
    with seeded():
        plain = Linear(out_features=2).build(spec(2))
    with seeded():
        half = Linear(out_features=2, biases="3 −4").build(spec(2))
    assert torch.equal(plain.weight, half.weight)
    assert half.bias.tolist() == [3, -4]


def test_the_worked_convolution() -> None:
    image = torch.tensor(
        [[int(digit) for digit in row] for row in ("11100", "01110", "00111", "00110", "01100")]
    )
    layer = Conv2d(out_channels=1, weights="1 0 1; 0 1 0; 1 0 1", biases="0")
    assert run(layer, image[None, None].float())[0, 0].tolist() == [[4, 3, 4], [2, 4, 3], [2, 3, 4]]
    two = Conv2d(out_channels=2, kernel_size=1, weights="1; 2; 3; 4", bias=False)
    assert run(two, torch.ones(1, 2, 1, 1)).flatten().tolist() == [3, 7]
    assert says(
        refusal(Conv2d(out_channels=2, weights="1 2"), spec(3, 8, 8)), "(or 18 rows, for each its own)"
    )


# Steps --------------------------------------------------------------------------------------------------


def test_a_step_at_its_threshold_and_straight_through() -> None:
    for straight in (False, True):
        values = torch.tensor([[-0.5, 0.0, 1e9]], requires_grad=True)
        fired = Step(straight_through=straight).build(spec(3))(values)
        assert fired.tolist() == [[0, 1, 1]]
        (fired * torch.tensor([2.0, 3.0, 4.0])).sum().backward()
        assert values.grad is not None
        assert values.grad.tolist() == [[2, 3, 4] if straight else [0, 0, 0]]


# Spectral norm ------------------------------------------------------------------------------------------

LAYERS = [
    (Linear(out_features=5, spectral_norm=True), spec(7)),
    (Conv2d(out_channels=4, kernel_size=3, spectral_norm=True, padding=1), spec(3, 6, 6)),
    (ConvTranspose2d(out_channels=4, spectral_norm=True), spec(3, 6, 6)),
]


@pytest.mark.parametrize(("layer", "given"), LAYERS, ids=lambda value: getattr(value, "type", ""))
def test_spectral_norm_is_torchs(layer: Layer, given: TensorSpec) -> None:
    with seeded():
        ours = layer.build(given).eval()
    plain = type(layer)(**{**layer.changed(), "spectral_norm": False})
    with seeded():
        theirs = parametrizations.spectral_norm(plain.build(given))
    assert set(ours.state_dict()) == {"weight", "bias", "weight_u", "weight_v"}
    with seeded():
        values = torch.randn(4, *given.features)
    for module in (ours.train(), theirs.train()):
        for _ in range(200):  # until both have found the largest singular value
            module(values)
    assert torch.allclose(ours(values), theirs(values), atol=1e-5)
    gradients = []
    for module, weight in ((ours, "weight"), (theirs, "parametrizations.weight.original")):
        module(values).square().sum().backward()
        gradients.append(module.get_parameter(weight).grad)
    assert torch.allclose(*gradients, rtol=1e-4, atol=1e-4)  # of up to a hundred, in single precision
    before = ours.eval().weight_u.clone()
    ours(values)
    assert torch.equal(ours.weight_u, before)


def test_spectral_norm_bounds_the_slope() -> None:
    with seeded():
        module = Linear(out_features=30, spectral_norm=True, bias=False).build(spec(20))
    with torch.no_grad():
        module.weight.mul_(100)
        for _ in range(100):
            module(torch.zeros(1, 20))
        assert torch.linalg.matrix_norm(module(torch.eye(20)), 2).item() == pytest.approx(1, abs=1e-3)


def test_two_forward_passes_before_one_backward_pass() -> None:
    """A discriminator sees real and generated samples, then learns from both at once."""
    module = Linear(out_features=3, spectral_norm=True).build(spec(4)).train()
    (module(torch.randn(2, 4)).sum() + module(torch.randn(2, 4)).sum()).backward()
    assert isinstance(module, nn.Linear)
    assert module.weight.grad is not None


# Images -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("span", [1.0, 2.0])
@pytest.mark.parametrize("channels", [1, 3])
def test_image_metrics_agree_with_torchmetrics(span: float, channels: int) -> None:
    from torchmetrics.image import PeakSignalNoiseRatio as PSNR
    from torchmetrics.image import StructuralSimilarityIndexMeasure as SSIM

    given = spec(channels, 24, 17)
    with seeded():
        truth = torch.rand(6, channels, 24, 17) * span
        images = (truth + 0.2 * torch.randn_like(truth)).clamp(0, span)
    pairs = (
        (PeakSignalNoiseRatio(span=span), PSNR(data_range=span)),
        (StructuralSimilarity(span=span), SSIM(data_range=span)),
    )
    for ours, theirs in pairs:
        ours.check(given, given)
        module = ours.build(given, given)
        for part in (slice(0, 2), slice(2, 6)):
            module.update(images[part], truth[part])
            theirs.update(images[part], truth[part])
        assert module.compute().item() == pytest.approx(theirs.compute().item(), rel=1e-4)
        module.reset()
        module.update(truth, truth)
        best = float("inf") if isinstance(ours, PeakSignalNoiseRatio) else 1.0
        assert module.compute().item() == pytest.approx(best)


def test_images_that_are_too_small_to_have_a_structure() -> None:
    StructuralSimilarity().check(spec(1, 6, 8), spec(1, 6, 8))
    assert says(refusal(StructuralSimilarity(), spec(1, 5, 8), spec(1, 5, 8)), "at least 6×6 pixels")
