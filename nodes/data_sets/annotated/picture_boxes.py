"""Pictures with boxes around what is in them, drawn as masks: a class number for each pixel.

Boxes come from a table, from COCO's JSON, from an XML file (Pascal VOC) or a text (YOLO) for each picture.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from nodes.data_sets.declaration import path_label, path_param
from nodes.data_sets.listed_pictures import MaskTargets
from nodes.param import Choice
from nodes.reading.error import DataError
from nodes.spec import N, TensorSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nodes.reading.dataset import DataInfo, Rows
    from nodes.reading.look import DataLook, Recognised
    from nodes.reading.picture.boxes.box_files import BoxSource
    from nodes.reading.picture.boxes.box_listing import BoxSet
    from nodes.reading.picture.folder_layout import Listing
    from nodes.reading.picture.picture_files import PictureRows


class PictureBoxes(MaskTargets):
    """Pictures with boxes."""

    name = "image-boxes"
    title = "Pictures with boxes"
    licence = "yours"
    description = (
        "Pictures and boxes around what is in them: a table (file, xmin, ymin, xmax, ymax, class), COCO "
        "JSON, Pascal VOC XML or YOLO texts. The target has a class number for each pixel."
    )
    place = 70
    keeps_errors = False  # the times of single files of boxes are not in the signature

    path = path_param()
    box_form = Choice(
        "auto",
        choices=("auto", "corners", "corner and size", "centre and size"),
        titles={
            "corners": "left, top, right, bottom",
            "corner and size": "left, top, width, height",
            "centre and size": "centre, width, height",
        },
        advanced=True,
        help="What the four numbers of a box are, in a table or JSON; auto: as names say.",
    )
    without_boxes = Choice(
        "leave out",
        choices=("leave out", "background"),
        advanced=True,
        help="What pictures are of which no box is told: left out, or background alone.",
    )

    @classmethod
    def recognise(cls, path: Path) -> Recognised | None:
        from nodes.reading.picture.boxes.box_look import recognise

        return recognise(path)

    def boxes(self) -> BoxSet:
        """The pictures and their boxes. Raises `DataError`."""
        from nodes.reading.picture.boxes.box_listing import BoxRules, kept_boxes

        rules = BoxRules(self.box_form, self.without_boxes)
        return kept_boxes(self._source(), rules, self.signature())

    def _source(self) -> BoxSource:
        from nodes.reading.picture.boxes.box_files import source_of

        if not self.path:
            raise DataError("path: Expected pictures with boxes. Received nothing; choose a folder or table.")
        found = source_of(Path(self.path))
        if found is None:
            raise DataError(
                f"{self.path}: Expected boxes of pictures: a table with columns such as xmin, ymin, xmax, "
                "ymax, COCO JSON, Pascal VOC XML or YOLO texts. Received none of them."
            )
        return found

    def signature(self) -> object:
        from nodes.reading.picture.boxes.box_files import source_of
        from nodes.reading.picture.folder_version import version_with

        found = source_of(Path(self.path)) if self.path else None
        return None if found is None else version_with(found.root, found.files)

    def listing(self) -> Listing:
        return self.boxes().listing

    def _info(self, listing: Listing) -> DataInfo:
        info, names = super()._info(listing), self.boxes().classes
        target = TensorSpec((N, *info.input.shape[2:]), "int64", classes=len(names))
        return replace(info, target=target, classes=names)

    def picture_rows(self, listing: Listing, info: DataInfo, groups: NDArray[np.int64]) -> PictureRows:
        from nodes.reading.picture.listed.pair_rows import PairRows

        rules, drawn = self.pixel_rules(listing), self.boxes().drawn
        return PairRows(listing, groups, self._shape(info), self.fit, rules, drawn)

    def input_rows(self, rows: PictureRows, info: DataInfo) -> Rows:
        from nodes.reading.picture.listed.pair_rows import Channels

        return Channels(rows, 0, self._shape(info)[0])

    def look(self, seed: int) -> DataLook:
        from nodes.reading.picture.boxes.box_look import box_doubts, box_part

        found, one = super().look(seed), self.boxes()
        return replace(
            found,
            parts=(*found.parts, box_part(one)),
            doubts=(*box_doubts(one, self.values), *found.doubts),
            warnings=(*found.warnings, *one.warnings),
        )

    def card_label(self) -> str:
        return path_label(self.path)
