"""Definitions of nouns from WordNet: many without labels, to learn a language from, and few with labels.

Both sets are cut by one vocabulary, that of the many, so that a network which has learnt from those can go on
with the few. No definition is in both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import resources
from nodes.data_sets.declaration import split_param
from nodes.data_sets.texts import TextSet, fill_param, vocabulary_of
from nodes.spec import N, TensorSpec

if TYPE_CHECKING:
    from pathlib import Path

    from nodes.reading.dataset import DataInfo, DataSet, DataSplit
    from nodes.reading.split import DividedSamples
    from nodes.reading.texts.corpus import Corpus
    from nodes.reading.texts.padded import PaddedTexts
    from nodes.reading.texts.vocabulary import Vocabulary
    from nodes.reading.unseen.rows import ExpectedData, UnseenRows

MANY = resources.DATA / "definitions" / "definitions.txt.gz"
FEW = resources.DATA / "labelled-definitions" / "labelled.csv"


class WordNetTexts(TextSet):
    """What both sets share: how they are cut, and by which vocabulary."""

    licence = "WordNet 3.0"

    fill = fill_param()
    split = split_param()

    def vocabulary(self) -> Vocabulary:
        """That of the definitions without labels, whichever of them train."""
        from nodes.reading.texts.bounds import kept_vocabulary

        return kept_vocabulary(MANY, _unlabelled().texts, self.cutting(2), self.vocabulary_size)

    def describe(self) -> DataInfo:
        corpus = self.corpus()
        divided = self._divided(corpus, 0)
        target = TensorSpec((N,), "int64", classes=len(corpus.classes)) if corpus.classes else None
        return self.info(
            samples=len(divided.train) + len(divided.validation),
            input=TensorSpec((N, self.length), "int64", classes=len(self.vocabulary())),
            target=target,
            classes=corpus.classes,
            division=divided.division,
            stored=len(corpus),
            more=(("mask", TensorSpec((N, self.length))),),
        )

    def load(self, seed: int) -> DataSet:
        from dataclasses import replace

        from nodes.reading.dataset import DataSet

        corpus, vocabulary = self.corpus(), self.vocabulary()
        divided = self._divided(corpus, seed)
        info = replace(self.describe(), vocabulary=vocabulary)
        parts = [self._rows(corpus, vocabulary, places) for places in (divided.train, divided.validation)]
        cut = sum(made.cut for _, made in parts)
        told = f"{cut:,} of {info.samples:,} texts have more than {self.length:,} tokens"
        notes = [*corpus.notes, *divided.notes, *([f"{told}: their ends are left out"] if cut else [])]
        return DataSet(info, parts[0][0], parts[1][0], notes=notes)

    def unseen(self, path: Path, expected: ExpectedData) -> UnseenRows:
        from nodes.reading.texts.corpus import Columns, labelled
        from nodes.reading.texts.records import ReadingChoice
        from nodes.reading.unseen.cut_texts import TextFilling, UnseenTexts

        corpus = labelled(path, ReadingChoice(), Columns(), "", "", wants_label=False)
        filling = TextFilling(self.length, self.fill == "in front")
        return UnseenTexts(corpus, vocabulary_of(path, expected), filling)

    def _divided(self, corpus: Corpus, seed: int) -> DividedSamples:
        import numpy as np

        from nodes.reading.split import SplitMarks

        labels = None if corpus.labels is None else np.array(corpus.labels)
        return self.divided(len(corpus), seed, SplitMarks(classes=labels, class_names=corpus.classes))

    def _rows(self, corpus: Corpus, vocabulary: Vocabulary, places: Any) -> tuple[DataSplit, PaddedTexts]:
        import numpy as np

        from nodes.reading.dataset import ArrayRows, DataSplit
        from nodes.reading.texts.padded import padded

        texts, in_front = [corpus.texts[i] for i in places], self.fill == "in front"
        made = padded(texts, len(texts), vocabulary, self.length, in_front=in_front, where=self.title)
        labels = corpus.labels
        target = None if labels is None else ArrayRows(np.array([labels[i] for i in places], np.int64))
        more = {"mask": ArrayRows(made.mask)}
        return DataSplit(ArrayRows(made.tokens), target, places=places, more=more), made


class Definitions(WordNetTexts):
    """Definitions."""

    name = "definitions"
    title = "Definitions"
    description = "33,849 short definitions of nouns from WordNet, without labels: to learn words from words."
    place = 62

    def corpus(self) -> Corpus:
        return _unlabelled()

    def card_label(self) -> str:
        return "33,849 texts"


class LabelledDefinitions(WordNetTexts):
    """Labelled definitions."""

    name = "labelled-definitions"
    title = "Labelled definitions"
    description = (
        "1,600 other definitions of WordNet, 200 of each of eight classes: animal, artifact, food, "
        "location, object, plant, substance, time."
    )
    place = 62

    def corpus(self) -> Corpus:
        from nodes.reading.texts.corpus import Columns, labelled
        from nodes.reading.texts.records import ReadingChoice

        columns = Columns("definition", "class")
        how = ReadingChoice("utf-8", "table", "yes")
        return labelled(FEW, how, columns, "", "", wants_label=True)

    def card_label(self) -> str:
        return "1,600 texts, 8 classes"


def _unlabelled() -> Corpus:
    from nodes.reading.texts.corpus import Columns, labelled
    from nodes.reading.texts.records import ReadingChoice

    how = ReadingChoice("utf-8", "lines", "no")
    return labelled(MANY, how, Columns(), "", "", wants_label=False)
