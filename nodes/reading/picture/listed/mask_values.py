"""What the values or colours of masks stand for: classes in their order, and one that is ignored.

White on black is two classes, with or without the few greys at edges that a JPEG or a scaling leaves. Values
are found in some of the masks, evenly spread, or are given.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodes.reading.error import DataError
from nodes.reading.picture import open_picture
from nodes.reading.picture.picture_formats import PictureError
from nodes.reading.picture.survey import spread
from nodes.reading.progress import Meter
from nodes.shown_text import listed, shown

READ = 500
"""Masks, evenly spread, in which values are looked for."""
MOST_CLASSES = 255
IGNORED = 255
"""The number of an ignored pixel among the class numbers 0 to 254 of a mask."""
DARK, BRIGHT = 64, 191
"""Greys up to the first are black and from the second white, where a mask is white on black with edges."""
LOSSY, MOST_EXACT = (".jpg", ".jpeg", ".jfif", ".webp"), 8
"""Endings of formats that change values a little, and how many values may still be those of classes."""
_COLOUR = 1 << 24
"""Added to a colour as a number, so that it is no grey level."""
Codes = NDArray[np.int32]


@dataclass(frozen=True)
class MaskClasses:
    """The value of each class, in order: a number, or a colour as red, green and blue.

    `ignored` is the value of pixels that count nowhere; None: all count. `threshold`: greys from it on are
    class 1, others class 0; None: values are told apart. `why` says by which rule.
    """

    values: tuple[int, ...]
    ignored: int | None = None
    threshold: int | None = None
    why: str = ""
    counts: tuple[int, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """A name for each class: its value, or its colour as #rrggbb."""
        return tuple(value_name(value) for value in self.values)

    def numbers(self, codes: Codes) -> NDArray[np.uint8]:
        """The class number of each pixel, `IGNORED` where it is ignored. Raises `PictureError` for a value
        that is no class."""
        if self.threshold is not None:
            return (codes >= self.threshold).astype(np.uint8)
        order = np.argsort(self.values)
        known = np.asarray(self.values, np.int32)[order]
        places = np.minimum(np.searchsorted(known, codes), len(known) - 1)
        is_known = known[places] == codes
        found = order[places].astype(np.uint8)
        is_ignored = codes == self.ignored if self.ignored is not None else np.zeros(codes.shape, bool)
        found[is_ignored] = IGNORED
        if not (is_known | is_ignored).all():
            wrong = codes[~(is_known | is_ignored)]
            raise PictureError(
                f"{len(wrong):,} of its pixels are {value_name(int(wrong[0]))}, which is no class"
            )
        return found


def value_name(value: int) -> str:
    """A number, or a colour as #rrggbb."""
    return str(value) if value < _COLOUR else f"#{value - _COLOUR:06x}"


def value_of(text: str) -> int:
    """The value that somebody wrote: a whole number, or #rrggbb. Raises `DataError`."""
    word = text.strip()
    if re.fullmatch(r"#[0-9a-fA-F]{6}", word):
        red, green, blue = bytes.fromhex(word[1:])
        return red if red == green == blue else _COLOUR + int(word[1:], 16)
    if re.fullmatch(r"\d{1,5}", word):
        return int(word)
    raise DataError(f"Expected a whole number, or a colour as #ff0000. Received {shown(text)!r}.")


def codes_of(path: str) -> Codes:
    """The value of each pixel of a mask, `(H, W)`; a grey of three channels is one. Raises `PictureError`."""
    numbers: NDArray[Any] = open_picture.stored_numbers(path)
    if numbers.dtype.kind == "f":
        if not (np.isfinite(numbers).all() and (numbers == np.rint(numbers)).all()):
            raise PictureError("its numbers are no whole ones, so that they are no classes")
        numbers = numbers.astype(np.int32)
    if numbers.ndim == 2:
        return numbers.astype(np.int32)
    # changed in place and in 32 bits: a mask may have 40 megapixels
    found = numbers[..., 0].astype(np.int32)
    for channel in (1, 2):
        found <<= 8
        found |= numbers[..., channel]
    is_grey = (numbers[..., 0] == numbers[..., 1]) & (numbers[..., 1] == numbers[..., 2])
    found[is_grey] &= 0xFF
    found[~is_grey] += _COLOUR
    return found


def joined_codes(path: str, more: Sequence[str]) -> Codes:
    """The largest value of each pixel among some masks of one picture. Raises `PictureError`."""
    found = codes_of(path)
    for other in more:
        codes = codes_of(other)
        if codes.shape != found.shape:
            (height, width), (down, across) = codes.shape, found.shape
            raise PictureError(
                f"{width:,} × {height:,} px in {shown(other.rpartition('/')[2], 60)}, where another mask of "
                f"its picture has {across:,} × {down:,}"
            )
        np.maximum(found, codes, out=found)
    return found


def find_classes(
    paths: Sequence[str], joined: Mapping[str, Sequence[str]], wanted: str, ignored: str, kind: str
) -> MaskClasses:
    """What the masks hold, each `joined` to others of its picture.

    `wanted` are values in the order of their classes, `ignored` a value or "none", both empty: by the rule;
    `kind` is "auto", "values" or "threshold". Raises `DataError`.
    """
    left = None if ignored.strip().lower() in ("", "none") else value_of(ignored)
    if wanted.strip():
        values = tuple(value_of(word) for word in wanted.split(","))
        if len(set(values)) < len(values) or left in values:
            raise DataError(f"mask_values: Expected each value once. Received {shown(wanted)}.")
        return MaskClasses(values, left, why="they are given")
    counted = _counted(paths, joined)
    is_lossy = any(path.lower().endswith(LOSSY) for path in paths[:1])
    if kind == "threshold" or (kind == "auto" and _is_white_on_black(counted, is_lossy=is_lossy)):
        return _two(counted, kind)
    found = [value for value in sorted(counted) if value != left]
    if left is None and not ignored.strip() and _has_usual_ignored(found):
        found, left = found[:-1], IGNORED
    if len(found) > MOST_CLASSES:
        raise DataError(
            f"Choose the values that are classes (mask_values), or a threshold. Expected masks of at most "
            f"{MOST_CLASSES} values. Received {len(found):,} in {len(spread(paths, READ)):,} masks, as "
            f"{listed((value_name(value) for value in found), 3)}."
        )
    why = f"the values of {len(spread(paths, READ)):,} masks, in their order"
    return MaskClasses(tuple(found), left, why=why, counts=tuple(counted[value] for value in found))


def _two(counted: Counter[int], kind: str) -> MaskClasses:
    levels = sorted(counted)
    if kind == "auto" and levels in ([0, 255], [0, 1]):
        return MaskClasses(tuple(levels), why="white on black", counts=tuple(counted[one] for one in levels))
    bright = sum(count for value, count in counted.items() if value >= 128)
    why = f"white on black, of {len(levels):,} greys; those from 128 on are white"
    return MaskClasses((0, 255), None, 128, why, (sum(counted.values()) - bright, bright))


def _is_white_on_black(counted: Counter[int], *, is_lossy: bool) -> bool:
    """Whether nearly all pixels are nearly black or nearly white, and some of each; `is_lossy`: of a format
    that makes greys of its own."""
    if not counted or max(counted) > 255 or len(counted) < 2:
        return False
    dark = sum(count for value, count in counted.items() if value <= DARK)
    bright = sum(count for value, count in counted.items() if value >= BRIGHT)
    total = sum(counted.values())
    if sorted(counted) == [0, 255]:
        return True
    if is_lossy and len(counted) > MOST_EXACT:
        return bool(dark and bright and dark + bright >= 0.8 * total)
    near = counted[0] + sum(count for value, count in counted.items() if value > 247)
    has_edges = len([value for value in counted if value >= BRIGHT]) > 1 or counted[255] > 0
    is_ragged = len(counted) > 2 and len([value for value in counted if value > DARK]) > 1
    return bool(
        dark and bright and has_edges and is_ragged and dark + bright >= 0.9 * total and near >= 0.8 * total
    )


def _has_usual_ignored(found: list[int]) -> bool:
    """Whether 255 stands beside class numbers, which begin near 0 and leave a gap before it."""
    return len(found) > 2 and found[-1] == IGNORED and found[-2] < 200


def _counted(paths: Sequence[str], joined: Mapping[str, Sequence[str]]) -> Counter[int]:
    """How many pixels of some of the masks have each value. Raises `DataError` where none can be read."""
    counted: Counter[int] = Counter()
    files = len(paths) + sum(map(len, joined.values()))
    some = spread(paths, max(1, READ * len(paths) // files))
    meter, reason = Meter(f"Reading {len(some):,} masks", len(some)), ""
    for done, path in enumerate(some):
        meter.to(done)
        try:
            values, counts = np.unique(joined_codes(path, joined.get(path, ())), return_counts=True)
        except PictureError as error:
            reason = reason or f"{shown(path, 100)}: {error}"
            continue
        if len(counted) + len(values) > 100_000:
            raise DataError(
                f"{shown(path, 100)}: Expected a mask with a value for each class. Received more than "
                f"{len(counted):,}; is it a picture?"
            )
        counted.update(dict(zip(values.tolist(), counts.tolist(), strict=True)))
    if not counted:
        raise DataError(f"Expected masks. Received none that can be read: {reason}")
    return counted
