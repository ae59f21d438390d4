"""Pictures with what belongs to each, read as one: a row has the channels of both, so that none goes without
the other. A pair that cannot be read is named, and another pair stands in for it.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nodes.reading.picture import open_picture
from nodes.reading.picture.folder_layout import Listing
from nodes.reading.picture.listed.mask_values import IGNORED, MaskClasses, joined_codes
from nodes.reading.picture.open_picture import PixelRules
from nodes.reading.picture.picture_files import PictureRows
from nodes.reading.picture.picture_formats import PictureError
from nodes.reading.picture.pixels import Pixels, to_array
from nodes.shown_text import shown
from nodes.spec import UNCOUNTED


class DrawnMasks(Protocol):
    """Masks that are no files, drawn from what is known of each picture."""

    def mask(self, index: int, width: int, height: int) -> Pixels:
        """The class numbers `(height, width)` of a picture of this size. Raises `PictureError`."""
        ...


class PairRows(PictureRows):
    """Rows `(C + K, H, W)` of uint8: the channels of a picture, then those of its partner.

    Of a mask there is one, with class numbers and `IGNORED`: that of a file, whose values are classes, or one
    that is drawn. Else the partner is a picture with so many channels.
    """

    def __init__(
        self,
        listing: Listing,
        groups: NDArray[np.int64],
        shape: tuple[int, int, int],
        fit: str,
        rules: PixelRules,
        partner: MaskClasses | DrawnMasks | int,
    ) -> None:
        channels, height, width = shape
        self.channels = channels
        self.partner = partner
        more = partner if isinstance(partner, int) else 1
        super().__init__(listing, groups, (channels + more, height, width), fit, rules)
        self._here = threading.local()

    def fetch(self, indices: NDArray[np.int64]) -> NDArray[np.uint8]:
        """The rows; those that this thread fetched last are handed out again, for its other half."""
        last = getattr(self._here, "last", None)
        if last is not None and np.array_equal(last[0], indices):
            again: NDArray[np.uint8] = last[1]
            return again
        found = super().fetch(indices)
        self._here.last = (indices.copy(), found)
        return found

    def _decode(self, index: int) -> Pixels:
        _, height, width = self._sample
        path = self.listing.paths[index]
        mode = "L" if self.channels == 1 else "RGB"
        second = self._partner_of(index)
        with open_picture.decoded(path, mode, (width, height), self._rules) as picture:
            first = to_array(picture, self._fit, self.channels, (height, width))
        return np.concatenate([first, second])

    def _partner_of(self, index: int) -> Pixels:
        from PIL import Image

        path, partner = self.listing.paths[index], self.partner
        if not isinstance(partner, MaskClasses | int):
            head = open_picture.header(path)
            mask = Image.fromarray(partner.mask(index, head.width, head.height))
            return to_array(mask, self._fit, 1, self._sample[1:], beyond=IGNORED)
        other = self.listing.partners[index]
        try:
            if isinstance(partner, int):
                return self._picture_of(other, partner)
            return self._mask_of(path, other, partner)
        except PictureError as error:
            raise PictureError(f"its partner {shown(Path(other).name, 60)}: {error}") from error

    def _picture_of(self, path: str, channels: int) -> Pixels:
        _, height, width = self._sample
        mode = "L" if channels == 1 else "RGB"
        with open_picture.decoded(path, mode, (width, height), self._rules) as picture:
            return to_array(picture, self._fit, channels, (height, width))

    def _mask_of(self, path: str, other: str, classes: MaskClasses) -> Pixels:
        from PIL import Image

        codes = joined_codes(other, self.listing.joined.get(other, ()))
        head = open_picture.header(path)
        if codes.shape != (head.height, head.width):
            size = f"{codes.shape[1]:,} × {codes.shape[0]:,} px"
            raise PictureError(f"{size}, where its picture has {head.width:,} × {head.height:,}")
        mask = Image.fromarray(classes.numbers(codes))
        return to_array(mask, self._fit, 1, self._sample[1:], beyond=IGNORED)


@dataclass(frozen=True)
class Channels:
    """Some channels of pairs as rows `(channels, H, W)`."""

    rows: PictureRows
    first: int
    last: int

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self.rows), self.last - self.first, *self.rows.shape[2:])

    @property
    def dtype(self) -> np.dtype[np.generic]:
        return self.rows.dtype

    def __len__(self) -> int:
        return len(self.rows)

    def fetch(self, indices: NDArray[np.int64]) -> NDArray[np.uint8]:
        return np.ascontiguousarray(self.rows.fetch(indices)[:, self.first : self.last])


@dataclass(frozen=True)
class MaskLabels:
    """The masks of pairs as labels `(H, W)` int16: class numbers, `UNCOUNTED` where they are ignored."""

    rows: PairRows

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self.rows), *self.rows.shape[2:])

    @property
    def dtype(self) -> np.dtype[np.generic]:
        return np.dtype(np.int16)

    def __len__(self) -> int:
        return len(self.rows)

    def fetch(self, indices: NDArray[np.int64]) -> NDArray[np.int16]:
        found = self.rows.fetch(indices)[:, -1].astype(np.int16)
        found[found == IGNORED] = UNCOUNTED
        return found
