"""Augmentations move a picture and its mask together, or say that they do not."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from engine.data import catalogue
from engine.data.first_drawing import first_drawing
from engine.document import edits
from engine.document.project import MAIN, End, Node, Project
from engine.infer import infer
from engine.run.run import Run
from nodes.data.augment import Movement, RandomCrop, RandomFlip, RandomRotate, RandomShift, RandomZoom
from nodes.spec import UNCOUNTED, LayerError, N, TensorSpec
from tests.engine.data.pictures.test_masks import write
from tests.engine.data.sources import source
from tests.nodes.battery import seeded

SIDE = 16
MOVEMENTS = [
    *(RandomFlip(vertical=0.5, with_mask=True), RandomCrop(padding=3, with_mask=True)),
    *(RandomCrop(padding=3, fill="border", with_mask=True), RandomRotate(angle=90, with_mask=True)),
    *(RandomShift(amount=0.3, with_mask=True), RandomZoom(fill="reflection", with_mask=True)),
]


def pair() -> tuple[Tensor, Tensor]:
    """Pictures whose value is the number of the class, from 1 on, and the labels."""
    labels = torch.ones(8, SIDE, SIDE, dtype=torch.int64)
    labels[:, :7, :9] = 2
    labels[:, 10:, 3:8] = 4
    return labels.float().unsqueeze(1).repeat(1, 3, 1, 1), labels


def moved(layer: Movement, image: Tensor, mask: Tensor, *, train: bool = True) -> tuple[Tensor, Tensor]:
    specs = (
        TensorSpec((N, *image.shape[1:])),
        TensorSpec((N, *mask.shape[1:]), "float32" if mask.is_floating_point() else "int64", classes=5),
    )
    layer.check(*specs)
    with seeded(3):
        return layer.build(*specs).train(train)(image, mask)


@pytest.mark.parametrize("layer", MOVEMENTS)
def test_a_mask_goes_where_its_picture_goes(layer: Movement) -> None:
    image, labels = pair()
    pictures, masks = moved(layer, image, labels)
    assert (masks.dtype, masks.shape) == (labels.dtype, labels.shape)
    clear = (pictures[:, 0] - pictures[:, 0].round()).abs() < 1e-4  # not mixed from two classes
    seen = pictures[:, 0].round().long()
    expected = torch.where(seen == 0, UNCOUNTED, seen)
    assert clear.float().mean() > 0.6
    # a border may fall between two pixels
    assert ((masks == expected) | ~clear).float().mean() > 0.97
    assert not torch.equal(masks, labels)
    with seeded(3):
        alone = type(layer)(**{**layer.values, "with_mask": False}).build(TensorSpec((N, 3, SIDE, SIDE)))
        assert torch.equal(alone(image), pictures)  # the mask changes nothing that is drawn


@pytest.mark.parametrize("layer", MOVEMENTS)
def test_a_picture_that_is_made_goes_along(layer: Movement) -> None:
    image, _ = pair()
    pictures, others = moved(layer, image, 2 * image[:, :1])
    assert torch.allclose(others, 2 * pictures[:, :1], atol=1e-5)


@pytest.mark.parametrize("layer", MOVEMENTS)
def test_nothing_moves_when_evaluating(layer: Movement) -> None:
    image, labels = pair()
    pictures, masks = moved(layer, image, labels, train=False)
    assert torch.equal(pictures, image)
    assert torch.equal(masks, labels)


def test_a_mask_of_another_size_is_refused() -> None:
    with pytest.raises(LayerError, match="a mask of 16×16, as the images"):
        RandomFlip(with_mask=True).check(
            TensorSpec((N, 3, 16, 16)), TensorSpec((N, 8, 8), "int64", classes=2)
        )


def flipped(folder: Path) -> Project:
    """A first network for masks whose pictures alone are flipped."""
    one = source("image-masks", path=str(write(folder)))
    project = first_drawing(one, catalogue.describe(one))
    reader = next(wire for wire in project.main.wires if wire.source == End("data", "input"))
    project = edits.add_node(project, MAIN, Node("flip", "random_flip"), (0.0, 0.0))
    project = edits.connect(project, MAIN, End("data", "input"), End("flip", "input"))
    return edits.connect(project, MAIN, End("flip", "output"), reader.target, replace=True)


def test_pictures_that_move_without_their_masks_are_refused_and_the_fix_moves_both(tmp_path: Path) -> None:
    project = flipped(tmp_path)
    problem = next(one for one in infer(project).problems if one.node == "flip")
    assert problem.severity == "error"
    assert (
        "Expected the masks moved with their pictures. Received pictures that move alone" in problem.message
    )
    changed = problem.fixes[0].edit(project)
    assert [one.message for one in infer(changed).problems if one.severity == "error"] == []
    readers = {wire.target.node for wire in changed.main.wires if wire.source == End("flip", "mask")}
    assert {"loss", "accuracy", "iou"} <= readers
    assert Run(changed, steps=3, device="cpu").execute(lambda event: None).status == "completed"
