"""Texts of a corpus as rows of numbers of one length: in memory where they fit, else on disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from numpy.typing import NDArray

from nodes.reading import budget
from nodes.reading.dataset import ArrayRows, PartRows, Rows
from nodes.reading.texts.corpus import Corpus
from nodes.reading.texts.padded import padded
from nodes.reading.texts.spilled_tokens import FilledRows, Filling, SpilledTokens, spilled_tokens
from nodes.reading.texts.vocabulary import Cutting, Vocabulary

CELL = 5
"""Bytes of a token and its mask."""


@dataclass(frozen=True, eq=False)
class FilledTexts:
    """Rows `(texts, length)` int32, their uint8 mask, and how many texts were cut."""

    tokens: Rows
    mask: Rows
    cut: int


@dataclass(frozen=True, eq=False)
class TextFiller:
    """Makes rows of the texts of a corpus, which may be its translations.

    `asked` tells them from all other texts of the path. `copies`: how many rows are made of each text.
    """

    corpus: Corpus
    texts: Sequence[str]
    vocabulary: Vocabulary
    asked: object
    length: int
    copies: int = 1

    @property
    def notes(self) -> tuple[str, ...]:
        """Where the tokens lie, where they do not fit into memory."""
        return () if self._stored is None else self._stored.notes

    def filled(self, places: NDArray[Any], filling: Filling) -> FilledTexts:
        """The rows of the texts at these places. Raises `DataError`."""
        if self._stored is not None:
            tokens, mask = (FilledRows(self._stored, filling, is_mask=is_mask) for is_mask in (False, True))
            cut = self._stored.cut(places, filling)
            return FilledTexts(PartRows(tokens, places), PartRows(mask, places), cut)
        made = padded(
            (self.texts[i] for i in places),
            len(places),
            self.vocabulary,
            filling.length,
            before=filling.before,
            behind=filling.behind,
            in_front=filling.in_front,
            where=str(self.corpus.path),
        )
        return FilledTexts(ArrayRows(made.tokens), ArrayRows(made.mask), made.cut)

    @cached_property
    def _stored(self) -> SpilledTokens | None:
        needed = CELL * len(self.texts) * self.length * self.copies
        if not self.corpus.is_on_disk and needed <= budget.room():
            return None
        asked = (self.asked, self.corpus.version)
        return spilled_tokens(self.corpus.path, asked, self.texts, self.vocabulary, self.length)


def require_countable(corpus: Corpus, cutting: Cutting) -> None:
    """Raise `NoRoomError` where byte pairs are to be fitted to texts that do not fit into memory."""
    if corpus.is_on_disk and cutting.kind == "byte-pair":
        raise budget.no_room(
            str(corpus.path),
            corpus.size,
            f"{len(corpus):,} texts, to which byte pairs are fitted as a whole,",
            "cut them into words or characters, which are counted as they are read, or use fewer texts",
        )
