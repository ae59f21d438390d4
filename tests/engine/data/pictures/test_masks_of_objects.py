"""Several masks of one picture, one for each object, are joined, and that is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.data import catalogue
from nodes.data.source import DataSource
from tests.engine.data.sources import rows

SIDE = 8


def objects(index: int) -> list[np.ndarray]:
    """Three masks, white on black, two of which overlap."""
    found = []
    for at in range(3):
        mask = np.zeros((SIDE, SIDE), np.uint8)
        mask[at * 2 : at * 2 + 3, index % 5 : index % 5 + 3] = 255
        found.append(mask)
    return found


def write(folder: Path, picture: str, mask: str, count: int = 6) -> Path:
    """Pictures whose first pixel is ten times their index, the first with one mask alone."""
    for i in range(count):
        every = [(picture.format(i=i), np.full((SIDE, SIDE, 3), 10 * i, np.uint8))]
        every += [(mask.format(i=i, at=at), one) for at, one in enumerate(objects(i)[: 1 if i == 0 else 3])]
        for name, pixels in every:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(folder / name)
    return folder


LAYOUTS = {
    "numbers behind the name": ("images/p{i}.png", "masks/p{i}_{at}.png"),
    "numbers behind a word": ("images/p{i}.png", "masks/p{i}_mask_{at}.png"),
    "a folder for each picture": ("p{i}/images/p{i}.png", "p{i}/masks/{at}ab{i}.png"),
    "a folder for each picture, in one folder": ("all/p{i}/images/p{i}.png", "all/p{i}/masks/{at}ab{i}.png"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_masks_of_objects_are_joined_by_a_drop_alone(layout: str, tmp_path: Path) -> None:
    folder = write(tmp_path / "nuclei", *LAYOUTS[layout])
    found = catalogue.recognised(folder)[0]
    assert found.dataset == "image-masks"
    source = DataSource(dataset=found.dataset, **found.recognised.values, scaling="none", validation=0.0)
    data = catalogue.load(source)
    assert len(data.train) == 6
    for picture, mask in zip(rows(data.train.input), rows(data.train.target), strict=True):
        index = int(picture[0, 0, 0]) // 10
        expected = np.maximum.reduce(objects(index)[: 1 if index == 0 else 3]) // 255
        assert (mask == expected).all()
    facts = {fact.name: (fact.value, fact.why) for fact in catalogue.look(source).facts}
    told = "5 of 6 pictures have several masks, 15 in all; of each pixel the largest value counts"
    assert facts["Masks"] == ("joined", told)


def test_a_mask_of_another_size_is_told_with_its_picture(tmp_path: Path) -> None:
    folder = write(tmp_path / "nuclei", *LAYOUTS["numbers behind the name"])
    Image.fromarray(np.zeros((SIDE, SIDE + 1), np.uint8)).save(folder / "masks" / "p3_1.png")
    source = DataSource(dataset="image-masks", path=str(folder), scaling="none", validation=0.0)
    data = catalogue.load(source)
    assert len(data.train) == 5
    (told,) = data.skipped
    assert told.endswith(
        "p3.png: its partner p3_0.png: 9 × 8 px in p3_1.png, where another mask of its picture has 8 × 8"
    )
