"""A file of arrays, whatever its format: their headers, those that cannot be used, and their rows.

What a header says is checked against the length of the file before anything is believed or allocated; no
reader runs anything of a file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from nodes.reading.dataset import Rows
from nodes.reading.error import DataError

MOST_ARRAYS = 1000
"""Arrays that a file may have."""
COPIES = 3
"""Times that values are in memory while they are read, divided and converted."""
INPUT = "input"
"""The name of the one array of a file whose format has no names."""


@dataclass(frozen=True)
class ArrayHead:
    """What a header says of an array: sizes, and the type of its values: numbers, or words (kinds U, S)."""

    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]

    @property
    def nbytes(self) -> int:
        """Bytes of all values."""
        return math.prod(self.shape) * self.dtype.itemsize


class ArrayStore(Protocol):
    """An open format: `heads` in the order of the file, and `refused` with the error of what is no use."""

    @property
    def path(self) -> Path: ...

    @property
    def format(self) -> str: ...

    @property
    def doubles(self) -> bool:
        """Whether its writers store every number as a float of 8 bytes, as MATLAB does."""
        ...

    @property
    def heads(self) -> Mapping[str, ArrayHead]: ...

    @property
    def refused(self) -> Mapping[str, DataError]: ...

    def in_memory(self, name: str) -> bool:
        """Whether an array is read whole; of others rows are read where batches touch them."""
        ...

    def rows(self, name: str) -> Rows:
        """An array: in memory, or left on disk where it is large and the format lets rows be found."""
        ...


def refuse(path: Path, name: str, received: str) -> DataError:
    """The error of an array whose values are no numbers and no words."""
    return DataError(f"{path}: Expected numbers in array {name!r}. Received {received}.")


def require_some(path: Path, count: int) -> None:
    """Raise `DataError` where there are too many arrays."""
    if count > MOST_ARRAYS:
        raise DataError(f"{path}: Expected at most {MOST_ARRAYS:,} arrays. Received {count:,}.")
