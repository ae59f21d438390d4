"""Texts as numbers: read from a file, each character its place in an alphabet, fetched in stretches."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nodes.reading import budget
from nodes.reading.dataset import Array, WindowRows
from nodes.reading.error import DataError
from nodes.reading.kept import KeptAnswers
from nodes.reading.opened import opened

LARGEST = 1 << 30
"""Bytes of the largest text that is read."""
MOST_CHARACTERS = 1 << 16
"""Different characters of an alphabet; every one is a class to predict."""
BYTES_FOR_ONE = 8
"""Bytes of memory for each byte of a text while it is read: the bytes, the characters, and their places."""
STRETCH = 1 << 20
"""Characters that are looked up at a time."""


@dataclass(frozen=True)
class TextOutline:
    """What one reading learnt of a text: its characters in code-point order, and its length."""

    alphabet: tuple[str, ...]
    length: int


@dataclass(frozen=True)
class TokenRows(WindowRows):
    """Windows of a text that is stored compactly; rows are int64, as embeddings want them."""

    @property
    def dtype(self) -> np.dtype[np.generic]:
        return np.dtype(np.int64)

    def fetch(self, indices: NDArray[np.int64]) -> Array:
        return super().fetch(indices).astype(np.int64)


_outlines: KeptAnswers[TextOutline] = KeptAnswers(16)


def outline(path: Path) -> TextOutline:
    """The alphabet and length of a text, read once for each version of the file. Raises `DataError`."""
    return _outlines.of_file(path, lambda: _outline(path, read(path)))


def read(path: Path) -> str:
    """A UTF-8 text, packed with gzip or not. Raises `DataError`."""
    raw = _read(path)
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{path}, line {line}: Expected UTF-8 text. Received the byte {raw[error.start]:#04x}; "
            "save the file as UTF-8."
        ) from error


def _read(path: Path) -> bytearray:
    most = min(LARGEST, budget.room() // BYTES_FOR_ONE)
    with opened(path, "a text file") as file:
        raw = bytearray() if file.size > most and not file.is_packed else file.read(most + 1)
        length = len(raw) or file.size
    if length > LARGEST:
        raise DataError(f"{path}: Expected a text of at most {LARGEST:,} bytes. Received a longer one.")
    if length > most:
        raise budget.no_room(str(path), BYTES_FOR_ONE * length, "characters")
    return raw


def _outline(path: Path, text: str) -> TextOutline:
    alphabet = tuple(sorted(set(text)))
    if len(alphabet) > MOST_CHARACTERS:
        raise DataError(
            f"{path}: Expected at most {MOST_CHARACTERS:,} different characters. Received {len(alphabet):,}."
        )
    return TextOutline(alphabet, len(text))


def tokens(text: str, alphabet: tuple[str, ...]) -> Array:
    """The place in the alphabet of each character, in the smallest type that holds it."""
    known = np.array([ord(character) for character in alphabet], np.uint32)
    found = np.empty(len(text), np.uint8 if len(alphabet) <= 256 else np.uint16)
    for start in range(0, len(text), STRETCH):
        points = np.frombuffer(text[start : start + STRETCH].encode("utf-32-le"), np.uint32)
        found[start : start + STRETCH] = np.searchsorted(known, points)
    return found
