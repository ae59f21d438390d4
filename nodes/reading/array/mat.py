"""MATLAB files of versions 5 to 7: matrices one after another, each packed or not.

Numbers, logicals, words and cells of words are read, also in the fields of a structure, whose names are
parted by points (`s.x`, `s.part.x`); structures of several elements, sparse matrices and objects are refused.
A packed matrix is unpacked no further than its header says, within the budget of its size.
"""

from __future__ import annotations

import copy
import math
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np

from nodes.reading import budget
from nodes.reading.array.store import COPIES, ArrayHead, refuse, require_some
from nodes.reading.dataset import Array, ArrayRows, Rows
from nodes.reading.error import DataError
from nodes.reading.opened import CHUNK, plain
from nodes.reading.progress import Meter
from nodes.shared.card_label import by
from nodes.shown_text import shown

_STORED = {
    1: "i1",
    2: "u1",
    3: "i2",
    4: "u2",
    5: "i4",
    6: "u4",
    7: "f4",
    9: "f8",
    12: "i8",
    13: "u8",
    16: "u1",
    17: "u2",
}
_CLASSES = {6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8", 15: "u8"}
_OTHERS = {
    2: "a structure of several elements, or of structures within each other; save its fields as variables",
    3: "an object",
    5: "a sparse matrix; save full(…)",
}
_CELL, _STRUCTURE, _CHAR, _MATRIX, _PACKED, _UTF8, _UTF16 = 1, 2, 4, 14, 15, 16, 17
_LONGEST_NAME = 256
DEEPEST, MOST_FIELDS = 8, 1000
"""Structures within each other, and fields of one."""
MOST_WORDS = 1_000_000
"""Cells of an array of words."""
LONGEST_WORD = 4000
_WHAT = "a MATLAB file"


@dataclass(frozen=True)
class MatHead(ArrayHead):
    """What a header says of a matrix, which takes `length` bytes from byte `offset` of the file; a field of a
    structure begins `inside` bytes behind them, unpacked."""

    offset: int = 0
    length: int = 0
    is_packed: bool = False
    code: int = 6
    inside: int = 0


@dataclass(frozen=True)
class MatFile:
    """The matrices of a file; they are read whole."""

    path: Path
    heads: Mapping[str, MatHead]
    refused: Mapping[str, DataError]
    order: str
    format: str = "MATLAB 5 to 7 (.mat)"
    doubles: bool = True

    def in_memory(self, _name: str) -> bool:
        return True

    def rows(self, name: str) -> Rows:
        """A matrix, in memory. Raises `DataError`."""
        head, place = self.heads[name], f"{self.path}, array {name!r}"
        budget.require_room(place, COPIES * head.nbytes, f"sizes {by(head.shape)}")
        with plain(self.path, _WHAT) as file:
            file.seek(head.offset)
            source = _source(file, self.path, head.length, is_packed=head.is_packed)
            source.pass_to(head.inside)
            told = _Matrix.read(source, self.order, place)
            values = _values(source, told, self.order, place)
            if not head.inside:
                source.finish(place)
        return ArrayRows(values)


def open_mat(path: Path) -> MatFile:
    """The matrices of a file. Raises `DataError`."""
    heads: dict[str, MatHead] = {}
    refused: dict[str, DataError] = {}
    with plain(path, _WHAT) as file:
        size = path.stat().st_size
        order = "<" if file.read(128)[126:] == b"IM" else ">"
        while len(tag := file.read(8)) == 8:
            kind, length = struct.unpack(f"{order}II", tag)
            at = file.tell()
            if at + length > size:
                raise DataError(
                    f"{path}: Expected a matrix of {length:,} bytes. Received {size - at:,}; the file is cut."
                )
            if kind in (_MATRIX, _PACKED):
                _note(path, file, (at, length, kind == _PACKED, order), heads, refused)
                require_some(path, len(heads) + len(refused))
            file.seek(at + length)
    return MatFile(path, heads, refused, order)


def _note(
    path: Path,
    file: BinaryIO,
    where: tuple[int, int, bool, str],
    heads: dict[str, MatHead],
    refused: dict[str, DataError],
) -> None:
    """Read one header, and put it where it belongs; of a structure those of its fields."""
    at, length, is_packed, order = where
    source = _source(file, path, length, is_packed=is_packed)
    told = _Matrix.read(source, order, str(path))
    _note_matrix(_Place(path, MatHead((), np.dtype("f8"), at, length, is_packed), order), source, told,
                 heads, refused)  # fmt: skip


@dataclass(frozen=True)
class _Place:
    """Where a matrix or the structure around it is: its file, its element and the order of its bytes."""

    path: Path
    element: MatHead
    order: str
    depth: int = 0


def _note_matrix(
    place: _Place,
    source: _Bytes,
    told: _Matrix,
    heads: dict[str, MatHead],
    refused: dict[str, DataError],
    inside: int = 0,
) -> None:
    """Note a matrix whose header was read, `inside` bytes from the beginning of its element."""
    path, name = place.path, told.name
    try:
        if told.code == _STRUCTURE and math.prod(told.shape) == 1 and place.depth < DEEPEST:
            _note_fields(place, source, told, heads, refused)
            return
        shape = told.shape[:1] if told.code == _CHAR else told.shape
        head = replace(place.element, shape=shape, dtype=_dtype(path, told), code=told.code, inside=inside)
        if head.is_packed:
            budget.require_ratio(f"{path}, array {name!r}", head.nbytes, head.length)
        if told.code not in (_CELL, _CHAR) and head.nbytes:
            _require_values(source, told, place.order, f"{path}, array {name!r}")
    except DataError as error:
        refused[name] = copy.copy(error)
    else:
        if head.nbytes and name:
            heads[name] = head


def _note_fields(
    place: _Place,
    source: _Bytes,
    told: _Matrix,
    heads: dict[str, MatHead],
    refused: dict[str, DataError],
) -> None:
    """Note the fields of a structure as matrices with its name before theirs. Raises `DataError`."""
    where = f"{place.path}, structure {told.name!r}"
    _, longest = _small(source, place.order, where, 8)
    _, names = _small(source, place.order, where, MOST_FIELDS * _LONGEST_NAME)
    each = struct.unpack(f"{place.order}I", longest[:4])[0] if len(longest) >= 4 else 0
    if not 0 < each <= _LONGEST_NAME or len(names) % each or len(names) // each > MOST_FIELDS:
        raise _cut(where, "fields without names")
    inner = replace(place, depth=place.depth + 1)
    for start in range(0, len(names), each):
        field = names[start : start + each].split(b"\0")[0].decode("latin-1")
        kind, length, _ = _element(source, place.order, where)
        begun = source.done
        if kind != _MATRIX:
            raise _cut(where, f"a field {field!r} that is no matrix")
        if length:
            found = replace(_Matrix.read(source, place.order, where), name=f"{told.name}.{field}")
            _note_matrix(inner, source, found, heads, refused, begun)
            require_some(place.path, len(heads) + len(refused))
            source.pass_to(begun + length)


def _dtype(path: Path, told: _Matrix) -> np.dtype[np.generic]:
    if told.is_complex:
        raise refuse(path, told.name, "complex numbers")
    if told.code in (_CELL, _CHAR):
        return np.dtype("U1")
    if told.code not in _CLASSES:
        raise refuse(path, told.name, _OTHERS.get(told.code, "a variable of another kind"))
    return np.dtype(bool) if told.is_logical else np.dtype(_CLASSES[told.code])


# Bytes ------------------------------------------------------------------------------------------


class _Bytes:
    """The bytes of one element of the file, unpacked where it is packed, one after another."""

    def __init__(self, file: BinaryIO, path: Path, length: int, *, is_packed: bool) -> None:
        self._file, self._path, self._left = file, path, length
        self._unpacking = zlib.decompressobj() if is_packed else None
        self._waiting = b""
        self._meter = Meter(f"Reading {path.name}", length)
        self._done, self._length = 0, length
        self.done = 0
        """Bytes that were read, unpacked."""

    def read(self, count: int) -> bytearray:
        """The next so many bytes; fewer at the end."""
        found = bytearray()
        while len(found) < count and (part := self._part(min(CHUNK, count - len(found)))):
            found += part
        self.done += len(found)
        return found

    def pass_to(self, place: int) -> None:
        """Read on to this byte and keep nothing. Raises `DataError` where it lies behind, or is too far."""
        if self._unpacking is None and place > self._length:
            raise _cut(str(self._path), "a field that ends beyond its structure")
        if place > budget.most_unpacked(self._length):
            raise budget.too_packed(str(self._path), self._length, f"{place:,} or more")
        while self.done < place and self.read(min(CHUNK, place - self.done)):
            pass
        if self.done != place:
            raise _cut(str(self._path), "a field that ends beyond its structure")

    def _part(self, most: int) -> bytes:
        if self._unpacking is None:
            part = self._file.read(min(most, self._left))
            self._left -= len(part)
            return part
        while not self._unpacking.eof:
            raw = self._waiting or self._file.read(min(CHUNK, self._left))
            if not self._waiting:
                self._left -= len(raw)
                self._done += len(raw)
                self._meter.to(self._done)
            try:
                part = self._unpacking.decompress(raw, most)
            except zlib.error as error:
                raise _cut(str(self._path), f"a damaged one ({error})") from error
            self._waiting = self._unpacking.unconsumed_tail
            if part or not raw:
                return part
        return b""

    def finish(self, place: str) -> None:
        """Read to the check sum of a packed matrix. Raises `DataError` where it is cut or goes on."""
        if (self._unpacking is not None and (self._part(64) and self._part(64))) or (
            self._unpacking is not None and not self._unpacking.eof
        ):
            raise _cut(place, "a packed matrix that does not end")


def _source(file: BinaryIO, path: Path, length: int, *, is_packed: bool) -> _Bytes:
    """The bytes behind the tag of a matrix, which a packed one has within."""
    source = _Bytes(file, path, length, is_packed=is_packed)
    if is_packed:
        source.read(8)
    source.done = 0
    return source


def _element(source: _Bytes, order: str, place: str) -> tuple[int, int, bytes]:
    """Type and length of the next element, and its values where they are within its tag."""
    tag = source.read(8)
    if len(tag) < 8:
        raise _cut(place, "a matrix that ends before its values")
    first, length = struct.unpack(f"{order}II", tag)
    if first >> 16:  # four bytes of values or fewer, within the tag
        return first & 0xFFFF, first >> 16, bytes(tag[4:])
    return int(first), int(length), b""


def _small(source: _Bytes, order: str, place: str, most: int) -> tuple[int, bytes]:
    """The next element whole, of at most so many bytes."""
    kind, length, within = _element(source, order, place)
    if length > most:
        raise _cut(place, f"an element of {length:,} bytes")
    if within:
        return kind, within[:length]
    values = bytes(source.read(length + -length % 8))[:length]
    if len(values) < length:
        raise _cut(place, "a matrix that ends before its values")
    return kind, values


def _cut(place: str, received: str) -> DataError:
    return DataError(
        f"{place}: Expected a whole matrix. Received {shown(received)}; the file is cut or damaged."
    )


# Matrices ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Matrix:
    """The header of a matrix; its values follow in the bytes."""

    name: str
    code: int
    shape: tuple[int, ...]
    is_complex: bool
    is_logical: bool

    @classmethod
    def read(cls, source: _Bytes, order: str, place: str) -> _Matrix:
        """The next header. Raises `DataError`."""
        _, flags = _small(source, order, place, 16)
        _, sizes = _small(source, order, place, 4 * 32)
        _, name = _small(source, order, place, _LONGEST_NAME)
        if len(flags) < 4 or len(sizes) < 8 or len(sizes) % 4:
            raise _cut(place, "a matrix without sizes")
        (word,) = struct.unpack(f"{order}I", flags[:4])
        shape = struct.unpack(f"{order}{len(sizes) // 4}i", sizes)
        if min(shape) < 0:
            raise _cut(place, f"sizes {by(shape)}")
        return cls(name.decode("latin-1"), word & 0xFF, shape, bool(word & 0x800), bool(word & 0x200))


def _require_values(
    source: _Bytes, told: _Matrix, order: str, place: str
) -> tuple[np.dtype[np.generic], int, bytes]:
    """Type, bytes and start of the values that follow, which fit the sizes. Raises `DataError`."""
    kind, length, within = _element(source, order, place)
    count = math.prod(told.shape)
    if kind not in _STORED or length != count * np.dtype(_STORED[kind]).itemsize:
        raise _cut(place, f"{length:,} bytes of values for sizes {by(told.shape)}")
    return np.dtype(_STORED[kind]).newbyteorder("<" if order == "<" else ">"), length, within


def _values(source: _Bytes, told: _Matrix, order: str, place: str) -> Array:
    if told.code == _CELL:
        return _cells(source, told, order, place)
    if told.code == _CHAR:
        return _lines(source, told, order, place)
    dtype, length, within = _require_values(source, told, order, place)
    raw = within[:length] if within else source.read(length)
    if not within:
        source.read(-length % 8)
    if len(raw) != length:
        raise _cut(place, f"{len(raw):,} bytes instead of {length:,}")
    stored = np.frombuffer(raw, dtype)
    wanted = np.dtype(bool) if told.is_logical else np.dtype(_CLASSES[told.code])
    return stored.astype(wanted).reshape(told.shape[::-1]).T


def _lines(source: _Bytes, told: _Matrix, order: str, place: str) -> Array:
    """The lines of a matrix of characters."""
    count = math.prod(told.shape)
    if count > MOST_WORDS * 100 or len(told.shape) != 2 or told.shape[1] > LONGEST_WORD:
        raise _cut(place, f"words of sizes {by(told.shape)}")
    kind, values = _small(source, order, place, 4 * count + 8)
    encoding = {_UTF8: "utf-8", 2: "latin-1", 1: "latin-1"}.get(
        kind, "utf-16-le" if order == "<" else "utf-16-be"
    )
    text = values.decode(encoding, "replace").ljust(count)[:count]
    rows = told.shape[0]
    return np.array([text[i::rows].rstrip(" \0") if rows else "" for i in range(rows)])


def _cells(source: _Bytes, told: _Matrix, order: str, place: str) -> Array:
    """Cells of words, as one array of words."""
    count = math.prod(told.shape)
    if count > MOST_WORDS:
        raise _cut(place, f"{count:,} cells")
    words = []
    for _ in range(count):
        kind, length, _ = _element(source, order, place)
        inner = _Matrix.read(source, order, place) if kind == _MATRIX and length else None
        if inner is None or inner.code != _CHAR or inner.shape[0] > 1:
            raise DataError(f"{place}: Expected cells of words. Received cells of something else.")
        words.append(str(_lines(source, inner, order, place)[0]) if 0 not in inner.shape else "")
        if 0 in inner.shape:
            _small(source, order, place, 8)
    return np.array(words).reshape(told.shape[::-1]).T
