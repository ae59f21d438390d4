"""The files of NumPy as bytes: which arrays an `.npz` or `.npy` file has, their headers, their values.

What a header or a directory says is checked against the length of the file before anything is believed or
allocated, and nothing in a file is unpickled. What the arrays mean is the business of `nodes.reading.arrays`.
"""

from __future__ import annotations

import io
import math
import os
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Literal

import numpy as np
from numpy.lib import format as npy

from nodes.reading import budget
from nodes.reading.dataset import Array
from nodes.reading.error import DataError
from nodes.reading.opened import CHUNK, plain
from nodes.reading.progress import Meter
from nodes.shared.card_label import by
from nodes.shown_text import shown

MOST_ARRAYS = 1000
"""Arrays that an `.npz` file may have."""
MOST_AT_ONCE = 2 << 20
"""Bytes that the directory of an `.npz` file may have; it is the one thing that is read in one piece."""
LONGEST_HEADER = 1 << 14
"""Bytes in which the header of an array must end; those of arrays of numbers have some 128."""
MOST_SIZES = 32
"""Dimensions of an array."""
COPIES = 3
"""Times that values are in memory while they are read, divided and converted."""
INPUT = "input"
"""The name of the one array of an `.npy` file."""
_WHAT = "an .npz or .npy file"
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True)
class Head:
    """What a header says of an array of numbers. Its values begin `offset` bytes after the header does."""

    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]
    fortran_order: bool
    offset: int

    @property
    def nbytes(self) -> int:
        """Bytes of all values."""
        return math.prod(self.shape) * self.dtype.itemsize


def names(path: Path) -> tuple[str, ...]:
    """The names of the arrays in an `.npz` file, in order. Raises `DataError`."""
    with _archive(path) as (archive, _):
        found = [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]
    if len(found) > MOST_ARRAYS:
        raise DataError(f"{path}: Expected at most {MOST_ARRAYS:,} arrays. Received {len(found):,}.")
    return tuple(dict.fromkeys(found))


def is_single(path: Path) -> bool:
    """Whether a file holds one array, by its name."""
    return path.suffix.lower() == ".npy"


def head_of_npy(path: Path) -> Head:
    """The header of an `.npy` file, which fits the length of the file. Raises `DataError`."""
    with _file(path) as file:
        return _head(path, INPUT, file, file.seek(0, io.SEEK_END))


def head(path: Path, name: str) -> Head:
    """The header of an array in an `.npz` file, which fits what the directory says. Raises `DataError`."""
    with _archive(path) as (archive, file), _member(path, archive, file, name) as (member, size):
        return _head(path, name, member, size)


def check(path: Path, name: str) -> None:
    """Read an array of an `.npz` file through and keep nothing. Raises `DataError` where it is damaged."""
    with _archive(path) as (archive, file), _member(path, archive, file, name) as (member, size):
        meter, passed = Meter(f"Checking {path.name}", size), 0
        while part := member.read(CHUNK):
            passed += len(part)
            meter.to(passed)
        _require_whole(_place(path, name), passed, size)


def mapped(path: Path) -> Array:
    """The array of an `.npy` file, left on disk. Raises `DataError`."""
    found = head_of_npy(path)
    with _file(path) as file:
        order: Literal["F", "C"] = "F" if found.fortran_order else "C"
        array: Array = np.memmap(file, found.dtype, "r", found.offset, found.shape, order)
        return array


def read(path: Path, name: str) -> Array:
    """An array of an `.npz` file. Raises `DataError`."""
    found, place = head(path, name), _place(path, name)
    budget.require_room(place, COPIES * found.nbytes, f"sizes {by(found.shape)}")
    values = np.empty(found.nbytes, np.uint8)
    with _archive(path) as (archive, file), _member(path, archive, file, name) as (member, _):
        member.read(found.offset)
        meter, filled = Meter(f"Reading {path.name}", found.nbytes), 0
        while part := member.read(CHUNK):
            values[filled : filled + len(part)] = np.frombuffer(part, np.uint8)
            filled += len(part)
            meter.to(filled)
        _require_whole(place, filled, found.nbytes)
    array = values.view(found.dtype)
    return array.reshape(found.shape[::-1]).T if found.fortran_order else array.reshape(found.shape)


def _place(path: Path, name: str) -> str:
    return f"{path}, array {name!r}"


# Files and archives ---------------------------------------------------------------------------


@contextmanager
def _file(path: Path) -> Iterator[BinaryIO]:
    """A regular file; whatever the readers of archives and headers raise names it."""
    with plain(path, _WHAT) as file:
        try:
            yield file
        except DataError:
            raise
        except (ValueError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError, KeyError) as error:
            raise DataError(f"{path}: Expected {_WHAT}. Received: {error}.") from error


class _InParts(io.BufferedReader):
    """Reads no more at one time than an honest archive needs."""

    def read(self, size: int | None = -1) -> bytes:
        wanted = MOST_AT_ONCE + 1 if size is None or size < 0 else size
        found = super().read(min(wanted, MOST_AT_ONCE + 1))
        if len(found) > MOST_AT_ONCE:
            raise zipfile.BadZipFile(f"a directory of more than {MOST_AT_ONCE:,} bytes")
        return found


@contextmanager
def _archive(path: Path) -> Iterator[tuple[zipfile.ZipFile, BinaryIO]]:
    with _file(path) as file, _InParts(file) as parts, zipfile.ZipFile(parts) as archive:  # type: ignore[arg-type]
        yield archive, file


@contextmanager
def _member(
    path: Path, archive: zipfile.ZipFile, file: BinaryIO, name: str
) -> Iterator[tuple[IO[bytes], int]]:
    """An array of an archive and the bytes that it unpacks to, within the budget."""
    info = archive.getinfo(f"{name}.npy")
    if info.compress_type not in _PACKINGS:
        raise DataError(
            f"{_place(path, name)}: Expected an array as NumPy packs it (stored or deflated). "
            f"Received packing {info.compress_type}."
        )
    if info.flag_bits & 1:
        raise DataError(
            f"{_place(path, name)}: Expected an array that can be read. Received an encrypted one."
        )
    length = os.fstat(file.fileno()).st_size
    budget.require_ratio(_place(path, name), info.file_size, min(info.compress_size, length))
    with archive.open(info) as member:
        yield member, info.file_size


# Headers --------------------------------------------------------------------------------------


def _head(path: Path, name: str, file: IO[bytes], size: int) -> Head:
    """The header of an array that has so many bytes in all."""
    place = _place(path, name)
    file.seek(0)
    start = io.BytesIO(file.read(LONGEST_HEADER))
    shape, fortran_order, dtype = _parsed(place, start)
    if dtype.hasobject or dtype.kind not in "buif":
        raise DataError(f"{path}: Expected numbers in array {name!r}. Received {shown(str(dtype))}.")
    if len(shape) > MOST_SIZES or any(not 0 <= length < 1 << 62 for length in shape):
        received = shown(by(shape), 60)
        raise DataError(f"{place}: Expected at most {MOST_SIZES} sizes from 0 up. Received {received}.")
    found = Head(shape, dtype, fortran_order, start.tell())
    _require_whole(place, size, found.offset + found.nbytes, f" for sizes {by(shape)}")
    return found


def _parsed(place: str, start: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[np.generic]]:
    try:
        with warnings.catch_warnings():  # of headers that were written by Python 2
            warnings.simplefilter("ignore")
            version = npy.read_magic(start)
            parse = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
            shape, fortran_order, dtype = parse(start)
            return tuple(int(length) for length in shape), bool(fortran_order), dtype
    except Exception as error:  # a parser of Python expressions, given whatever a stranger wrote
        said = shown(str(error), 100) if isinstance(error, ValueError) else "one that cannot be parsed"
        raise DataError(f"{place}: Expected the header of an array. Received: {said}.") from error


def _require_whole(place: str, found: int, wanted: int, why: str = "") -> None:
    if found != wanted:
        raise DataError(
            f"{place}: Expected a whole array of {wanted:,} bytes{why}. Received {found:,}; "
            "the file is cut or damaged."
        )
