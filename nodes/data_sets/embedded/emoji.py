"""Emoji: colour pictures of things in ten classes, so few that a network must know something before.

They lie in one picture, square beside square, in the order of the table of their labels.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import resources
from nodes.data_sets.declaration import split_param
from nodes.data_sets.picture_sets import LabelledPictures

if TYPE_CHECKING:
    from nodes.reading.dataset import DataInfo, DataSet
    from nodes.reading.picture.pixels import Pictures

SIDE = 96
"""Pixels of a side of each picture."""
CLASSES = (
    *("Mammal", "Other animal", "Plant", "Food", "Building", "Vehicle", "Clothing", "Sport", "Device"),
    "Tool",
)
COUNT = 455
FOLDER = resources.DATA / "emoji"


class Emoji(LabelledPictures):
    """Emoji."""

    name = "emoji"
    title = "Emoji"
    licence = "MIT"
    description = "455 colour pictures of animals, plants, food and things, drawn by Microsoft; ten classes."
    place = 3

    split = split_param()

    def describe(self) -> DataInfo:
        return self.info_of((3, SIDE, SIDE), COUNT, CLASSES, self.asked_division())

    def read(self) -> Pictures:
        return _pictures()

    def load(self, seed: int) -> DataSet:
        from nodes.reading.split import SplitMarks

        pictures = self.read()
        return self.data_set(self.describe(), pictures, seed, SplitMarks(pictures.labels, CLASSES))

    def card_label(self) -> str:
        return f"{COUNT} · {SIDE}×{SIDE}"


@functools.cache
def _pictures() -> Pictures:
    """The squares of the picture, row by row, with the classes of the table."""
    import csv

    import numpy as np
    from PIL import Image

    from nodes.reading.picture.pixels import Pictures

    with (FOLDER / "labels.csv").open(encoding="utf-8", newline="") as file:
        labels = np.array([CLASSES.index(row["class"]) for row in csv.DictReader(file)], np.int64)
    with Image.open(FOLDER / "pictures.webp") as picture:
        sheet = np.asarray(picture.convert("RGB"))
    rows, columns = sheet.shape[0] // SIDE, sheet.shape[1] // SIDE
    squares = sheet.reshape(rows, SIDE, columns, SIDE, 3).transpose(0, 2, 4, 1, 3)
    return Pictures(np.ascontiguousarray(squares.reshape(-1, 3, SIDE, SIDE)[: len(labels)]), labels)
