"""Texts as numbers: read from a file, each character its place in an alphabet, fetched in stretches."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nodes.reading.dataset import Array, WindowRows
from nodes.reading.error import DataError
from nodes.reading.kept import KeptAnswers
from nodes.reading.texts.encoding import encoding_of, pieces, require_room

MOST_CHARACTERS = 1 << 16
"""Different characters of an alphabet; every one is a class to predict."""
STRETCH = 1 << 20
"""Bytes that are read, or characters that are looked up, at a time."""


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


def outline(path: Path, encoding: str = "auto") -> TextOutline:
    """The alphabet and length of a text, read once for each version of the file. Raises `DataError`."""
    return _outlines.of_file(path, lambda: _outline(path, encoding), encoding)


def _outline(path: Path, encoding: str) -> TextOutline:
    seen, length = _Characters(), 0
    for piece in text_pieces(path, encoding):
        seen.see(piece)
        length += len(piece)
    alphabet = seen.alphabet()
    if len(alphabet) > MOST_CHARACTERS:
        raise DataError(
            f"{path}: Expected at most {MOST_CHARACTERS:,} different characters. Received {len(alphabet):,}."
        )
    return TextOutline(alphabet, length)


class _Characters:
    """Which characters there are. Of ASCII it takes those that it knows out of a piece, and few are left."""

    def __init__(self) -> None:
        self._ascii, self._seen = b"", np.zeros(sys.maxunicode + 1, bool)

    def see(self, piece: str) -> None:
        if piece.isascii():
            self._ascii += bytes(set(piece.encode("ascii").translate(None, self._ascii)))
        else:
            self._seen[np.frombuffer(piece.encode("utf-32-le"), np.uint32)] = True

    def alphabet(self) -> tuple[str, ...]:
        self._seen[list(self._ascii)] = True
        return tuple(map(chr, np.flatnonzero(self._seen)))


def read(path: Path, encoding: str = "auto") -> str:
    """A text, packed with gzip or not, with ends of lines as `\\n`. Raises `DataError`."""
    require_room(path)
    return "".join(text_pieces(path, encoding))


def text_pieces(path: Path, wanted: str = "auto") -> Iterator[str]:
    """The same text in pieces, of which one is held at a time. Raises `DataError`."""
    carried, is_return_alone = "", None
    for piece in pieces(path, encoding_of(path, wanted), size=STRETCH):
        text = carried + piece
        carried = "\r" if text.endswith("\r") else ""
        text = text.removesuffix("\r")
        if is_return_alone is None and ("\r" in text or "\n" in text):
            is_return_alone = _first_end(text) == "\r"
        text = text.replace("\r\n", "\n") if "\r" in text else text
        yield text.replace("\r", "\n") if is_return_alone else text
    yield "\n" if carried and is_return_alone is not False else carried


def _first_end(text: str) -> str:
    """The first end of a line. Where it is a return alone, as Macs once wrote, every return is one."""
    place = min(place for sign in "\r\n" if (place := text.find(sign)) >= 0)
    return "\r" if text[place] == "\r" and text[place + 1 : place + 2] != "\n" else "\n"


def tokens(text: str, alphabet: tuple[str, ...]) -> Array:
    """The place in the alphabet of each character, in the smallest type that holds it."""
    known = np.array([ord(character) for character in alphabet], np.uint32)
    found = np.empty(len(text), np.uint8 if len(alphabet) <= 256 else np.uint16)
    for start in range(0, len(text), STRETCH):
        points = np.frombuffer(text[start : start + STRETCH].encode("utf-32-le"), np.uint32)
        found[start : start + STRETCH] = np.searchsorted(known, points)
    return found
