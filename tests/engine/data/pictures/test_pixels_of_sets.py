"""Deep and transparent pictures as a set reads them: never all white, all black or without a word."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.data import catalogue
from nodes.reading.error import DataError
from tests.engine.data.sources import rows, source


def deep(folder: Path, kind: str) -> Path:
    """Two classes whose numbers are low and high."""
    for name, share in (("high", 0.7), ("low", 0.2)):
        (folder / name).mkdir()
        for i in range(4):
            level = share + 0.02 * i
            numbers = {
                "png16": np.full((5, 5), level * 65535, np.uint16),
                "tif16": np.full((5, 5), level * 65535, np.uint16),
                "float": np.full((5, 5), level, np.float32),
                "float255": np.full((5, 5), level * 255, np.float32),
                "int32": np.full((5, 5), level * 4000 - 1000, np.int32),
            }[kind]
            Image.fromarray(numbers).save(folder / name / f"{i}.{'png' if kind == 'png16' else 'tif'}")
    return folder


@pytest.mark.parametrize("kind", ["png16", "tif16", "float", "float255", "int32"])
def test_classes_of_deep_pictures_stay_apart(kind: str, tmp_path: Path) -> None:
    data = catalogue.load(source("image-folder", path=str(deep(tmp_path, kind)), validation=0))
    greys = rows(data.train.input)[:, 0, 0, 0].astype(int)
    labels = rows(data.train.target)
    assert not data.skipped
    assert greys[labels == 0].min() - greys[labels == 1].max() > 100  # of all pictures, not of each alone
    if kind in {"png16", "float"}:
        assert abs(greys[labels == 1].min() - 51) <= 1


def test_white_and_black_can_be_chosen(tmp_path: Path) -> None:
    """12 bits in a file of 16: nearly black, until somebody says what is white."""
    for name, level in (("a", 400), ("b", 4000)):
        (tmp_path / name).mkdir()
        for i in range(2):
            Image.fromarray(np.full((3, 3), level, np.uint16)).save(tmp_path / name / f"{i}.png")
    dark = rows(catalogue.load(source("image-folder", path=str(tmp_path), validation=0)).train.input)
    assert dark.max() == 15
    chosen = {"path": str(tmp_path), "validation": 0, "white": 4095}
    assert rows(catalogue.load(source("image-folder", **chosen)).train.input).max() == 249
    with pytest.raises(DataError, match=r"white: Expected a number above that of black, 5000. Received 4095"):
        catalogue.load(source("image-folder", **chosen, black=5000))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_black_icons_on_nothing_are_seen_on_white(mode: str, tmp_path: Path) -> None:
    for name, inside in (("circle", slice(2, 6)), ("square", slice(0, 8))):
        (tmp_path / name).mkdir()
        for i in range(3):
            alpha = np.zeros((8, 8), np.uint8)
            alpha[inside, inside] = 255
            icon = Image.fromarray(np.dstack([np.zeros((8, 8, 3), np.uint8), alpha]), "RGBA")
            icon.convert(mode).save(tmp_path / name / f"{i}.png")
    data = catalogue.load(source("image-folder", path=str(tmp_path), validation=0))
    pixels, labels = rows(data.train.input), rows(data.train.target)
    assert pixels[labels == 0].mean() == pytest.approx(255 * 48 / 64)
    assert pixels[labels == 1].mean() == 0
    on_black = catalogue.load(source("image-folder", path=str(tmp_path), validation=0, ground="black"))
    assert rows(on_black.train.input).max() == 0
