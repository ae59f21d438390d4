"""Texts as rows of numbers of one length: what is longer is cut, what is shorter filled up, with a mask."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nodes.reading import budget
from nodes.reading.texts.vocabulary import PADDING, UNKNOWN, Vocabulary


@dataclass(frozen=True, eq=False)
class PaddedTexts:
    """`tokens` (texts, length) int32, filled up with 0; `mask` (texts, length) uint8 is 1 where a token is.

    `lengths` are the tokens that each text has, `cut` how many texts were longer than there is room.
    """

    tokens: NDArray[np.int32]
    mask: NDArray[np.uint8]
    lengths: NDArray[np.int64]
    cut: int

    @property
    def unknown_share(self) -> float:
        """Share of the tokens that the vocabulary does not have; 0 where there are none."""
        count = int(self.mask.sum())
        return int((self.tokens == UNKNOWN).sum()) / count if count else 0.0


def padded(
    texts: Iterable[str],
    count: int,
    vocabulary: Vocabulary,
    length: int,
    *,
    before: tuple[int, ...] = (),
    behind: tuple[int, ...] = (),
    in_front: bool = False,
    where: str = "texts",
) -> PaddedTexts:
    """So many texts as rows of `length` numbers, with these numbers before and behind the tokens of each.

    A text that is cut keeps what stands `before` it and loses its end, and what stands `behind` it. Filled up
    behind, or `in_front`. Raises `NoRoomError`.
    """
    budget.require_room(where, 5 * count * length, f"{count:,} texts of {length:,} tokens")
    tokens = np.full((count, length), PADDING, np.int32)
    mask = np.zeros((count, length), np.uint8)
    lengths = np.zeros(count, np.int64)
    for row, found in enumerate(vocabulary.encode(texts)):
        whole = [*before, *found, *behind]
        lengths[row] = len(whole)
        kept = whole[:length]
        place = slice(length - len(kept), length) if in_front else slice(0, len(kept))
        tokens[row, place] = kept
        mask[row, place] = 1
    return PaddedTexts(tokens, mask, lengths, int((lengths > length).sum()))
