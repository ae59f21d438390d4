"""Tokens under the numbers of another vocabulary: those of data as they are now, for a network that was
trained before a sample was excluded or the parts were divided anew.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nodes.reading.dataset import Array, DataInfo, Rows
from nodes.reading.error import DataError
from nodes.reading.texts.vocabulary import UNKNOWN, Vocabulary


@dataclass(frozen=True)
class RenumberedRows:
    """Rows of tokens; `numbers` has for each token its number there."""

    rows: Rows
    numbers: NDArray[np.int64]

    @property
    def shape(self) -> tuple[int, ...]:
        return self.rows.shape

    @property
    def dtype(self) -> np.dtype[np.generic]:
        return self.rows.dtype

    def __len__(self) -> int:
        return len(self.rows)

    def fetch(self, indices: NDArray[np.int64]) -> Array:
        return self.numbers[self.rows.fetch(indices).astype(np.int64)].astype(self.rows.dtype)


def renumbered(rows: Rows, mine: Vocabulary | None, its: Vocabulary | None) -> Rows:
    """The same tokens as `its` numbers them; those it does not have are unknown. Raises `DataError` where
    texts are cut otherwise.
    """
    if mine is None or its is None or mine == its:
        return rows
    if mine.cutting != its.cutting or mine.cutting.kind == "byte-pair":
        raise DataError(
            "Train again to see which samples are worst. Expected texts cut into the tokens of the run. "
            f"Received {mine.cutting.kind} tokens that were fitted anew since then."
        )
    places = {token: number for number, token in enumerate(its.tokens)}
    first = mine.cutting.specials
    known = [*range(first), *(places.get(token, UNKNOWN) for token in mine.tokens[first:])]
    return RenumberedRows(rows, np.array(known, np.int64))


def vocabulary_of(info: DataInfo, port: str) -> Vocabulary | None:
    """The vocabulary of the tokens of a port of a data node; None where it has none."""
    if port == "input":
        return info.vocabulary
    has_tokens = info.target is not None and not info.target.is_float and info.target.rank > 1
    if port in ("target", "decoder_input") and has_tokens:
        return info.target_vocabulary or info.vocabulary
    return None
