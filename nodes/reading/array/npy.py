"""The files of NumPy as bytes: which arrays an `.npz` or `.npy` file has, their headers, their values.

What a header or a directory says is checked against the length of the file before anything is believed or
allocated, and nothing in a file is unpickled. What the arrays mean is found in `nodes.reading.array.outline`.
"""

from __future__ import annotations

import copy
import io
import os
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, BinaryIO, Literal

import numpy as np
from numpy.lib import format as npy

from nodes.reading import budget
from nodes.reading.array.store import COPIES, INPUT, ArrayHead, refuse, require_some
from nodes.reading.dataset import Array, ArrayRows, Rows
from nodes.reading.error import DataError
from nodes.reading.opened import CHUNK, plain
from nodes.reading.progress import Meter
from nodes.shared.card_label import by
from nodes.shown_text import shown

MOST_AT_ONCE = 2 << 20
"""Bytes that the directory of an `.npz` file may have; it is the one thing that is read in one piece."""
LONGEST_HEADER = 1 << 14
"""Bytes in which the header of an array must end; those of arrays of numbers have some 128."""
MOST_SIZES = 32
"""Dimensions of an array."""
LONGEST_WORD = 4000
"""Bytes of a word in an array of words."""
_WHAT = "an .npz or .npy file"
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True)
class NpyHead(ArrayHead):
    """What a header says of an array. Its values begin `offset` bytes after the header does."""

    fortran_order: bool = False
    offset: int = 0


@dataclass(frozen=True)
class NpyFile:
    """An `.npy` file: one array, left on disk."""

    path: Path
    heads: Mapping[str, NpyHead]
    format: str = "NumPy array (.npy)"
    doubles: bool = False
    refused: Mapping[str, DataError] = field(default_factory=dict)

    def in_memory(self, _name: str) -> bool:
        return False

    def rows(self, name: str) -> Rows:
        """The array, mapped. Raises `DataError`."""
        with _file(self.path) as file:
            return ArrayRows(_mapped(file, self.heads[name], 0))


@dataclass(frozen=True)
class NpzFile:
    """An `.npz` file. Large arrays that are stored unpacked stay on disk."""

    path: Path
    heads: Mapping[str, NpyHead]
    refused: Mapping[str, DataError]
    format: str = "NumPy archive (.npz)"
    doubles: bool = False

    def in_memory(self, name: str) -> bool:
        if self.heads[name].nbytes <= budget.CHECKED:
            return True
        with _archive(self.path) as (archive, file):
            return _stored_at(archive.getinfo(f"{name}.npy"), file) is None

    def rows(self, name: str) -> Rows:
        """An array. Raises `DataError`."""
        if self.heads[name].nbytes > budget.CHECKED:
            with _archive(self.path) as (archive, file):
                start = _stored_at(archive.getinfo(f"{name}.npy"), file)
                if start is not None:
                    return ArrayRows(_mapped(file, self.heads[name], start))
        return ArrayRows(_read(self.path, name, self.heads[name]))


def open_npy(path: Path) -> NpyFile:
    """The header of an `.npy` file, which fits the length of the file. Raises `DataError`."""
    with _file(path) as file:
        return NpyFile(path, {INPUT: _head(path, INPUT, file, file.seek(0, io.SEEK_END))})


def open_npz(path: Path) -> NpzFile:
    """The headers of an `.npz` file, which fit what its directory says. Raises `DataError`."""
    heads: dict[str, NpyHead] = {}
    refused: dict[str, DataError] = {}
    with _archive(path) as (archive, file):
        listed = [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]
        names = tuple(dict.fromkeys(listed))
        require_some(path, len(names))
        for name in names:
            try:
                with _as_data_error(path), _member(path, archive, file, name) as (member, size):
                    heads[name] = _head(path, name, member, size)
            except DataError as error:
                refused[name] = copy.copy(error)
    return NpzFile(path, heads, refused)


def _stored_at(info: zipfile.ZipInfo, file: BinaryIO) -> int | None:
    """Where an array begins in the archive, where it is stored as it is."""
    if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1:
        return None
    file.seek(info.header_offset)
    head = file.read(30)
    if len(head) != 30 or head[:4] != b"PK\x03\x04":
        return None
    name, extra = struct.unpack("<HH", head[26:30])
    start = info.header_offset + 30 + name + extra
    return start if start + info.file_size <= os.fstat(file.fileno()).st_size else None


def _mapped(file: BinaryIO, found: NpyHead, start: int) -> Array:
    order: Literal["F", "C"] = "F" if found.fortran_order else "C"
    array: Array = np.memmap(file, found.dtype, "r", start + found.offset, found.shape, order)
    return array


def _read(path: Path, name: str, found: NpyHead) -> Array:
    place = _place(path, name)
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
    with plain(path, _WHAT) as file, _as_data_error(path):
        yield file


@contextmanager
def _as_data_error(path: Path) -> Iterator[None]:
    try:
        yield
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


def _head(path: Path, name: str, file: IO[bytes], size: int) -> NpyHead:
    """The header of an array that has so many bytes in all."""
    place = _place(path, name)
    file.seek(0)
    start = io.BytesIO(file.read(LONGEST_HEADER))
    shape, fortran_order, dtype = _parsed(place, start)
    if (
        dtype.hasobject
        or dtype.kind not in "buifUSmM"
        or (dtype.kind in "US" and dtype.itemsize > LONGEST_WORD)
    ):
        raise refuse(path, name, shown(str(dtype)))
    if len(shape) > MOST_SIZES or any(not 0 <= length < 1 << 62 for length in shape):
        received = shown(by(shape), 60)
        raise DataError(f"{place}: Expected at most {MOST_SIZES} sizes from 0 up. Received {received}.")
    found = NpyHead(shape, dtype, fortran_order, start.tell())
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
