"""Texts with their translations: two columns of a file, or the lines of two files.

The source goes in; the target is predicted token by token from the source and from the target so far, which
`decoder_input` hands out: it begins with a token of its own and is one token behind. Both are filled up,
each with a mask and a vocabulary of its own, fitted to the training part alone.
"""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import resources
from nodes.data_sets.declaration import path_label, path_param, split_param
from nodes.data_sets.texts import (
    MASK,
    TextSet,
    file_of,
    fill_param,
    first_line_param,
    read_as_param,
    reading_of,
    text_column_param,
    text_encoding_param,
    vocabulary_of,
)
from nodes.param import Int, Text
from nodes.reading.error import DataError
from nodes.spec import N, Port, TensorSpec

if TYPE_CHECKING:
    from nodes.reading.dataset import DataInfo, DataSet, DataSplit
    from nodes.reading.look import DataLook, Recognised
    from nodes.reading.split import DividedSamples
    from nodes.reading.texts.corpus import Corpus
    from nodes.reading.texts.filled_texts import TextFiller
    from nodes.reading.texts.vocabulary import Vocabulary
    from nodes.reading.unseen.rows import ExpectedData, UnseenRows

SPECIALS = 4
_WHICH = (
    *("target_path", "text_column", "target_text_column"),
    *("read_as", "first_line", "text_encoding"),
)
"""Parameters that say which texts of a file are read, and how."""
DECODER_INPUT = Port(
    "decoder_input",
    "the target so far: a beginning, then the target but its end (N, length)",
    "int",
    side=True,
)
TARGET_MASK = Port("target_mask", "1 where a target is, 0 where its row is filled up (N, length)", side=True)


class PairSet(TextSet):
    """What pairs of texts share: the source goes in, the target is predicted from it and itself so far."""

    more = (MASK, DECODER_INPUT, TARGET_MASK)

    target_length = Int(
        0, max=100_000, zero="length", help="Tokens of a translation; 0: as many as of a text."
    )

    def shown_title(self) -> str:
        return self.title

    @property
    def _in_front(self) -> bool:
        """Whether sources are filled up in front; targets are filled up behind."""
        return bool(self.values["fill"] == "in front")

    @property
    def _target_length(self) -> int:
        return self.target_length or self.length

    def describe(self) -> DataInfo:
        from nodes.reading.texts.bounds import vocabulary_bound

        corpus, cutting = self.corpus(), self.cutting(SPECIALS)
        assert corpus.others is not None
        divided = self._divided(corpus, 0)
        asked = (self.signature(), *self.values.items())
        bounds = [
            vocabulary_bound((*asked, place), texts, cutting, self.vocabulary_size)
            for place, texts in enumerate((corpus.texts, corpus.others))
        ]
        source = TensorSpec((N, self.length), "int64", classes=bounds[0])
        target = TensorSpec((N, self._target_length), "int64", classes=bounds[1])
        return self.info(
            title=self.shown_title(),
            samples=len(divided.train) + len(divided.validation),
            input=source,
            target=target,
            division=divided.division,
            stored=len(corpus),
            more=(
                ("mask", TensorSpec((N, self.length))),
                ("decoder_input", target),
                ("target_mask", TensorSpec((N, self._target_length))),
            ),
        )

    def load(self, seed: int) -> DataSet:
        from dataclasses import replace

        from nodes.reading.dataset import DataSet
        from nodes.reading.texts.filled_texts import require_countable
        from nodes.reading.texts.vocabulary import fitted

        corpus, cutting = self.corpus(), self.cutting(SPECIALS)
        require_countable(corpus, cutting)
        assert corpus.others is not None
        divided = self._divided(corpus, seed)
        source, target = (
            fitted((texts[i] for i in divided.train), cutting, self.vocabulary_size)
            for texts in (corpus.texts, corpus.others)
        )
        info = replace(self.describe(), vocabulary=source, target_vocabulary=target)
        fillers = self._fillers(corpus, source, target)
        parts = [self._rows(*fillers, places) for places in (divided.train, divided.validation)]
        notes = [*corpus.notes, *fillers[0].notes, *fillers[1].notes, *divided.notes]
        for place, (what, length) in enumerate(
            (("texts", self.length), ("translations", self._target_length))
        ):
            cut = sum(counts[place] for _, counts in parts)
            if cut:
                count = f"{cut:,} of {info.samples:,} {what}"
                notes.append(f"{count} have more than {length:,} tokens: their ends are left out")
        return DataSet(info, parts[0][0], parts[1][0], notes=notes)

    def unseen(self, path: Path, expected: ExpectedData) -> UnseenRows:
        """Texts without translations: lines of a file, or the column that pairs have their texts in."""
        from nodes.reading.texts.corpus import Columns, labelled
        from nodes.reading.texts.records import ReadingChoice
        from nodes.reading.unseen.cut_texts import TextFilling, UnseenTexts

        chosen = str(self.values.get("text_column", ""))
        how = reading_of(self.values) if "read_as" in self.values else ReadingChoice()
        corpus = labelled(path, how, Columns(chosen), "", "", wants_label=False)
        return UnseenTexts(corpus, vocabulary_of(path, expected), TextFilling(self.length, self._in_front))

    def _divided(self, corpus: Corpus, seed: int) -> DividedSamples:
        from nodes.reading import split

        split.require_samples(len(corpus), str(corpus.path), "pairs of texts")
        return self.divided(len(corpus), seed)

    def _fillers(
        self, corpus: Corpus, source: Vocabulary, target: Vocabulary
    ) -> tuple[TextFiller, TextFiller]:
        from nodes.reading.texts.filled_texts import TextFiller

        assert corpus.others is not None
        asked = tuple((name, str(self.values.get(name))) for name in _WHICH)
        given = TextFiller(corpus, corpus.texts, source, (*asked, "texts"), self.length)
        others = (*asked, "translations")
        return given, TextFiller(corpus, corpus.others, target, others, self._target_length, copies=2)

    def _rows(self, given: TextFiller, coming: TextFiller, places: Any) -> tuple[DataSplit, tuple[int, int]]:
        """The rows of a part, and how many of its texts and translations are cut."""
        from nodes.reading.dataset import DataSplit
        from nodes.reading.texts.spilled_tokens import Filling
        from nodes.reading.texts.vocabulary import BEGIN, END

        length = self._target_length
        own = given.filled(places, Filling(self.length, in_front=self._in_front))
        ahead = coming.filled(places, Filling(length, behind=(END,)))
        so_far = coming.filled(places, Filling(length, before=(BEGIN,)))
        more = {"mask": own.mask, "decoder_input": so_far.tokens, "target_mask": ahead.mask}
        return DataSplit(own.tokens, ahead.tokens, places=places, more=more), (own.cut, ahead.cut)


class TextPairs(PairSet):
    """Text pairs."""

    name = "text-pairs"
    title = "Text pairs"
    licence = "yours"
    description = (
        "Texts and their translations: two columns with a tab between them, a table, JSON lines, or two "
        "files of lines."
    )
    place = 76

    path = path_param()
    target_path = Text(
        "",
        suggestions="path",
        help="File of the translations, line by line, from the folder of the other; empty: the same file.",
    )
    text_column = text_column_param()
    target_text_column = Text("", help="Column of the translations; empty: the second.")
    fill = fill_param()
    split = split_param()
    read_as = read_as_param()
    first_line = first_line_param()
    text_encoding = text_encoding_param()

    @classmethod
    def recognise(cls, path: Path) -> Recognised | None:
        from nodes.reading.texts.recognition import recognised_pairs

        return recognised_pairs(path)

    def signature(self) -> Hashable:
        from nodes.reading.kept import signature

        other = self._other() if self.path else None
        return super().signature(), signature(other) if other is not None else None

    def _other(self) -> Path | None:
        """The file of the translations; None where they are in the same file."""
        return Path(self.path).parent / Path(self.target_path).expanduser() if self.target_path else None

    def corpus(self) -> Corpus:
        from nodes.reading.texts.corpus import Columns, paired

        path = file_of(self.path)
        if path.is_dir():
            raise DataError(f"{path}: Expected a file of texts and translations. Received a folder.")
        columns = Columns(self.text_column, other=self.target_text_column)
        return paired(path, self._other(), reading_of(self.values), columns)

    def shown_title(self) -> str:
        return Path(self.path).name

    def card_label(self) -> str:
        return path_label(self.path)

    def look(self, seed: int) -> DataLook:
        from dataclasses import replace

        from nodes.reading.look import Answer, Doubt

        base = super().look(seed)
        names = [part.name for part in base.parts if part.role in ("input", "target")][:2]
        own = (self.path, self.target_path) if self.target_path else tuple(names)
        keys = ("path", "target_path") if self.target_path else ("text_column", "target_text_column")
        turned = dict(zip(keys, reversed(own), strict=True))
        if self.target_path:
            other = self._other()
            turned = {"path": str(other), "target_path": str(Path(self.path).absolute())}
        answers = (
            Answer(f"From {names[0]} to {names[1]}", dict(zip(keys, own, strict=True))),
            Answer(f"From {names[1]} to {names[0]}", turned),
        )
        why = "nothing in the data says which is the translation"
        doubt = Doubt("Which way are texts translated?", why, answers, where=Path(self.path).name)
        return replace(base, doubts=(*base.doubts, doubt))

    def values_for_role(self, part: str, role: str) -> dict[str, Any]:
        """A column of texts is the input, one of translations the target."""
        named = {"input": "text_column", "target": "target_text_column"}
        if role not in named:
            raise DataError(f"{self.title}: Expected a role of input or target. Received {role!r}.")
        return {named[role]: part}


class EnglishSpanish(PairSet):
    """English–Spanish."""

    name = "english-spanish"
    title = "English–Spanish"
    licence = "CC0 1.0"
    description = "4,000 simple English sentences and their Spanish translations, made by rules of grammar."
    place = 61

    fill = fill_param()
    split = split_param()

    def corpus(self) -> Corpus:
        from nodes.reading.texts.corpus import Columns, paired
        from nodes.reading.texts.records import ReadingChoice

        return paired(resources.DATA / "english-spanish" / "pairs.tsv", None, ReadingChoice(), Columns())

    def card_label(self) -> str:
        return "4,000 pairs"
