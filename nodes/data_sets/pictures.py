"""What sets of pictures share: how pictures are cut to size, recoloured and held back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodes.data_sets.declaration import DataSetDeclaration
from nodes.param import Choice, Size
from nodes.spec import N, TensorSpec

if TYPE_CHECKING:
    from nodes.reading.dataset import DataInfo, DataSet
    from nodes.reading.picture.pixels import Pictures
    from nodes.reading.split import SplitMarks


LARGEST_SIDE = 2048
"""Pixels of a height or width that can be chosen; pictures that are used as they are have no larger area."""


class PictureSet(DataSetDeclaration):
    """What sets of pictures share: how pictures are cut to size and recoloured."""

    kind = "images"

    size = Size(
        0, dims=2, max=LARGEST_SIDE, unit="px", zero="as it is", help="Height and width; 0: as they are."
    )
    fit = Choice(
        "crop",
        choices=("crop", "stretch", "pad"),
        advanced=True,
        help="Where the proportions differ: cut the edges, distort, or fill up with black.",
    )
    colour = Choice("auto", choices=("auto", "grey", "rgb"), help="Channels: 1 or 3.")

    def sample_shape(self, channels: int, height: int, width: int) -> tuple[int, int, int]:
        """What pictures of this size become by the chosen size and colour: channels, height, width."""
        kept = {"auto": channels, "grey": 1, "rgb": 3}[self.colour]
        return (kept, height, width) if 0 in self.size else (kept, self.size[0], self.size[1])

    def picture_spec(self, channels: int, height: int, width: int) -> TensorSpec:
        """The same as a tensor with its batch dimension."""
        return TensorSpec((N, *self.sample_shape(channels, height, width)))

    def data_set(
        self, info: DataInfo, pictures: Pictures, seed: int, marks: SplitMarks | None = None
    ) -> DataSet:
        """Pictures that fit in memory: split by what is known of each, cut to size and scaled."""
        import numpy as np

        from nodes.reading import split
        from nodes.reading.dataset import ArrayRows, DataSet, DataSplit
        from nodes.reading.picture.pixels import reshape

        images, labels = pictures.images, pictures.labels
        notes, division = tuple[str, ...](), ""
        if pictures.validation_images is not None and pictures.validation_labels is not None:
            kept = split.first(len(images), len(pictures.validation_images), self.samples)
            inside, outside = np.arange(kept[0]), len(images) + np.arange(kept[1])
            train = (images[: kept[0]], labels[: kept[0]])
            held = (pictures.validation_images[: kept[1]], pictures.validation_labels[: kept[1]])
        else:
            parts = self.divided(len(images), seed, marks)
            notes, division = (parts.notes, parts.sentence) if marks else (notes, division)
            inside, outside = parts.train, parts.validation
            train, held = (images[inside], labels[inside]), (images[outside], labels[outside])
        channels, height, width = images.shape[1:]
        sample = self.sample_shape(channels, height, width)
        shaped = reshape(train[0], sample, self.fit)
        scaling = split.scaling(shaped, self.scaling_or("standardise"), axis=1)
        return DataSet(
            info,
            DataSplit(ArrayRows(shaped), ArrayRows(train[1]), scaling, places=inside),
            DataSplit(
                ArrayRows(reshape(held[0], sample, self.fit)), ArrayRows(held[1]), scaling, places=outside
            ),
            notes=notes,
            division=division,
        )
