"""Pictures with what is to be made of each: a mask of classes, or another picture.

Pairs are matched by name or listed in a table, and divided as one: what belongs together stays together.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from nodes.data_sets.declaration import found_choice, path_label, path_param
from nodes.data_sets.listed_pictures import ListedPictures, MaskTargets
from nodes.param import Text
from nodes.reading.error import DataError
from nodes.spec import N, TensorSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nodes.reading.dataset import DataInfo, Rows, Scaling
    from nodes.reading.look import DataLook, Recognised
    from nodes.reading.picture.folder_layout import Listing
    from nodes.reading.picture.listed.mask_values import MaskClasses
    from nodes.reading.picture.picture_files import PictureRows


class PicturePairs(ListedPictures):
    """What sets of pictures with masks and with pictures share."""

    keeps_errors = False
    are_masks: ClassVar[bool] = True

    path = path_param()
    pictures_in = Text(
        "",
        empty="by their names",
        help="Folder with the pictures, or the column of a table with their files; empty: by its name.",
    )
    partners_in = Text(
        "",
        empty="by their names",
        help="Folder or column with what belongs to them: masks, or pictures to be made; empty: by its name.",
    )

    @classmethod
    def recognise(cls, path: Path) -> Recognised | None:
        from nodes.reading.picture.listed.pair_match import recognise_pairs

        return recognise_pairs(path, are_masks=cls.are_masks)

    def listing(self) -> Listing:
        from nodes.reading.picture.listed.mask_pairs import PairRules
        from nodes.reading.picture.listed.pair_match import kept_pairs

        if not self.path:
            raise DataError(
                "path: Expected a folder with two folders of pictures, or a table. "
                "Received nothing; choose one."
            )
        rules = PairRules(self.pictures_in, self.partners_in, self.are_masks)
        return kept_pairs(Path(self.path), rules, self.signature())

    def signature(self) -> object:
        from nodes.reading.picture.folder_version import folder_version

        path = Path(self.path)
        return folder_version(path) if path.is_dir() else super().signature()

    def input_rows(self, rows: PictureRows, info: DataInfo) -> Rows:
        from nodes.reading.picture.listed.pair_rows import Channels

        return Channels(rows, 0, self._shape(info)[0])

    def card_label(self) -> str:
        return path_label(self.path)


class PictureMasks(MaskTargets, PicturePairs):
    """Pictures with masks."""

    name = "image-masks"
    title = "Pictures with masks"
    licence = "yours"
    description = (
        "Pictures and a mask of classes for each, of the same name in two folders (images, masks), side by "
        "side (a.png, a_mask.png), or listed in a table; masks of single objects (a_1.png, a_2.png) are "
        "joined. The target has a class number for each pixel."
    )
    place = 70

    path = path_param()
    mask_kind = found_choice(
        "values",
        "threshold",
        titles={"values": "each value a class", "threshold": "white from 128 on"},
        help="What masks hold: values or colours of classes, or white on black with grey edges.",
    )
    mask_values = Text(
        "",
        empty="those of the masks",
        advanced=True,
        help="Values or colours of the classes in their order, as 0, 1, 7 or #000000, #ff0000.",
    )
    ignored_value = Text(
        "",
        empty="255 beside class numbers",
        advanced=True,
        help="Value or colour of pixels that count nowhere; none: all count.",
    )

    def mask_classes(self, listing: Listing) -> MaskClasses:
        """What the values of the masks stand for. Raises `DataError`."""
        from nodes.reading.picture.listed.pair_match import kept_classes

        asked = (self.mask_values, self.ignored_value, self.mask_kind)
        return kept_classes(listing, asked, self.signature())

    def describe(self) -> DataInfo:
        return self._info(self.listing())

    def _info(self, listing: Listing) -> DataInfo:
        info = super()._info(listing)
        names = self.mask_classes(listing).names
        target = TensorSpec((N, *info.input.shape[2:]), "int64", classes=len(names))
        return replace(info, target=target, classes=names)

    def picture_rows(self, listing: Listing, info: DataInfo, groups: NDArray[np.int64]) -> PictureRows:
        from nodes.reading.picture.listed.pair_rows import PairRows

        rules, classes = self.pixel_rules(listing), self.mask_classes(listing)
        return PairRows(listing, groups, self._shape(info), self.fit, rules, classes)

    def look(self, seed: int) -> DataLook:
        from nodes.reading.picture.listed.pair_look import folder_doubts, mask_doubts, mask_facts, mask_part

        found, listing = super().look(seed), self.listing()
        classes = self.mask_classes(listing)
        return replace(
            found,
            facts=(*found.facts, *mask_facts(classes, listing)),
            parts=(*found.parts, mask_part(classes)),
            doubts=(*folder_doubts(listing), *mask_doubts(classes, self.values), *found.doubts),
        )


class PicturesToPictures(PicturePairs):
    """Pictures with pictures."""

    name = "image-pairs"
    title = "Pictures with pictures"
    licence = "yours"
    description = (
        "Pictures and another picture to be made of each, of the same name in two folders (A and B, input "
        "and target), or listed in a table."
    )
    place = 70
    are_masks = False

    def _info(self, listing: Listing) -> DataInfo:
        from nodes.reading.picture.picture_files import natural_shape

        info = super()._info(listing)
        channels = natural_shape(replace(listing, paths=listing.partners))[0]
        kept = {"auto": channels, "grey": 1, "rgb": 3}[self.colour]
        return replace(info, target=TensorSpec((N, kept, *info.input.shape[2:])))

    def picture_rows(self, listing: Listing, info: DataInfo, groups: NDArray[np.int64]) -> PictureRows:
        from nodes.reading.picture.listed.pair_rows import PairRows

        assert info.target is not None
        partner = int(str(info.target.shape[1]))
        return PairRows(listing, groups, self._shape(info), self.fit, self.pixel_rules(listing), partner)

    def _targets(
        self, listing: Listing, rows: PictureRows, inside: NDArray[np.int64], choice: str
    ) -> tuple[Rows | None, Scaling | None]:
        from nodes.reading.dataset import Scaling
        from nodes.reading.picture.listed.pair_rows import Channels, PairRows

        assert isinstance(rows, PairRows)
        scaling = Scaling() if choice == "none" else Scaling(divisor=255.0)
        return Channels(rows, rows.channels, rows.shape[1]), scaling
