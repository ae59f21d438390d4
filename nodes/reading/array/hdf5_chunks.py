"""Rows of an HDF5 data set in chunks: each chunk is unpacked within its size, the last ones are kept.

Chunks that are packed with deflate are unpacked here and not by the library, which unpacks whatever a chunk
holds; lzf and checksums are left to it, as their output cannot be much longer than their input.
"""

from __future__ import annotations

import itertools
import threading
import zlib
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodes.reading.array.hdf5_open import LIBRARY_ERRORS, h5d_of, open_file
from nodes.reading.dataset import Array
from nodes.reading.error import DataError
from nodes.reading.progress import tell
from nodes.shown_text import shown

DEFLATE, SHUFFLE, FLETCHER, LZF = 1, 2, 3, 32000
FILTERS = (DEFLATE, SHUFFLE, FLETCHER, LZF)
"""The filters that are read; others would be loaded from elsewhere, or say themselves how long they are."""
LARGEST_CHUNK = 256 << 20
"""Bytes of a chunk that are unpacked at once."""
KEPT = 64 << 20
"""Bytes of unpacked chunks that are kept for the next rows."""
SPARE = 1 << 16
"""Bytes by which a packed chunk may be longer than what is in it."""


@dataclass(eq=False)
class ChunkRows:
    """Rows of a chunked data set, `(rows, …)`; `fetch` may be called from any thread."""

    path: Path
    name: str
    address: str
    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]
    chunk: tuple[int, ...]
    filters: tuple[tuple[int, int], ...]
    """Code and size of elements of each filter, in the order in which values were packed."""
    _file: Any = field(default=None, repr=False)
    _set: Any = field(default=None, repr=False)
    _kept: OrderedDict[tuple[int, ...], Array] = field(default_factory=OrderedDict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @classmethod
    def of(cls, path: Path, name: str, address: str, data_set: Any) -> ChunkRows:
        """The rows of an open data set, whose chunks are no larger than they may be."""
        plan = data_set.get_create_plist()
        dtype = np.dtype(np.dtype(data_set.get_type().dtype).str)
        chunk = tuple(int(size) for size in plan.get_chunk())
        filters = []
        for i in range(plan.get_nfilters()):
            code, _, values, _ = plan.get_filter(i)
            filters.append((int(code), int(values[0]) if len(values) else 0))
        shape = tuple(int(size) for size in data_set.shape)
        return cls(path, name, address, shape, dtype, chunk, tuple(filters))

    def __len__(self) -> int:
        return self.shape[0]

    def fetch(self, indices: NDArray[np.int64]) -> Array:
        """These rows. Raises `DataError` where a chunk is damaged or holds more than it may."""
        indices = np.asarray(indices, np.int64)
        found = np.empty((len(indices), *self.shape[1:]), self.dtype)
        blocks = indices // self.chunk[0]
        others = [range(-(-size // step)) for size, step in zip(self.shape[1:], self.chunk[1:], strict=True)]
        for block in np.unique(blocks).tolist():
            tell(f"Reading {self.path.name}")
            places = np.flatnonzero(blocks == block)
            rows = indices[places] - block * self.chunk[0]
            for rest in itertools.product(*others):
                part = self._chunk((block, *rest))[rows]
                cut: Any = tuple(
                    slice(at * step, min((at + 1) * step, size))
                    for at, step, size in zip(rest, self.chunk[1:], self.shape[1:], strict=True)
                )
                inside = tuple(slice(0, one.stop - one.start) for one in cut)
                into: Any = (places, *cut)
                found[into] = part[:, *inside]
        return found

    def _chunk(self, at: tuple[int, ...]) -> Array:
        with self._lock:
            if at in self._kept:
                self._kept.move_to_end(at)
                return self._kept[at]
            try:
                values = self._read(at)
            except DataError:
                raise
            except LIBRARY_ERRORS as error:
                raise self._damaged(shown(str(error), 120)) from error
            self._kept[at] = values
            most = max(1, KEPT // max(1, values.nbytes))
            while len(self._kept) > most:
                self._kept.popitem(last=False)
            return values

    def _read(self, at: tuple[int, ...]) -> Array:
        data_set = self._opened()
        start = tuple(place * step for place, step in zip(at, self.chunk, strict=True))
        info = data_set.get_chunk_info_by_coord(start)
        if info.byte_offset is None or not info.size:
            filled = np.zeros((), self.dtype)
            data_set.get_create_plist().get_fill_value(filled)
            return np.broadcast_to(filled, self.chunk)
        nbytes = int(np.prod(self.chunk)) * self.dtype.itemsize
        if info.size > nbytes + nbytes // 8 + SPARE:
            raise self._damaged(f"a chunk of {info.size:,} packed bytes for {nbytes:,}")
        codes = [code for code, _ in self.filters]
        if self.filters and (LZF in codes or DEFLATE not in codes):
            return self._by_library(start)
        mask, raw = data_set.read_direct_chunk(start)
        values = self._unpacked(bytes(raw), int(mask), nbytes)
        return np.frombuffer(values, self.dtype).reshape(self.chunk)

    def _by_library(self, start: tuple[int, ...]) -> Array:
        import h5py

        ends = tuple(min(a + step, size) for a, step, size in zip(start, self.chunk, self.shape, strict=True))
        found = np.zeros(self.chunk, self.dtype)
        inside = tuple(slice(0, end - a) for a, end in zip(start, ends, strict=True))
        cut = tuple(slice(a, end) for a, end in zip(start, ends, strict=True))
        found[inside] = h5py.Dataset(self._opened())[cut]
        return found

    def _unpacked(self, raw: bytes, mask: int, nbytes: int) -> bytes:
        """What the filters packed, undone from the last to the first; never more than a chunk holds."""
        for i, (code, size) in reversed(list(enumerate(self.filters))):
            if mask >> i & 1:
                continue
            if code == DEFLATE:
                unpacking = zlib.decompressobj()
                raw = unpacking.decompress(raw, nbytes + 4 * len(self.filters) + 1)
                if len(raw) > nbytes + 4 * len(self.filters):
                    raise self._damaged(f"a chunk that unpacks to more than {nbytes:,} bytes")
            elif code == FLETCHER:
                raw = raw[:-4]
            elif code == SHUFFLE and size > 1:
                count = len(raw) // size
                turned = np.frombuffer(raw[: count * size], np.uint8).reshape(size, count).T
                raw = turned.tobytes() + raw[count * size :]
        if len(raw) != nbytes:
            raise self._damaged(f"a chunk of {len(raw):,} bytes instead of {nbytes:,}")
        return raw

    def _opened(self) -> Any:
        if self._set is None:
            self._file = open_file(self.path)
            self._set = h5d_of().open(self._file.id, self.address.encode())
        return self._set

    def _damaged(self, received: str) -> DataError:
        return DataError(
            f"{self.path}, array {self.name!r}: Expected values that can be read. Received {received}; "
            "the file is cut or damaged."
        )
