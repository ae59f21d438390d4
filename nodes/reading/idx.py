"""The IDX format of MNIST: a magic number, the sizes, then the values, most often packed with gzip.

Sizes are checked against the length of the file before anything is believed; a packed file is read no further
than its header promises.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from pathlib import Path
from typing import IO

import numpy as np

from nodes.reading.dataset import Array
from nodes.reading.error import DataError
from nodes.shared.card_label import by

_DTYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
LARGEST = 16 << 30
"""Bytes that one IDX file may unpack to."""


def read_shape(path: Path) -> tuple[int, ...]:
    """The sizes that the header of an IDX file names. Raises `DataError`."""
    with _reading(path) as file:
        return _header(file, path)[1]


def read(path: Path) -> Array:
    """The array in an IDX file, plain or gz. Raises `DataError`."""
    with _reading(path) as file:
        try:
            dtype, shape = _header(file, path)
            wanted = math.prod(shape) * dtype.itemsize
            values = file.read(wanted)
            rest = file.read(1)
        except (OSError, EOFError, zlib.error) as error:
            raise DataError(
                f"{path}: Expected a whole IDX file. Received a damaged one ({error})."
            ) from error
    if len(values) != wanted or rest:
        found = f"{len(values):,}" if not rest else f"more than {wanted:,}"
        raise DataError(
            f"{path}: Expected {wanted:,} bytes of values for sizes {by(shape)}. Received {found}; "
            "the file is cut or not an IDX file."
        )
    array = np.frombuffer(values, dtype).reshape(shape)
    return array.astype(dtype.newbyteorder("=")) if dtype.byteorder == ">" else array


def _reading(path: Path) -> IO[bytes]:
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        return gzip.open(path, "rb") if packed else path.open("rb")  # type: ignore[return-value]
    except OSError as error:
        raise DataError(f"{path}: Expected an IDX file. Received: {error.strerror or error}.") from error


def _header(file: IO[bytes], path: Path) -> tuple[np.dtype[np.generic], tuple[int, ...]]:
    try:
        magic = file.read(4)
        known = len(magic) == 4 and magic[:2] == b"\0\0" and magic[2] in _DTYPES and 1 <= magic[3] <= 8
        sizes = file.read(4 * magic[3]) if known else b""
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: Expected an IDX file. Received a damaged one ({error}).") from error
    if not known or len(sizes) != 4 * magic[3]:
        found = magic.hex(" ") or "nothing"
        raise DataError(f"{path}: Expected an IDX file (00 00, type, rank, sizes). Received {found}.")
    dtype, shape = np.dtype(_DTYPES[magic[2]]), struct.unpack(f">{magic[3]}I", sizes)
    if math.prod(shape) * dtype.itemsize > LARGEST:
        raise DataError(f"{path}: Expected at most {LARGEST:,} bytes. Received sizes {by(shape)}.")
    return dtype, shape
