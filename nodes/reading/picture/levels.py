"""Which numbers are black and white in pictures of more than 8 bits, which do not say so themselves.

Of 16 bits, the whole range counts: the upper 8 are taken. Floats and numbers of 32 bits go by the usual range
that holds them all (0 to 1, to 255, to 65,535, −1 to 1), or else from the least to the greatest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodes.reading.picture.picture_formats import PictureError

DEEP = frozenset({"I;16", "I;16B", "I;16L", "I;16N"})
"""Modes of one channel of 16 bits. Pillow would make white of all that is above 255."""
MODES = DEEP | {"I", "F"}
"""Modes whose numbers have more than 8 bits."""
Numbers = NDArray[Any]


@dataclass(frozen=True)
class Levels:
    """The numbers that become 0 and 255; what lies beyond is cut. `white` is more than `black`."""

    black: float
    white: float

    @property
    def words(self) -> str:
        """As people write it: "0 to 65,535"."""
        return f"{_figure(self.black)} to {_figure(self.white)}"


WHOLE_16 = Levels(0.0, 65535.0)


def extremes(numbers: Numbers) -> tuple[float, float]:
    """The least and the greatest of them. Raises `PictureError` where one is not a number or infinite."""
    wrong = 0 if numbers.dtype.kind != "f" else numbers.size - int(np.isfinite(numbers).sum())
    if wrong:
        raise PictureError(f"{wrong:,} of its numbers are NaN or infinite")
    return float(numbers.min()), float(numbers.max())


def holding(found: Iterable[tuple[float, float]]) -> Levels:
    """The levels for pictures with these least and greatest numbers."""
    every = list(found)
    low, high = min(least for least, _ in every), max(greatest for _, greatest in every)
    if low >= 0.0:
        for fullest, least in ((1.0, 0.0), (255.0, 32.0), (65535.0, 16384.0)):
            if least <= high <= fullest:
                return Levels(0.0, fullest)
    elif low >= -1.0 and high <= 1.0:
        return Levels(-1.0, 1.0)
    return Levels(low, high if high > low else low + 1.0)


def narrow(numbers: Numbers, levels: Levels) -> NDArray[np.uint8]:
    """Numbers of more than 8 bits as 0 to 255. Raises `PictureError` where one is none."""
    if numbers.dtype == np.uint16 and levels == WHOLE_16:
        return np.asarray(numbers >> 8, np.uint8)
    extremes(numbers)
    share = numbers.astype(np.float32)  # changed in place: a picture may have 40 megapixels
    share -= np.float32(levels.black)
    share *= np.float32(255.0 / (levels.white - levels.black))
    np.clip(share, 0.0, 255.0, out=share)
    share += np.float32(0.5)
    return share.astype(np.uint8)


def _figure(number: float) -> str:
    return f"{number:,.0f}" if number == round(number) else f"{number:.4g}"
