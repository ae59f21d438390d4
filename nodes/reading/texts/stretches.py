"""One long text as stretches of tokens: the vocabulary is fitted to its beginning, which trains; its end
validates. Nothing that validates is seen in training, not even as the last target of a stretch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from nodes.reading import budget, text
from nodes.reading.dataset import Array
from nodes.reading.error import DataError
from nodes.reading.kept import KeptAnswers
from nodes.reading.spilled.cache import spilled
from nodes.reading.spilled.writing import SpillWriter
from nodes.reading.texts.encoding import fits, size_of
from nodes.reading.texts.vocabulary import Cutting, Vocabulary, fitted

PART = 1 << 16
"""Characters that are cut at a time, to the next end of a line."""


SHORTEST = 3
"""Bytes of text for each token, at least on average."""
WORD_BYTES = 40
"""Bytes of memory that a character of a text takes, about, while it is cut into words or byte pairs."""


@dataclass(frozen=True, eq=False)
class CutText:
    """A text as tokens of a vocabulary: those to train and those to validate, each `(tokens,)` int32; and
    where they lie, where they do not fit into memory."""

    vocabulary: Vocabulary
    train: Array
    validation: Array
    notes: tuple[str, ...] = ()


_cut: KeptAnswers[CutText] = KeptAnswers(2)


def cut_text(path: Path, encoding: str, cutting: Cutting, most: int, share: float) -> CutText:
    """The tokens of a text; `share` of its characters validate. Raises `DataError`."""
    return _cut.of_file(
        path, lambda: _cut_text(path, encoding, cutting, most, share), encoding, cutting, most, share
    )


def characters_of(path: Path, encoding: str, alphabet: tuple[str, ...]) -> tuple[Array, tuple[str, ...]]:
    """The place in the alphabet of each character of a text, `(characters,)`, and where they lie, where they
    do not fit into memory. Raises `DataError`."""
    if fits(path):
        return text.tokens(text.read(path, encoding), alphabet), ()

    def write(writer: SpillWriter) -> bytes:
        stored = writer.array("tokens", text.tokens("", alphabet).dtype)
        for piece in text.text_pieces(path, encoding):
            stored.add(text.tokens(piece, alphabet))
        return b"null"

    needed = size_of(path) * text.tokens("", alphabet).itemsize
    found = spilled((path,), ("characters", encoding, alphabet), needed, write)
    return found.arrays["tokens"], found.notes


def _cut_text(path: Path, encoding: str, cutting: Cutting, most: int, share: float) -> CutText:
    size = size_of(path)
    if not size:
        raise DataError(f"{path}: Expected a text. Received an empty file.")
    if WORD_BYTES * size > budget.room():
        return _spilled(path, encoding, cutting, most, share)
    whole = text.read(path, encoding)
    if not whole:
        raise DataError(f"{path}: Expected a text. Received an empty file.")
    border = _border(path, encoding, len(whole), share)
    begun, ended = whole[:border], whole[border:]
    vocabulary = fitted(_parts((begun,)), cutting, most)
    train, validation = (
        np.array([number for numbers in vocabulary.encode(_parts((part,))) for number in numbers], np.int32)
        for part in (begun, ended)
    )
    return CutText(vocabulary, train, validation)


def _spilled(path: Path, encoding: str, cutting: Cutting, most: int, share: float) -> CutText:
    """The same tokens in files of the cache; the text is gone through a few times and never held."""
    if cutting.kind == "byte-pair":
        advice = "cut it into words or characters, which are counted as they are read, or use a shorter text"
        what = f"{size_of(path):,} bytes of text, to whose training part byte pairs are fitted as a whole,"
        budget.require_room(str(path), WORD_BYTES * size_of(path), what, advice)

    def write(writer: SpillWriter) -> bytes:
        length = sum(map(len, text.text_pieces(path, encoding)))
        border = _border(path, encoding, length, share)
        vocabulary = fitted(_parts(_stretch(path, encoding, 0, border)), cutting, most)
        for name, begin, end in (("train", 0, border), ("validation", border, length)):
            stored = writer.array(name, np.int32)
            for numbers in vocabulary.encode(_parts(_stretch(path, encoding, begin, end))):
                stored.add(np.array(numbers, np.int32))
        return msgspec.json.encode(vocabulary)

    needed = 4 * size_of(path) // SHORTEST
    found = spilled((path,), ("words", encoding, cutting, most, share), needed, write)
    vocabulary = msgspec.json.decode(found.learnt, type=Vocabulary)
    return CutText(vocabulary, found.arrays["train"], found.arrays["validation"], found.notes)


def _stretch(path: Path, encoding: str, begin: int, end: int) -> Iterator[str]:
    """The characters of a text from one place to another, in pieces."""
    at = 0
    for piece in text.text_pieces(path, encoding):
        if at < end and at + len(piece) > begin:
            yield piece[max(begin - at, 0) : end - at]
        at += len(piece)


def _border(path: Path, encoding: str, length: int, share: float) -> int:
    """Where the part that validates begins: at a line or a word near its share of so many characters."""
    place = round(length * (1.0 - share)) if share else length
    if not share:
        return place
    first = max(0, place - PART)
    near = "".join(_stretch(path, encoding, first, place))
    return _line_start(near, first, 0, len(near))


def _line_start(held: str, before: int, start: int, end: int) -> int:
    """The last start of a line, or of a word, between two places of a held text, which has so many characters
    `before` it; the second place where there is none, or the text begins there."""
    for sign in ("\n", " "):
        found = held.rfind(sign, start, end)
        if found >= 0 and before + found > 0:
            return before + found
    return before + end


def _parts(pieces: Iterable[str]) -> Iterator[str]:
    """The text of these pieces in parts that end before a line or a word begins, so that no token is cut."""
    held, at, before = "", 0, 0
    for piece in pieces:
        held, before, at = held[at:] + piece, before + at, 0
        while len(held) - at > PART:
            end = _line_start(held, before, at, at + PART) - before
            end = end if end > at else at + PART
            yield held[at:end]
            at = end
    if at < len(held):
        yield held[at:]
