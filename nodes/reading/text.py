"""Texts as numbers: read from a file, each character its place in an alphabet, fetched in stretches."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nodes.reading.dataset import Array, WindowRows
from nodes.reading.error import DataError

LARGEST = 1 << 30
"""Bytes of the largest text that is read."""


@dataclass(frozen=True)
class TokenRows(WindowRows):
    """Windows of a text that is stored compactly; rows are int64, as embeddings want them."""

    @property
    def dtype(self) -> np.dtype[np.generic]:
        return np.dtype(np.int64)

    def fetch(self, indices: NDArray[np.int64]) -> Array:
        return super().fetch(indices).astype(np.int64)


def read(path: Path) -> str:
    """A UTF-8 text, packed with gzip where the name ends so. Raises `DataError`."""
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except (OSError, EOFError) as error:
        raise DataError(f"{path}: Expected a text file. Received: {error}.") from error
    if len(raw) > LARGEST:
        raise DataError(f"{path}: Expected a text of at most {LARGEST:,} bytes. Received a longer one.")
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{path}, line {line}: Expected UTF-8 text. Received the byte {raw[error.start]:#04x}; "
            "save the file as UTF-8."
        ) from error


def tokens(text: str, alphabet: tuple[str, ...]) -> Array:
    """The place in the alphabet of each character, in the smallest type that holds it."""
    points = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    known = np.array([ord(character) for character in alphabet], np.uint32)
    small = np.uint8 if len(alphabet) <= 256 else np.uint16 if len(alphabet) <= 65536 else np.uint32
    return np.searchsorted(known, points).astype(small)
