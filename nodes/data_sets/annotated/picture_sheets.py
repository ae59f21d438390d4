"""Sheets of pictures: a PNG in which each row of pixels is one picture, with labels in a file beside it.

So people ship small pictures to browsers: CIFAR-10 and MNIST for TensorFlow.js are such sets.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from nodes.data_sets.declaration import path_label, path_param, split_param
from nodes.data_sets.picture_sets import LabelledPictures
from nodes.param import Choice, Size
from nodes.reading.error import DataError

if TYPE_CHECKING:
    from nodes.reading.dataset import DataInfo, DataSet
    from nodes.reading.look import DataLook, Recognised
    from nodes.reading.picture.sheets.sheet_rows import RowRules, SheetSet
    from nodes.reading.split import SplitMarks
    from nodes.reading.unseen.rows import ExpectedData, UnseenRows


class PictureSheets(LabelledPictures):
    """Sheets of pictures."""

    name = "picture-sheets"
    title = "Sheets of pictures"
    licence = "yours"
    description = (
        "PNG files in which each row of pixels is one picture, and labels beside them: a list in JSON, or "
        "bytes (labels.json, labels.bin)."
    )
    place = 74

    path = path_param()
    row_size = Size(
        0,
        dims=2,
        max=2048,
        unit="px",
        zero="square",
        advanced=True,
        help="Height and width of the picture in a row of pixels; 0: it is a square.",
    )
    pixel_order = Choice(
        "rows",
        choices=("rows", "columns"),
        titles={"rows": "row by row", "columns": "column by column"},
        advanced=True,
        help="How the pixels of a picture follow each other.",
    )
    row_colours = Choice(
        "auto",
        choices=("auto", "grey", "pixels", "planes"),
        titles={"pixels": "pixels of red, green, blue", "planes": "three planes"},
        advanced=True,
        help="What a row of greys is: grey, or three colours; auto: what gives a square picture.",
    )
    split = split_param()

    @classmethod
    def recognise(cls, path: Path) -> Recognised | None:
        from nodes.reading.picture.sheets.sheet_look import recognise

        return recognise(path)

    def rules(self) -> RowRules:
        """How a row of pixels becomes a picture."""
        from nodes.reading.picture.sheets.sheet_rows import RowRules

        return RowRules((self.row_size[0], self.row_size[1]), self.pixel_order, self.row_colours)

    def sheets(self) -> SheetSet:
        """The sheets and their labels. Raises `DataError`."""
        from nodes.reading.picture.sheets.sheet_rows import labelled_sheets

        if not self.path:
            raise DataError("path: Expected a folder of sheets of pictures. Received nothing; choose one.")
        return labelled_sheets(Path(self.path), self.signature())

    def signature(self) -> Hashable:
        from nodes.reading.picture.sheets.sheet_rows import version

        return version(Path(self.path)) if self.path else None

    def describe(self) -> DataInfo:
        one = self.sheets()
        division = "fixed" if one.parts is not None else "shuffled"
        info = self.info_of(
            self.rules().sample(one.found.first),
            len(one.labels),
            one.classes,
            division if self.split in ("auto", "random") else str(self.split),
        )
        return replace(info, title=Path(self.path).name or self.path)

    def load(self, seed: int) -> DataSet:
        from nodes.reading.picture.pixels import Pictures
        from nodes.reading.picture.sheets.sheet_rows import read_pictures

        one = self.sheets()
        pictures = Pictures(read_pictures(one, self.rules()), one.labels)
        return self.data_set(self.describe(), pictures, seed, self._marks(one))

    def _marks(self, one: SheetSet) -> SplitMarks:
        from nodes.reading.split import SplitMarks

        return SplitMarks(classes=one.labels, class_names=one.classes, parts=one.parts)

    def look(self, seed: int) -> DataLook:
        import numpy as np

        from nodes.reading.looking import look_at
        from nodes.reading.picture import picture_look
        from nodes.reading.picture.picture_files import spread_rows
        from nodes.reading.picture.sheets import sheet_look

        one, sample = self.sheets(), self.rules().sample(self.sheets().found.first)
        data = self.load(seed)
        look = look_at(data.info, data)
        pixels = data.train.input.fetch(spread_rows(np.arange(len(data.train)), 200))
        return replace(
            look,
            facts=(*look.facts, *sheet_look.facts(one, sample)),
            parts=tuple(picture_look.parts(pixels, look.balance)),
            doubts=(*look.doubts, *sheet_look.doubts(one, self.values, sample)),
            warnings=(*look.warnings, *sheet_look.warnings(one)),
        )

    def unseen(self, path: Path, expected: ExpectedData) -> UnseenRows:
        from nodes.reading.picture.sheets.unseen_sheets import UnseenSheets, sheets_like

        found = sheets_like(path, self.rules(), expected, any_size=0 not in self.size)
        return (
            UnseenSheets(found, self.rules(), expected, self.fit) if found else super().unseen(path, expected)
        )

    def card_label(self) -> str:
        return path_label(self.path)
