"""Augmentation: training only, each sample by itself, and what is promised of each."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from nodes.data.augment import (
    Augmentation,
    Cutout,
    Mixup,
    PixelNoise,
    RandomColour,
    RandomCrop,
    RandomFlip,
    RandomRotate,
    RandomShift,
    RandomZoom,
)
from nodes.spec import Family
from nodes.training.loss import CrossEntropy
from tests.nodes.battery import seeded
from tests.nodes.fixes_tried import assert_fixed, labels, refusal, says, spec

ALL = [
    RandomFlip(vertical=0.5),
    RandomCrop(padding=3),
    RandomRotate(),
    RandomShift(),
    RandomZoom(),
    RandomColour(),
    PixelNoise(),
    Cutout(size=4),
]


def changed(layer: Augmentation, image: Tensor, seed: int = 0) -> Tensor:
    layer.check(spec(*image.shape[1:]))
    with seeded(seed):
        return layer.build(spec(*image.shape[1:])).train()(image)


def ramp(count: int = 1, height: int = 8, width: int = 12) -> Tensor:
    """Images in which every pixel has a value of its own."""
    return torch.arange(1.0, height * width + 1).reshape(1, 1, height, width).repeat(count, 1, 1, 1)


@pytest.mark.parametrize("layer", ALL, ids=lambda layer: layer.type)
def test_in_training_only_and_for_each_sample(layer: Augmentation) -> None:
    image = torch.rand(1, 3, 9, 11).repeat(32, 1, 1, 1)
    done = changed(layer, image)
    assert done.shape == image.shape
    assert len(done.flatten(1).unique(dim=0)) > 2  # samples change in ways of their own
    assert torch.equal(changed(layer, image), done)
    assert not torch.equal(changed(layer, image, seed=1), done)
    assert torch.equal(layer.build(spec(3, 9, 11)).eval()(image), image)
    assert layer.family is Family.AUGMENTATION


def test_flips() -> None:
    image = ramp()
    assert torch.equal(changed(RandomFlip(horizontal=1.0), image), image.flip(3))
    assert torch.equal(changed(RandomFlip(horizontal=0.0, vertical=1.0), image), image.flip(2))
    flipped = changed(RandomFlip(), ramp(2000))
    assert (flipped[:, 0, 0, 0] != 1).float().mean().item() == pytest.approx(0.5, abs=0.05)


def test_crops_are_shifts_by_whole_pixels() -> None:
    image = ramp(64)
    framed = torch.nn.functional.pad(image[:1], [2] * 4)
    pieces = [framed[0, :, y : y + 8, x : x + 12] for y in range(5) for x in range(5)]
    cropped = changed(RandomCrop(padding=2), image)
    found = {next(i for i, piece in enumerate(pieces) if torch.equal(one, piece)) for one in cropped}
    assert len(found) > 15
    assert (changed(RandomCrop(padding=2, fill="border"), image) > 0).all()
    error = assert_fixed(RandomCrop(padding=9, fill="reflection"), spec(1, 8, 12), count=2)
    assert says(error, "a frame of at most 7")


def test_a_half_turn_turns_all_round() -> None:
    """With ±180° most samples turn by much; one that is a circle stays, and so does the middle."""
    down, across = torch.meshgrid(torch.arange(33.0), torch.arange(33.0), indexing="ij")
    disc = ((down - 16) ** 2 + (across - 16) ** 2 < 100).float().expand(16, 1, 33, 33)
    assert (changed(RandomRotate(angle=180.0), disc) - disc).abs().mean() < 0.02
    wide = torch.zeros(64, 1, 21, 41)
    wide[:, :, 10, 16:25] = 1.0  # a bar through the middle keeps its length in whatever direction
    turned = changed(RandomRotate(angle=180.0), wide)
    assert turned.sum((1, 2, 3)).min() > 0.85 * 9
    assert turned.sum((1, 2, 3)).max() < 1.15 * 9


def test_shifts_and_zooms_stay_within_their_amount() -> None:
    image = torch.zeros(200, 1, 21, 41)
    image[:, :, 10, 20] = 1.0
    shifted = changed(RandomShift(amount=0.1), image)
    rows, columns = shifted.sum((1, 3)).argmax(1), shifted.sum((1, 2)).argmax(1)
    assert 2 <= (columns - 20).abs().max() <= 4
    assert 1 <= (rows - 10).abs().max() <= 2
    square = torch.zeros(200, 1, 41, 41)
    square[:, :, 15:26, 15:26] = 1.0
    sizes = changed(RandomZoom(amount=1.0), square).sum((1, 2, 3)) / 121
    assert sizes.max().item() == pytest.approx(4, rel=0.15)
    assert sizes.min().item() == pytest.approx(0.25, rel=0.2)  # small squares are sampled coarsely


def test_colours() -> None:
    grey = torch.rand(50, 1, 6, 6)
    shade = changed(RandomColour(contrast=0.0, saturation=0.0, brightness=0.3), grey) - grey
    assert torch.allclose(shade, shade[:, :, :1, :1].expand_as(shade), atol=1e-6)
    assert 0.2 < shade.abs().max() <= 0.3
    stretched = changed(RandomColour(contrast=0.5, saturation=0.0, brightness=0.0), grey)
    assert torch.allclose(stretched.mean((1, 2, 3)), grey.mean((1, 2, 3)), atol=1e-6)
    ratio = stretched.std((1, 2, 3)) / grey.std((1, 2, 3))
    assert 0.5 <= ratio.min() < 0.6
    assert 1.4 < ratio.max() <= 1.5001
    assert torch.equal(changed(RandomColour(brightness=0.0, contrast=0.0), grey), grey)
    colour = torch.rand(20, 3, 4, 4)
    washed = changed(RandomColour(brightness=0.0, contrast=0.0, saturation=1.0), colour)
    assert torch.allclose(washed.mean(1), colour.mean(1), atol=1e-6)


def test_blotted_pixels() -> None:
    image = torch.rand(40, 3, 20, 20) + 1
    struck = changed(PixelNoise(share=0.3), image)
    gone = (struck == 0).all(1)
    assert gone.float().mean().item() == pytest.approx(0.3, abs=0.02)
    assert torch.equal(struck[~gone[:, None].expand_as(struck)], image[~gone[:, None].expand_as(image)])
    spice = changed(PixelNoise(share=0.3, kind="salt and pepper"), image)
    assert torch.equal(spice.amin((1, 2, 3)), image.amin((1, 2, 3)))
    white = (spice == image.amax((1, 2, 3), keepdim=True)).all(1).float().mean()
    assert white.item() == pytest.approx(0.15, abs=0.02)


def test_cutout_takes_one_square() -> None:
    hole = changed(Cutout(size=4), torch.ones(300, 2, 10, 14)) == 0
    areas = hole[:, 0].sum((1, 2))
    assert areas.max() == 16
    assert areas.min() >= 4  # a corner
    whole = hole[areas == 16][:, 0]
    assert (whole.any(1).sum(1) == 4).all()
    assert torch.equal(hole[:, 0], hole[:, 1])


def test_mixup_mixes_labels_as_it_mixes_samples() -> None:
    label = torch.arange(6) % 3
    features = torch.nn.functional.one_hot(label, 3).float()  # so that shares can be read off the samples
    layer = Mixup(alpha=1.0)
    module = layer.build(spec(3), labels(classes=3)).train()
    with seeded():
        mixed, target = module(features, label)
    assert torch.allclose(mixed, target, atol=1e-6)
    assert torch.allclose(target.sum(1), torch.ones(6))
    assert not torch.equal(target, features)
    passed, rows = module.eval()(features, label)
    assert torch.equal(passed, features)
    assert torch.equal(rows, features)
    CrossEntropy().check(spec(3), spec(3))
    error = assert_fixed(layer, spec(3), labels(classes=None))
    assert says(error, "a number of classes")
    assert says(refusal(Mixup(classes=2), spec(3), labels(classes=3)), "at least 3 classes")


@pytest.mark.parametrize("alpha", [0.05, 0.2, 1.0, 8.0])
def test_mixups_shares_are_beta(alpha: float) -> None:
    module = Mixup(alpha=alpha).build(spec(1), labels(classes=2)).train()
    with seeded():
        shares = module._shares(torch.zeros(100_000, 1))
    assert shares.isfinite().all()
    assert shares.mean().item() == pytest.approx(0.5, abs=0.01)
    assert shares.var().item() == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=0.03)
