"""The pictures of sheets as a stack, and what the rows of pixels are taken for."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nodes.reading import budget
from nodes.reading.error import DataError
from nodes.reading.kept import KeptAnswers, signature
from nodes.reading.picture import open_picture
from nodes.reading.picture.picture_formats import PictureError
from nodes.reading.picture.pixels import Pixels
from nodes.reading.picture.sheets.sheet_files import Sheet, SheetFolder, candidates, find, side_of
from nodes.reading.picture.sheets.sheet_labels import coded, read_labels
from nodes.reading.progress import Meter
from nodes.reading.split import TRAIN
from nodes.shared.card_label import by
from nodes.shown_text import shown


@dataclass(frozen=True)
class RowRules:
    """How a row of pixels becomes a picture: its height and width (0: it is a square), in which order pixels
    follow, "rows" or "columns", and what a grey row is: "grey", "pixels" of three numbers, three "planes".
    """

    size: tuple[int, int] = (0, 0)
    order: str = "rows"
    colours: str = "auto"

    def sample(self, sheet: Sheet) -> tuple[int, int, int]:
        """Channels, height and width of a picture in the rows of this sheet. Raises `DataError`."""
        wide, where = sheet.width, shown(str(sheet.path), 100)
        three = self.colours in ("pixels", "planes") or (self.colours == "auto" and not side_of(wide))
        channels, pixels = (3, wide // 3) if sheet.channels == 1 and three and wide % 3 == 0 else (1, wide)
        channels = max(channels, sheet.channels)
        height, width = self.size
        if height and width and height * width == pixels:
            return channels, height, width
        if height and width:
            raise DataError(
                f"{where}: row_size: Expected a height and a width of {pixels:,} pixels in all. Received "
                f"{height:,} × {width:,}."
            )
        side = side_of(pixels)
        if not side:
            raise DataError(
                f"{where}: Expected rows of 16, 25, 36, … pixels, each a square picture. Received rows of "
                f"{wide:,}; say their height and width (row_size)."
            )
        return channels, side, side

    def pictures(self, rows: Pixels, sample: tuple[int, int, int]) -> Pixels:
        """Rows `(N, pixels, channels)` as pictures `(N, C, H, W)`."""
        channels, height, width = sample
        if rows.shape[2] == channels or self.colours != "planes":
            laid = rows.reshape(len(rows), -1, channels).transpose(0, 2, 1)
        else:
            laid = rows.reshape(len(rows), channels, -1)
        if self.order == "columns":
            return laid.reshape(len(rows), channels, width, height).swapaxes(2, 3)
        return laid.reshape(len(rows), channels, height, width)


@dataclass(frozen=True, eq=False)
class SheetSet:
    """The labels of all rows, those that train first, and how they were read. `parts` says what each row is
    for, where names say it of all."""

    found: SheetFolder
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    parts: NDArray[np.int64] | None
    how: tuple[str, ...]


_sets: KeptAnswers[SheetSet] = KeptAnswers(4)


def version(folder: Path) -> Hashable:
    """Changes when a sheet or a file of labels does; None where there is none."""
    sheets, labels = candidates(folder)
    return tuple(signature(path) for path in (*(one.path for one in sheets), *labels)) or None


def labelled_sheets(folder: Path, seen: Hashable) -> SheetSet:
    """The sheets of a folder with their labels, read once for each version `seen`. Raises `DataError`."""
    return _sets.get((folder, seen), lambda: _labelled(folder))


def _labelled(folder: Path) -> SheetSet:
    found = find(folder)
    read = [read_labels(group.labels, group.rows) for group in found.groups]
    kinds = {labels.dtype.kind in "US" for labels, _ in read}
    if len(kinds) > 1:
        raise DataError(
            f"{folder}: Expected labels of one kind. Received words in one file, numbers in another."
        )
    labels, classes = coded(np.concatenate([labels for labels, _ in read]))
    said = [group.part for group in found.groups]
    parts = None
    if len(set(said)) > 1 and TRAIN in said:
        parts = np.concatenate(
            [np.full(group.rows, TRAIN if group.part is None else group.part) for group in found.groups]
        )
    return SheetSet(found, labels, classes, parts, tuple(how for _, how in read))


def read_pictures(one: SheetSet, rules: RowRules) -> Pixels:
    """All pictures `(N, C, H, W)`, in the order of their labels. Raises `DataError`."""
    groups, first = one.found.groups, one.found.first
    sample = rules.sample(first)
    count = len(one.labels)
    budget.require_room(str(one.found.folder), 3 * count * int(np.prod(sample)), f"{count:,} pictures")
    stack = np.empty((count, *sample), np.uint8)
    sheets = [sheet for group in groups for sheet in group.sheets]
    meter, at = Meter(f"Reading {len(sheets):,} sheets", len(sheets)), 0
    for place, sheet in enumerate(sheets):
        meter.to(place)
        rows = rows_of(sheet.path)
        if rows.shape[:2] != (sheet.rows, sheet.width):
            sizes = (sheet.rows, sheet.width)
            raise DataError(
                f"{sheet.path}: Expected {by(sizes)}, as its header said. Received {by(rows.shape)}."
            )
        stack[at : at + sheet.rows] = rules.pictures(rows, sample)
        at += sheet.rows
    return stack


def rows_of(path: Path) -> Pixels:
    """The rows of a sheet, `(rows, pixels, channels)`. Raises `DataError`."""
    try:
        return open_picture.sheet_rows(path)
    except PictureError as error:
        raise DataError(
            f"{shown(str(path), 140)}: Expected a sheet of pictures. Received: {error}."
        ) from error
