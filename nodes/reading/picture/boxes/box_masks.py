"""Boxes and outlines drawn as a mask of class numbers: a smaller box lies on a larger one, the ground is
class 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nodes.reading.picture.boxes.boxed import Boxed
from nodes.reading.picture.picture_formats import PictureError

GROUND = "background"


@dataclass(frozen=True, eq=False)
class DrawnBoxes:
    """The masks of pictures, drawn when they are asked for. `numbers` has the class number of each label."""

    boxed: Sequence[Boxed]
    numbers: dict[str, int]

    def mask(self, index: int, width: int, height: int) -> NDArray[np.uint8]:
        """The mask `(height, width)` of a picture. Raises `PictureError` where the boxes are of another."""
        one = self.boxed[index]
        boxes, labels = in_pixels(one, width, height), np.array([self.numbers[name] for name in one.labels])
        found = np.zeros((height, width), np.uint8)
        for at in np.argsort(-areas(boxes), kind="stable"):
            outline = one.outlines[at] if one.outlines else None
            if outline is None:
                left, top, right, bottom = covered(boxes[at], width, height)
                found[top:bottom, left:right] = labels[at]
            else:
                found[outline.covered(scale_of(one, width, height), width, height)] = labels[at]
        return found


def in_pixels(one: Boxed, width: int, height: int) -> NDArray[np.float64]:
    """The boxes in pixels of a picture of this size. Raises `PictureError` where they lie on their side."""
    if one.size is not None and one.size == (height, width) != (width, height):
        raise PictureError(f"its boxes are of a picture of {height:,} × {width:,} px, which lies on its side")
    return np.asarray(one.boxes * np.tile(scale_of(one, width, height), 2), np.float64)


def scale_of(one: Boxed, width: int, height: int) -> tuple[float, float]:
    """How many pixels of a picture of this size one of its boxes is, across and down."""
    return (1.0, 1.0) if one.size is None else (width / one.size[0], height / one.size[1])


def areas(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """The area of each box."""
    return np.asarray((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]), np.float64)


def covered(box: NDArray[np.float64], width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the pixels whose middle lies in a box, ends excluded; of a box thinner
    than a pixel the one that it lies in. Empty where it is outside of the picture."""
    ends = []
    for low, high, most in ((box[0], box[2], width), (box[1], box[3], height)):
        first, last = int(np.ceil(low - 0.5)), int(np.ceil(high - 0.5))
        if last <= first:
            first = int(np.floor((low + high) / 2))
            last = first + 1
        ends.append((min(max(first, 0), most), min(max(last, 0), most)))
    (left, right), (top, bottom) = ends
    return left, top, right, bottom
