"""A file of bytes, opened for a reader: a regular one, unpacked where it is packed, within its budget.

Whatever is wrong with the file itself (it is not there, it is a pipe, it is damaged or cut) becomes one
`DataError` that names it. What the bytes mean is the reader's business.
"""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from nodes.reading import budget
from nodes.reading.error import DataError
from nodes.reading.progress import Meter
from nodes.regular_file import open_regular

CHUNK = 1 << 20
"""Bytes that are read at a time."""
READS, BYTES_PER_READ = 100_000, 64
"""Times that a packed file is read from: so many, and one for so many bytes of it. What is unpacked takes one
for thousands of bytes; a name without end and empty parts take one for a byte or two.
"""
PADDING = 1 << 18
"""Zero bytes that may fill up the end of a packed file; they are read one at a time."""
GZIP = b"\x1f\x8b"
"""The first bytes of a file that is packed with gzip."""


class Opened:
    """The bytes of an open file from its beginning, unpacked where it is packed.

    `size` is the bytes on disk, `start` the first few of them. Reading tells how far it is and can be called
    off.
    """

    def __init__(
        self, path: Path, raw: BinaryIO, size: int, source: BinaryIO | gzip.GzipFile, start: bytes = b""
    ) -> None:
        self.path, self.size, self.is_packed, self.start = path, size, source is not raw, start
        self._raw, self._source, self._count = raw, source, 0
        self._meter = Meter(f"Reading {path.name}", size)

    def read(self, count: int) -> bytearray:
        """The next so many bytes; fewer at the end. Raises `DataError` beyond the budget of a packed file."""
        parts = bytearray()
        while len(parts) < count and (part := self._source.read(min(CHUNK, count - len(parts)))):
            parts += part
            self._see(len(part))
        return parts

    def pass_over(self, count: int) -> int:
        """Read so many bytes and keep none; says how many there were. Raises `DataError` as `read` does."""
        passed = 0
        while passed < count and (part := self._source.read(min(CHUNK, count - passed))):
            passed += len(part)
            self._see(len(part))
        return passed

    def _see(self, count: int) -> None:
        self._count += count
        if self.is_packed and self._count > budget.most_unpacked(self.size):
            raise budget.too_packed(str(self.path), self.size, "more")
        self._meter.to(self._raw.tell())


class _InParts:
    """A packed file as its reader reads it, and how often."""

    def __init__(self, path: Path, raw: BinaryIO, size: int) -> None:
        self._path, self._raw, self._left, self._zeros = path, raw, READS + size // BYTES_PER_READ, 0

    def read(self, count: int = -1, /) -> bytes:
        self._left -= 1
        if self._left < 0:
            raise self._refused("too many parts for the size of the file")
        part = self._raw.read(count)
        self._zeros = self._zeros + 1 if part == b"\0" else 0
        if self._zeros > PADDING:
            raise self._refused(f"more than {PADDING:,} zero bytes behind the data")
        return part

    def _refused(self, received: str) -> DataError:
        return DataError(f"{self._path}: Expected packed data. Received {received}; pack it again.")


@contextmanager
def plain(path: Path, what: str) -> Iterator[BinaryIO]:
    """Open a regular file as it is, packed or not; `what` says what is expected, as in "a text file".

    Raises `DataError` for what cannot be opened or is not to be read to its end.
    """
    try:
        file = open_regular(path)
    except (OSError, ValueError) as error:  # ValueError: a path that no file can have
        raise unreadable(path, what, error) from error
    with file:
        try:
            yield file
        except OSError as error:
            raise unreadable(path, what, error) from error


@contextmanager
def opened(path: Path, what: str) -> Iterator[Opened]:
    """Open a regular file and unpack it; `what` says what is expected, as in "a text file".

    Raises `DataError` for what cannot be opened, and for damage that is found while it is read.
    """
    with ExitStack() as stack:
        raw = stack.enter_context(plain(path, what))
        size = raw.seek(0, os.SEEK_END)
        raw.seek(0)
        start = raw.read(4)
        is_packed = start.startswith(GZIP)
        raw.seek(0)
        packed = cast(BinaryIO, _InParts(path, raw, size))
        source = stack.enter_context(gzip.GzipFile(fileobj=packed)) if is_packed else raw
        try:
            yield Opened(path, raw, size, source, start)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DataError(f"{path}: Expected {what}. Received a damaged one ({error}).") from error


def unreadable(path: Path, what: str, error: OSError | ValueError) -> DataError:
    """The error of a file that the system does not let us read."""
    return DataError(f"{path}: Expected {what}. Received: {getattr(error, 'strerror', None) or error}.")
