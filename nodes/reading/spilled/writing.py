"""Writes arrays of unknown length row by row, as `.npy` files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import DTypeLike

from nodes.reading.dataset import Array
from nodes.reading.error import NoRoomError


class ArrayWriter:
    """An array `(rows, *features)` that grows by its rows."""

    def __init__(self, path: Path, source: Path, dtype: DTypeLike, features: tuple[int, ...]) -> None:
        self._path, self._source = path, source
        self._file: BinaryIO = path.open("wb", buffering=0)  # blocks are large
        self._dtype, self._features = np.dtype(dtype), features
        self.rows = 0
        self._begins = self._write_header()

    def add(self, rows: Array) -> None:
        """Write further rows, `(n, *features)`. Raises `NoRoomError` where the disk is full."""
        assert rows.shape[1:] == self._features, (rows.shape, self._features)
        left = memoryview(np.ascontiguousarray(rows, self._dtype).tobytes())
        with refused(self._source, self._path.parent.parent):  # here: readers take errors for their own
            while len(left):
                left = left[self._file.write(left) :]
        self.rows += len(rows)

    def close(self) -> None:
        """Write how many rows there are, and no more."""
        self._file.seek(0)
        begins = self._write_header()
        assert begins == self._begins, "headers of NumPy leave room for a longer first axis"
        self.abandon()

    def abandon(self) -> None:
        """Write no more."""
        self._file.close()

    def _write_header(self) -> int:
        shape = (self.rows, *self._features)
        head = {"descr": npy.dtype_to_descr(self._dtype), "fortran_order": False, "shape": shape}
        npy.write_array_header_1_0(self._file, head)
        return self._file.tell()


class SpillWriter:
    """The arrays of one entry of the cache."""

    def __init__(self, folder: Path, source: Path) -> None:
        self.source, self._folder = source, folder
        self._arrays: dict[str, ArrayWriter] = {}

    def array(self, name: str, dtype: DTypeLike, features: tuple[int, ...] = ()) -> ArrayWriter:
        """A new array of this name."""
        self._arrays[name] = ArrayWriter(self._folder / f"{name}.npy", self.source, dtype, features)
        return self._arrays[name]

    def close(self) -> tuple[str, ...]:
        """End all arrays; says their names."""
        for array in self._arrays.values():
            array.close()
        return tuple(self._arrays)

    def __enter__(self) -> SpillWriter:
        return self

    def __exit__(self, *_: object) -> None:
        for array in self._arrays.values():
            array.abandon()


@contextmanager
def refused(source: Path, home: Path) -> Iterator[None]:
    """What the disk refuses, as a `NoRoomError`."""
    try:
        yield
    except OSError as error:
        raise NoRoomError(
            f"{home}: Expected room on the disk for values of {source.name}, which do not fit into memory. "
            f"Received: {error.strerror or error}; free space there, or keep the cache on a larger disk."
        ) from error
