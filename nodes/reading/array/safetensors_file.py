"""Tensors of safetensors files: a length, a description in JSON, then the values, which are mapped."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodes.reading.array.store import ArrayHead, refuse, require_some
from nodes.reading.dataset import Array, ArrayRows, Rows
from nodes.reading.error import DataError
from nodes.reading.opened import plain
from nodes.shown_text import quoted, shown

LONGEST_HEADER = 8 << 20
"""Bytes of the description."""
_DTYPES = {
    "BOOL": "?",
    "U8": "u1",
    "I8": "i1",
    "I16": "<i2",
    "U16": "<u2",
    "F16": "<f2",
    "I32": "<i4",
    "U32": "<u4",
    "F32": "<f4",
    "F64": "<f8",
    "I64": "<i8",
    "U64": "<u8",
    "BF16": "<u2",
}
_WHAT = "a safetensors file"


@dataclass(frozen=True)
class TensorHead(ArrayHead):
    """What the description says of a tensor, whose values begin at byte `offset` of the file."""

    offset: int = 0
    is_bfloat: bool = False


@dataclass(frozen=True)
class SafetensorsFile:
    """The tensors of a file, left on disk."""

    path: Path
    heads: Mapping[str, TensorHead]
    refused: Mapping[str, DataError]
    format: str = "safetensors"
    doubles: bool = False

    def in_memory(self, _name: str) -> bool:
        return False

    def rows(self, name: str) -> Rows:
        """A tensor, mapped. Raises `DataError`."""
        head = self.heads[name]
        with plain(self.path, _WHAT) as file:
            stored = np.dtype("<u2") if head.is_bfloat else head.dtype
            array: Array = np.memmap(file, stored, "r", head.offset, head.shape)
            return BfloatRows(array) if head.is_bfloat else ArrayRows(array)


@dataclass(frozen=True)
class BfloatRows:
    """Rows of bfloat16, which NumPy does not have, as float32."""

    array: Array

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape

    @property
    def dtype(self) -> np.dtype[np.generic]:
        return np.dtype(np.float32)

    def __len__(self) -> int:
        return len(self.array)

    def fetch(self, indices: NDArray[np.int64]) -> Array:
        return (self.array[indices].astype(np.uint32) << 16).view(np.float32)


def open_safetensors(path: Path) -> SafetensorsFile:
    """The tensors of a file, all of which fit its length. Raises `DataError`."""
    with plain(path, _WHAT) as file:
        size = path.stat().st_size
        length = int.from_bytes(file.read(8), "little")
        if not 2 <= length <= min(LONGEST_HEADER, size - 8):
            raise DataError(f"{path}: Expected {_WHAT}. Received a description of {length:,} bytes.")
        told = _parsed(path, file.read(length))
    require_some(path, len(told))
    heads: dict[str, TensorHead] = {}
    refused: dict[str, DataError] = {}
    for name, about in told.items():
        if name == "__metadata__":
            continue
        head = _head(path, name, about, 8 + length, size)
        if isinstance(head, DataError):
            refused[name] = head
        elif 0 not in head.shape:
            heads[name] = head
    return SafetensorsFile(path, heads, refused)


def _parsed(path: Path, text: bytes) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: Expected {_WHAT}. Received a damaged description.") from error
    if not isinstance(told, dict):
        raise DataError(f"{path}: Expected {_WHAT}. Received a description without names.")
    return told


def _head(path: Path, name: str, about: Any, start: int, size: int) -> TensorHead | DataError:
    """A tensor; as an error where its type is none that can be used. Raises `DataError` for a lie."""
    place = f"{path}, array {shown(name)!r}"
    about = about if isinstance(about, dict) else {}
    kind, shape, span = about.get("dtype"), about.get("shape"), about.get("data_offsets")
    if not _are_whole(shape, 32) or not _are_whole(span, 2) or len(span) != 2:
        raise DataError(f"{place}: Expected a shape and two offsets. Received {quoted(about)}.")
    if not isinstance(kind, str) or kind not in _DTYPES:
        return refuse(path, name, quoted(kind))
    dtype = np.dtype(_DTYPES[kind])
    wanted = math.prod(shape) * dtype.itemsize
    if span[1] - span[0] != wanted or start + span[1] > size:
        raise DataError(
            f"{place}: Expected a whole array of {wanted:,} bytes. Received bytes {span[0]:,} to {span[1]:,} "
            f"of {size - start:,}; the file is cut or damaged."
        )
    is_bfloat = kind == "BF16"
    return TensorHead(tuple(shape), np.dtype("f4") if is_bfloat else dtype, start + span[0], is_bfloat)


def _are_whole(values: Any, most: int) -> bool:
    return (
        isinstance(values, list)
        and len(values) <= most
        and all(type(value) is int and 0 <= value < 1 << 62 for value in values)
    )
