"""Pages of mapped files: those that were read are given back, so that they do not add up in the process.

The system keeps what it can of them, as of any file that is read; they count no longer for the process.
"""

from __future__ import annotations

import contextlib
import math
import mmap
import threading
from weakref import WeakSet

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.generic]

HELD = 256 << 20
"""Bytes of mapped files that are read before their pages are given back."""
AROUND = 2 << 20
"""Bytes that the system may map around a place that is read."""
AT_ONCE = HELD // AROUND
"""Rows that are read at a time where they lie far from each other."""

_lock = threading.Lock()
_touched: WeakSet[mmap.mmap] = WeakSet()
_count = 0


def taken(array: Array, rows: NDArray[np.int64]) -> Array:
    """`array[rows]`; of an array in a file a few rows at a time, and then its pages are given back.

    `rows` are the places of rows `(n)`, or of those of windows `(n, length)`.
    """
    if not isinstance(array, np.memmap) or not rows.size:
        return np.asarray(array[rows])
    span = (int(rows.max()) - int(rows.min()) + 1) * math.prod(array.shape[1:]) * array.itemsize
    if len(rows) <= AT_ONCE or span <= HELD:
        found = np.asarray(array[rows])
        seen(array, min(span + AROUND, len(rows) * AROUND))
        return found
    return np.concatenate([taken(array, rows[at : at + AT_ONCE]) for at in range(0, len(rows), AT_ONCE)])


def seen(array: Array, count: int) -> None:
    """Note that so many bytes of an array may have been mapped; gives pages back now and then."""
    global _count  # noqa: PLW0603 - the memory of the process is one
    file: object = array
    while isinstance(file, np.ndarray):
        file = file.base
    if not isinstance(file, mmap.mmap):
        return
    with _lock:
        _touched.add(file)
        _count += count
        if _count < HELD:
            return
        _count, given = 0, [*_touched]
        _touched.clear()
    if not hasattr(mmap, "MADV_DONTNEED"):
        return
    for one in given:
        with contextlib.suppress(ValueError, OSError):  # a file that is closed meanwhile
            one.madvise(mmap.MADV_DONTNEED)
