"""Outlines of objects and the pixels within: polygons, and the runs of pixels that COCO has."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nodes.reading.picture.boxes.box_numbers import Corners, number

MOST_POINTS = 10_000
"""Points of a polygon."""
MOST_PIXELS = 1 << 26
"""Pixels of a picture of which runs are read."""
_AT_ONCE = 1 << 20
"""Crossings of edges with rows of pixels that are computed at once."""
Ring = NDArray[np.float32]
Region = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Outline:
    """What an object covers: polygons `(points, 2)` of x and y, all of them together, in the unit of its box;
    or `runs`, the lengths of uncovered and covered pixels by turns, down each column of a picture of `size`,
    width and height."""

    rings: tuple[Ring, ...] = ()
    runs: NDArray[np.int64] | None = None
    size: tuple[int, int] = (0, 0)

    def corners(self) -> Corners | None:
        """The box around it; None where it covers nothing."""
        if self.runs is None:
            points = np.concatenate(self.rings)
            low, high = points.min(axis=0), points.max(axis=0)
        else:
            rows, columns = np.nonzero(self._region())
            if not len(rows):
                return None
            low, high = np.array([columns.min(), rows.min()]), np.array([columns.max(), rows.max()]) + 1
        found = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
        return found if found[2] > found[0] and found[3] > found[1] else None

    def covered(self, scale: tuple[float, float], width: int, height: int) -> Region:
        """Which pixels `(height, width)` it covers, its points brought to those of the picture by `scale`:
        those whose middle lies within; of one that is thinner than a pixel those in which its points lie."""
        if self.runs is not None:
            region = self._region()
            rows = np.arange(height) * region.shape[0] // height
            return np.asarray(region[rows][:, np.arange(width) * region.shape[1] // width])
        rings = [ring.astype(np.float64) * scale for ring in self.rings]
        found = np.zeros((height, width), np.bool_)
        for ring in rings:
            _fill(found, ring)
        if not found.any():
            for ring in rings:
                x, y = np.floor(ring).astype(np.int64).T
                inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
                found[y[inside], x[inside]] = True
        return found

    def _region(self) -> Region:
        assert self.runs is not None
        width, height = self.size
        turns = np.arange(len(self.runs)) % 2 == 1
        return np.repeat(turns, self.runs).reshape(width, height).T


def polygons(several: Iterable[Sequence[object]]) -> Outline | None:
    """The outline of lists of x and y by turns; None where one has fewer than three points, too many, or
    something that is no number."""
    rings = []
    for one in several:
        if not 6 <= len(one) <= 2 * MOST_POINTS or len(one) % 2:
            return None
        values = [number(value) for value in one]
        if not all(math.isfinite(value) and abs(value) < 1e9 for value in values):
            return None
        rings.append(np.array(values, np.float32).reshape(-1, 2))
    return Outline(tuple(rings)) if rings else None


def of_coco(found: object) -> Outline | None:
    """The `segmentation` of an annotation: a list of polygons, or an object of runs; None: it is neither."""
    if isinstance(found, list):
        return polygons(found) if all(isinstance(one, list) for one in found) else None
    if not isinstance(found, dict):
        return None
    size, counts = found.get("size"), found.get("counts")
    if not (isinstance(size, list) and len(size) == 2 and all(isinstance(one, int) for one in size)):
        return None
    height, width = size
    if min(size) < 1 or height * width > MOST_PIXELS:
        return None
    runs = _packed(counts) if isinstance(counts, str) else counts
    if not isinstance(runs, list) or not all(isinstance(one, int) and one >= 0 for one in runs):
        return None
    if sum(runs) != height * width:
        return None
    return Outline(runs=np.array(runs, np.int64), size=(width, height))


def _packed(text: str) -> list[int]:
    """Runs in the letters of COCO: five bits of a number in each, the least first; from the third number on
    the difference to the last but one. Source: `rleFrString` of the COCO API."""
    found: list[int] = []
    value = shift = 0
    for letter in text:
        bits = ord(letter) - 48
        if not 0 <= bits < 64 or shift > 40:
            return [-1]
        value |= (bits & 0x1F) << shift
        shift += 5
        if bits & 0x20:
            continue
        value -= (1 << shift) if bits & 0x10 else 0
        found.append(value + (found[-2] if len(found) > 2 else 0))
        value = shift = 0
    return found


def _fill(found: Region, ring: NDArray[np.float64]) -> None:
    """Mark the pixels whose middle lies in a polygon: an odd number of its edges lies to the left of it."""
    height, width = found.shape
    low, high = np.ceil(ring.min(axis=0) - 0.5), np.ceil(ring.max(axis=0) - 0.5)
    left, top = (int(np.clip(value, 0, most)) for value, most in zip(low, (width, height), strict=True))
    right, bottom = (int(np.clip(value, 0, most)) for value, most in zip(high, (width, height), strict=True))
    if left >= right or top >= bottom:
        return
    middles = np.arange(top, bottom) + 0.5
    flips = np.zeros((bottom - top, right - left + 1), np.int32)
    ends = np.roll(ring, -1, axis=0)
    step = max(1, _AT_ONCE // len(middles))
    for at in range(0, len(ring), step):
        (x, y), (to_x, to_y) = ring[at : at + step].T, ends[at : at + step].T
        edges, rows = np.nonzero((y[:, None] <= middles) != (to_y[:, None] <= middles))
        share = (middles[rows] - y[edges]) / (to_y[edges] - y[edges])
        across = x[edges] + share * (to_x[edges] - x[edges])
        columns = np.clip(np.ceil(across - 0.5), left, right).astype(np.int64) - left
        np.add.at(flips, (rows, columns), 1)
    found[top:bottom, left:right] |= np.cumsum(flips, axis=1)[:, :-1] % 2 == 1
