"""Magnetic resonance images of the brain with the tissue at each pixel: slices of the average of 152 people.

Slices and tissues lie in two pictures, rectangle beside rectangle, from the neck upwards. Neighbours are one
millimetre apart and look alike, so a validation part drawn slice by slice would be known already: blocks of
neighbours are held back together.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import resources
from nodes.data_sets.declaration import DataSetDeclaration, split_param
from nodes.spec import N, TensorSpec

if TYPE_CHECKING:
    from nodes.reading.dataset import Array, DataInfo, DataSet

HEIGHT, WIDTH = 96, 80
"""Pixels of a slice, each of 2 × 2 mm; the front of the head is up."""
COUNT = 136
BLOCK = 8
"""Neighbouring slices that train or validate together."""
TISSUES = ("outside", "fluid", "grey matter", "white matter")
FOLDER = resources.DATA / "brain-mri"


class BrainMRI(DataSetDeclaration):
    """Brain MRI."""

    name = "brain-mri"
    title = "Brain MRI"
    kind = "images"
    licence = "MNI (free)"
    description = (
        "136 slices of an average brain of 152 people, 96×80 pixels, 1 mm apart; the target has the tissue "
        "at each pixel: fluid, grey or white matter. Blocks of 8 neighbours are held back together."
    )
    place = 13

    split = split_param()

    def describe(self) -> DataInfo:
        return self.info(
            samples=min(COUNT, self.samples or COUNT),
            input=TensorSpec((N, 1, HEIGHT, WIDTH)),
            target=TensorSpec((N, HEIGHT, WIDTH), "int64", classes=len(TISSUES)),
            classes=TISSUES,
            division=self._division(),
            stored=COUNT,
        )

    def load(self, seed: int) -> DataSet:
        import numpy as np

        from nodes.reading import split
        from nodes.reading.dataset import ArrayRows, DataSet, DataSplit
        from nodes.reading.split import SplitMarks

        slices, tissues = _sheet("slices.png")[:, None], _sheet("tissues.png")
        marks = SplitMarks(groups=np.arange(COUNT) // BLOCK, group_name="block of neighbours")
        parts = self.divided(COUNT, seed, marks)
        scaling = split.scaling(slices[parts.train], self.scaling_or("standardise"), axis=1)
        train, held = (
            DataSplit(
                ArrayRows(slices[part]), ArrayRows(tissues[part].astype(np.int64)), scaling, places=part
            )
            for part in (parts.train, parts.validation)
        )
        return DataSet(self.describe(), train, held, notes=parts.notes, division=parts.sentence)

    def _division(self) -> str:
        asked = str(self.values.get("split", "auto"))
        return "group" if asked == "auto" else self.asked_division()

    def card_label(self) -> str:
        return f"{COUNT} · {HEIGHT}×{WIDTH}"


@functools.cache
def _sheet(name: str) -> Array:
    """The rectangles of a picture, row by row: bytes, `(slices, height, width)`."""
    import numpy as np
    from PIL import Image

    with Image.open(FOLDER / name) as picture:
        sheet = np.asarray(picture.convert("L"))
    rows, columns = sheet.shape[0] // HEIGHT, sheet.shape[1] // WIDTH
    parts = sheet.reshape(rows, HEIGHT, columns, WIDTH).transpose(0, 2, 1, 3)
    return np.ascontiguousarray(parts.reshape(-1, HEIGHT, WIDTH)[:COUNT])
