"""Rows of arrays as a network sees them: samples and channels first, in numbers of this machine.

Numbers keep what they can say: bytes stay bytes, what fits single precision becomes float32, longer whole
numbers and floats of 8 bytes float64, so that their mean is taken away before they are rounded.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nodes.reading import budget, split
from nodes.reading.array.axes import ArrayAxes
from nodes.reading.array.store import COPIES, ArrayStore
from nodes.reading.dataset import Array, ArrayRows, Rows, Scaling
from nodes.shared.card_label import by

SAMPLED, SAMPLED_BYTES = 4096, 256 << 20
"""Samples from which a scaling is computed, and the most bytes of them."""
BLOCK = 64
"""Samples that are taken together from rows that lie in chunks."""
_AS_THEY_ARE = (np.dtype(np.uint8), np.dtype(np.float32), np.dtype(np.float64))


def kept_dtype(dtype: np.dtype[np.generic], *, tokens: bool = False) -> np.dtype[np.generic]:
    """The type in which numbers of a file are handed out."""
    if tokens:
        return np.dtype(np.int64)
    if dtype == np.uint8:
        return np.dtype(np.uint8)
    is_short = dtype.itemsize <= (4 if dtype.kind == "f" else 2)
    return np.dtype(np.float32) if is_short or dtype.kind == "b" else np.dtype(np.float64)


def as_numbers(values: Array, wanted: np.dtype[np.generic]) -> Array:
    """The values in this type; times count their unit, and NaT is NaN."""
    if values.dtype == wanted and values.dtype.isnative:
        return values
    with np.errstate(all="ignore"):  # signalling NaN; what is too large is infinite, as torch has it
        if values.dtype.kind in "mM":
            return np.where(np.isnat(values), np.nan, values.astype(np.int64)).astype(wanted)
        return values.astype(wanted)


def stored_rows(store: ArrayStore, name: str, samples: str) -> Rows:
    """An array with samples along its first axis, otherwise as it is stored. Raises `DataError`."""
    rows = store.rows(name)
    if samples == "first":
        return rows
    array = rows.array if isinstance(rows, ArrayRows) else _whole(store, name, rows)
    return ArrayRows(np.moveaxis(array, -1, 0))


def _whole(store: ArrayStore, name: str, rows: Rows) -> Array:
    """All rows in memory, where samples lie along another axis than chunks are read along."""
    needed = COPIES * math.prod(rows.shape) * rows.dtype.itemsize
    budget.require_room(
        f"{store.path}, array {name!r}", needed, f"samples along the last axis of {by(rows.shape)}"
    )
    return rows.fetch(np.arange(len(rows)))


def seen_rows(rows: Rows, axes: ArrayAxes, *, tokens: bool = False) -> Rows:
    """The rows as the network sees them: a view where it can be one, else converted, batch by batch where
    they lie on disk.
    """
    wanted = kept_dtype(rows.dtype, tokens=tokens)
    if not isinstance(rows, ArrayRows):
        return SeenRows(rows, axes, wanted)
    array = rows.array
    is_plain = array.dtype == wanted and array.dtype.isnative
    if isinstance(array, np.memmap) and not is_plain:
        return SeenRows(rows, axes, wanted)
    if is_plain and (axes.keeps or isinstance(array, np.memmap) or array.dtype == np.uint8):
        return ArrayRows(axes.turned(array))
    return ArrayRows(np.ascontiguousarray(as_numbers(axes.turned(array), wanted)))


@dataclass(frozen=True)
class SeenRows:
    """Rows that are turned and converted where they are fetched."""

    rows: Rows
    axes: ArrayAxes
    dtype: np.dtype[np.generic]

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self.rows), *self.axes.sample)

    def __len__(self) -> int:
        return len(self.rows)

    def fetch(self, indices: NDArray[np.int64]) -> Array:
        return as_numbers(self.axes.turned(self.rows.fetch(indices)), self.dtype)


def some_of(rows: Rows, indices: NDArray[np.int64]) -> Array:
    """Some of these rows, evenly, from which a scaling is computed."""
    one = math.prod(rows.shape[1:]) * rows.dtype.itemsize
    count = max(1, min(SAMPLED, SAMPLED_BYTES // max(1, one)))
    step = max(1, len(indices) // count)
    if step > 1 and isinstance(rows, SeenRows) and not isinstance(rows.rows, ArrayRows):
        starts = np.arange(0, len(indices), step * BLOCK)
        places = (starts[:, None] + np.arange(BLOCK)).ravel()
        return rows.fetch(indices[places[places < len(indices)]])
    return rows.fetch(indices[::step])


def scaling(values: Array, choice: str) -> Scaling:
    """The scaling of this choice; "auto" standardises columns and pictures and leaves other values."""
    if values.ndim in (2, 4):
        return split.scaling(values, "standardise" if choice == "auto" else choice, axis=1)
    return split.scaling(values.reshape(-1, 1), "none" if choice == "auto" else choice)
