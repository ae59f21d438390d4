"""MATLAB files of version 4: matrices one after another, each behind a header of 20 bytes."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nodes.reading.array.store import ArrayHead, refuse, require_some
from nodes.reading.dataset import Array, ArrayRows, Rows
from nodes.reading.error import DataError
from nodes.reading.opened import plain
from nodes.shared.card_label import by

_VALUES = {0: "f8", 1: "f4", 2: "i4", 3: "i2", 4: "u2", 5: "u1"}
_LONGEST_NAME = 256
_WHAT = "a MATLAB file of version 4"


@dataclass(frozen=True)
class Mat4Head(ArrayHead):
    """What a header says of a matrix, whose values begin at byte `offset` of the file."""

    offset: int = 0


@dataclass(frozen=True)
class Mat4File:
    """The matrices of a file, left on disk."""

    path: Path
    heads: Mapping[str, Mat4Head]
    refused: Mapping[str, DataError]
    format: str = "MATLAB 4 (.mat)"
    doubles: bool = True

    def in_memory(self, _name: str) -> bool:
        return False

    def rows(self, name: str) -> Rows:
        """A matrix, mapped. Raises `DataError`."""
        head = self.heads[name]
        with plain(self.path, _WHAT) as file:
            array: Array = np.memmap(file, head.dtype, "r", head.offset, head.shape, "F")
            return ArrayRows(array)


def open_mat_4(path: Path) -> Mat4File:
    """The matrices of a file, all of which fit its length. Raises `DataError`."""
    heads: dict[str, Mat4Head] = {}
    refused: dict[str, DataError] = {}
    with plain(path, _WHAT) as file:
        size = path.stat().st_size
        while len(start := file.read(20)) == 20:
            order = "<" if struct.unpack("<i", start[:4])[0] in range(10_000) else ">"
            kind, rows, columns, is_complex, length = struct.unpack(f"{order}5i", start)
            values, form = kind % 100 // 10, kind % 10
            if values not in _VALUES or not 0 < length <= _LONGEST_NAME or min(rows, columns) < 0:
                raise DataError(f"{path}: Expected {_WHAT}. Received a damaged header or another file.")
            name = file.read(length).rstrip(b"\0").decode("latin-1")
            dtype = np.dtype(_VALUES[values]).newbyteorder("<" if order == "<" else ">")
            head = Mat4Head((rows, columns), dtype, file.tell())
            end = head.offset + head.nbytes * (1 + bool(is_complex))
            if end > size:
                raise DataError(
                    f"{path}, array {name!r}: Expected a whole array of {head.nbytes:,} bytes for sizes "
                    f"{by(head.shape)}. Received {size - head.offset:,}; the file is cut or damaged."
                )
            if form or is_complex:
                refused[name] = refuse(path, name, "complex numbers" if is_complex else "text, or few values")
            elif head.nbytes:
                heads[name] = head
            require_some(path, len(heads) + len(refused))
            file.seek(end)
    return Mat4File(path, heads, refused)
