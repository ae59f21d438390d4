"""Texts for a trained network, each a sample: cut into tokens and numbered by the vocabulary of the run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nodes.reading.progress import Meter
from nodes.reading.texts.corpus import Corpus
from nodes.reading.texts.padded import padded
from nodes.reading.texts.vocabulary import Vocabulary
from nodes.reading.unseen.rows import UnseenBlock


@dataclass(frozen=True)
class TextFilling:
    """How texts become rows of one length: filled up in front or behind, perhaps with a token before each."""

    length: int
    in_front: bool = False
    before: tuple[int, ...] = ()


class UnseenTexts:
    """The texts of a corpus, `(rows, length)` int32, with the mask that says where they are."""

    place = "source"

    def __init__(self, corpus: Corpus, vocabulary: Vocabulary, filling: TextFilling) -> None:
        self._corpus, self._vocabulary, self._filling = corpus, vocabulary, filling
        self._cut = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """What is not used, and how many texts were cut so far."""
        if not self._cut:
            return self._corpus.notes
        cut = f"{self._cut:,} texts have more than {self._filling.length:,} tokens: their ends are left out"
        return (*self._corpus.notes, cut)

    def blocks(self, size: int) -> Iterator[UnseenBlock]:
        corpus, filling = self._corpus, self._filling
        meter = Meter(f"Reading {corpus.path.name}", len(corpus))
        for start in range(0, len(corpus), size):
            meter.to(start)
            texts = corpus.texts[start : start + size]
            made = padded(
                texts,
                len(texts),
                self._vocabulary,
                filling.length,
                before=filling.before,
                in_front=filling.in_front,
                where=str(corpus.path),
            )
            self._cut += made.cut
            stands, more = tuple(corpus.stands[start : start + size]), {"mask": made.mask}
            yield UnseenBlock(stands, made.tokens, more=more, texts=tuple(texts))
