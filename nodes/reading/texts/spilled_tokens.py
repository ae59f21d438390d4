"""Tokens of many texts in files of the cache, and the rows of one length that are made of them.

A row is the same as `nodes.reading.texts.padded` makes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nodes.reading.dataset import Array
from nodes.reading.progress import Meter
from nodes.reading.spilled import pages
from nodes.reading.spilled.cache import spilled
from nodes.reading.spilled.cells import in_blocks
from nodes.reading.spilled.writing import SpillWriter
from nodes.reading.texts.vocabulary import PADDING, Vocabulary

SHORT = 1 << 16
"""Tokens of a vocabulary whose numbers take two bytes."""


@dataclass(frozen=True)
class Filling:
    """How texts become rows of `length` numbers: with these numbers before and behind the tokens of each,
    filled up behind, or in front."""

    length: int
    before: tuple[int, ...] = ()
    behind: tuple[int, ...] = ()
    in_front: bool = False


@dataclass(frozen=True, eq=False)
class SpilledTokens:
    """The first tokens of each text, one text after the other: `ends` (texts) says where each ends, `lengths`
    (texts) how many tokens it has in all."""

    tokens: Array
    ends: Array
    lengths: Array
    notes: tuple[str, ...] = ()

    def cut(self, places: NDArray[np.int64], filling: Filling) -> int:
        """How many of these texts are longer than a row."""
        more = len(filling.before) + len(filling.behind)
        return int((np.asarray(self.lengths[places], np.int64) + more > filling.length).sum())


@dataclass(frozen=True, eq=False)
class FilledRows:
    """Rows `(texts, length)`: int32 tokens, or the uint8 mask that is 1 where one is."""

    stored: SpilledTokens
    filling: Filling
    is_mask: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self.stored.lengths), self.filling.length)

    @property
    def dtype(self) -> np.dtype[np.generic]:
        return np.dtype(np.uint8 if self.is_mask else np.int32)

    def __len__(self) -> int:
        return len(self.stored.lengths)

    def fetch(self, indices: NDArray[np.int64]) -> Array:
        stored, filling = self.stored, self.filling
        before, length = len(filling.before), filling.length
        lengths = np.asarray(stored.lengths[indices], np.int64)[:, None]
        whole = np.minimum(before + lengths + len(filling.behind), length)
        # the place of each cell among the numbers of its text, of which there are `whole`
        at = np.arange(length)[None] - (length - whole if filling.in_front else 0)
        is_there = (at >= 0) & (at < whole)
        if self.is_mask:
            return is_there.astype(np.uint8)
        rows = np.full((len(indices), length), PADDING, np.int32)
        begins = np.where(indices > 0, stored.ends[indices - 1], 0)[:, None]
        is_text = is_there & (at >= before) & (at - before < lengths)
        rows[is_text] = stored.tokens[(begins + at - before)[is_text]]
        pages.seen(stored.tokens, len(indices) * pages.AROUND)
        for place, number in enumerate(filling.before):
            rows[is_there & (at == place)] = number
        for place, number in enumerate(filling.behind):
            rows[is_there & (at - before - lengths == place)] = number
        return rows


def spilled_tokens(
    path: Path, asked: object, texts: Sequence[str], vocabulary: Vocabulary, most: int
) -> SpilledTokens:
    """The first `most` tokens of each of these texts; `asked` tells the texts of the path from all others.

    Raises `DataError`.
    """

    def write(writer: SpillWriter) -> bytes:
        tokens = writer.array("tokens", np.uint16 if len(vocabulary) <= SHORT else np.int32)
        ends, lengths = writer.array("ends", np.int64), writer.array("lengths", np.int64)
        meter = Meter(f"Cutting the texts of {path.name}", len(texts))
        for some in in_blocks(vocabulary.encode(iter(texts))):
            kept = [numbers[:most] for numbers in some]
            ends.add(tokens.rows + np.cumsum(np.array([len(one) for one in kept], np.int64)))
            tokens.add(np.array([number for one in kept for number in one], np.int32))
            lengths.add(np.array([len(one) for one in some], np.int64))
            meter.to(lengths.rows)
        return b"null"

    how = ("tokens", asked, vocabulary.cutting, vocabulary.tokens, vocabulary.merges, most)
    needed = 16 * len(texts) + 2 * most * len(texts)
    found = spilled((path,), how, needed, write)
    arrays = found.arrays
    return SpilledTokens(arrays["tokens"], arrays["ends"], arrays["lengths"], found.notes)
