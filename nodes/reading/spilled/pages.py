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

HELD = 128 << 20
"""Bytes of mapped files that are read before their pages are given back."""
AROUND = 64 << 10
"""Bytes that the system maps around a row that is read."""

_lock = threading.Lock()
_touched: WeakSet[mmap.mmap] = WeakSet()
_count = 0


def seen(array: NDArray[np.generic], rows: int) -> None:
    """Note that so many rows of an array were read; where it lies in a file, gives pages back at times."""
    global _count  # noqa: PLW0603 - the memory of the process is one
    if not isinstance(array, np.memmap):
        return
    file: object = array
    while isinstance(file, np.ndarray):
        file = file.base
    if not isinstance(file, mmap.mmap):
        return
    with _lock:
        _touched.add(file)
        _count += rows * (math.prod(array.shape[1:]) * array.itemsize + AROUND)
        if _count < HELD:
            return
        _count, given = 0, [*_touched]
        _touched.clear()
    if not hasattr(mmap, "MADV_DONTNEED"):
        return
    for one in given:
        with contextlib.suppress(ValueError, OSError):  # a file that is closed meanwhile
            one.madvise(mmap.MADV_DONTNEED)
