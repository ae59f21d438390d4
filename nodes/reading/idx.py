"""The IDX format of MNIST: a magic number, the sizes, then the values, most often packed with gzip.

Sizes are checked against the length of the file before anything is believed; a packed file is read no further
than its header promises, and no further than its budget.
"""

from __future__ import annotations

import math
import struct
from pathlib import Path

import numpy as np

from nodes.reading import budget
from nodes.reading.dataset import Array
from nodes.reading.error import DataError
from nodes.reading.opened import Opened, opened
from nodes.shared.card_label import by

_DTYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
COPIES = 3
"""Times that values are in memory while they are read, divided and converted."""
_WHAT = "an IDX file"


def read_head(path: Path) -> tuple[np.dtype[np.generic], tuple[int, ...]]:
    """Type and sizes that the header names. Raises `DataError`, also where an unpacked file is cut."""
    with opened(path, _WHAT) as file:
        return _header(file)


def check(path: Path) -> None:
    """Read an IDX file through and keep nothing, unless it is too long for a look (`budget.CHECKED`).

    Raises `DataError` where it is damaged or has more or fewer values than its header says.
    """
    with opened(path, _WHAT) as file:
        dtype, shape = _header(file)
        wanted = math.prod(shape) * dtype.itemsize
        if file.is_packed:
            budget.require_ratio(str(path), wanted, file.size)
        if wanted <= budget.CHECKED:
            _require_whole(file, wanted, file.pass_over(wanted), shape)


def read(path: Path) -> Array:
    """The array in an IDX file, plain or gz. Raises `DataError`."""
    with opened(path, _WHAT) as file:
        dtype, shape = _header(file)
        wanted = math.prod(shape) * dtype.itemsize
        if file.is_packed:
            budget.require_ratio(str(path), wanted, file.size)
        budget.require_room(str(path), COPIES * wanted, f"sizes {by(shape)}")
        values = file.read(wanted)
        _require_whole(file, wanted, len(values), shape)
    array = np.frombuffer(values, dtype).reshape(shape)
    return array.astype(dtype.newbyteorder("=")) if dtype.byteorder == ">" else array


def _require_whole(file: Opened, wanted: int, found: int, shape: tuple[int, ...]) -> None:
    rest = file.read(1)
    if found != wanted or rest:
        raise _cut(file.path, wanted, f"more than {wanted:,}" if rest else f"{found:,}", shape)


def _cut(path: Path, wanted: int, found: str, shape: tuple[int, ...]) -> DataError:
    return DataError(
        f"{path}: Expected {wanted:,} bytes of values for sizes {by(shape)}. Received {found}; "
        "the file is cut or not an IDX file."
    )


def _header(file: Opened) -> tuple[np.dtype[np.generic], tuple[int, ...]]:
    """Type and sizes; of a file that is not packed they are known to fit its length."""
    magic = file.read(4)
    known = len(magic) == 4 and magic[:2] == b"\0\0" and magic[2] in _DTYPES and 1 <= magic[3] <= 8
    sizes = file.read(4 * magic[3]) if known else b""
    if not known or len(sizes) != 4 * magic[3]:
        found = magic.hex(" ") or "nothing"
        raise DataError(f"{file.path}: Expected {_WHAT} (00 00, type, rank, sizes). Received {found}.")
    dtype, shape = np.dtype(_DTYPES[magic[2]]), struct.unpack(f">{magic[3]}I", sizes)
    wanted, found_bytes = math.prod(shape) * dtype.itemsize, file.size - 4 - len(sizes)
    if not file.is_packed and found_bytes != wanted:
        received = f"more than {wanted:,}" if found_bytes > wanted else f"{found_bytes:,}"
        raise _cut(file.path, wanted, received, shape)
    return dtype, shape
