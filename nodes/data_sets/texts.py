"""Texts, each a sample: lines of a file, a column of a table or of JSON lines, files of a folder.

Texts are cut into tokens whose vocabulary is fitted to the training part alone; labels, or the next tokens,
are predicted. A mask says where a text is and where its row is filled up.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from nodes.data_sets.declaration import (
    DataSetDeclaration,
    found_choice,
    group_column_param,
    labels_param,
    path_label,
    path_param,
    split_column_param,
    split_param,
)
from nodes.param import Bool, Choice, Int, Text
from nodes.reading.error import DataError
from nodes.reading.labels.choices import NO
from nodes.spec import N, Port, TensorSpec

if TYPE_CHECKING:
    from nodes.reading.dataset import DataInfo, DataSet, DataSplit, Rows
    from nodes.reading.look import DataLook, Recognised
    from nodes.reading.split import DividedSamples
    from nodes.reading.texts.corpus import Corpus
    from nodes.reading.texts.filled_texts import TextFiller
    from nodes.reading.texts.records import ReadingChoice
    from nodes.reading.texts.vocabulary import Cutting, Vocabulary
    from nodes.reading.unseen.rows import ExpectedData, UnseenRows

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "windows-1252", "latin-1")
MASK = Port("mask", "1 where a token is, 0 where the row is filled up (N, length)", side=True)
_WHICH = (
    *("text_column", "label_column", "split_column", "group_column"),
    *("predict", "read_as", "first_line", "text_encoding", "several_labels"),
)
"""Parameters that say which texts of a file are read, and how."""
SMALLEST_OF_PAIRS = 260
"""Tokens of the smallest vocabulary of byte pairs: the bytes, and those that stand for no byte."""


def tokens_param() -> Choice:
    """The parameter `tokens`."""
    return Choice(
        "auto",
        choices=("auto", "character", "word", "byte-pair"),
        help="What a text is cut into; auto: words, and characters where one long text is continued.",
    )


def vocabulary_param() -> Int:
    """The parameter `vocabulary_size`."""
    return Int(
        8000,
        min=16,
        max=1 << 20,
        label="Vocabulary",
        help="Most tokens that are told apart; of words and characters the most frequent ones.",
    )


def lowercase_param() -> Bool:
    """The parameter `lowercase`."""
    return Bool(False, help="Do not tell capital letters apart.")


def text_encoding_param() -> Choice:
    """The parameter `text_encoding`."""
    return Choice(
        "auto",
        choices=(
            "auto",
            "utf-8",
            "utf-16-le",
            "utf-16-be",
            "utf-32-le",
            "utf-32-be",
            "windows-1252",
            "windows-1250",
            "windows-1251",
            "latin-1",
        ),
        advanced=True,
        help="How characters are written as bytes; auto: found by looking.",
    )


def require_room_for_bytes(kind: str, vocabulary_size: int) -> None:
    """Raise `DataError` where a vocabulary of byte pairs has no room for every byte."""
    if kind == "byte-pair" and vocabulary_size < SMALLEST_OF_PAIRS:
        raise DataError(
            f"vocabulary_size: Expected at least {SMALLEST_OF_PAIRS} tokens for byte pairs. "
            f"Received {vocabulary_size}."
        )


def fill_param() -> Choice:
    """The parameter `fill`."""
    return Choice(
        "in front",
        choices=("in front", "behind"),
        advanced=True,
        help="Where short texts are filled up; in front, the last step of a recurrent layer has seen all.",
    )


def text_column_param() -> Text:
    """The parameter `text_column`."""
    return Text("", help="Column of the texts; empty: the longest texts (of pairs: the first column).")


def read_as_param() -> Choice:
    """The parameter `read_as`."""
    return found_choice(
        "lines",
        "table",
        "json-lines",
        help="A text in each line, a table (CSV, TSV) or JSON lines; auto: as the file is.",
    )


def first_line_param() -> Choice:
    """The parameter `first_line`."""
    return found_choice(
        "names",
        "data",
        help="Whether the first line of a table names the columns; auto: found by looking.",
    )


def file_of(path: str) -> Path:
    """The file or folder of this path. Raises `DataError` where none is chosen."""
    if not path:
        raise DataError("path: Expected a file or folder of texts. Received nothing; choose one.")
    return Path(path)


def vocabulary_of(path: Path, expected: ExpectedData) -> Vocabulary:
    """The vocabulary by which a trained network reads texts. Raises `DataError` where nobody kept it."""
    if expected.info.vocabulary is None:
        raise DataError(f"{path}: Expected the vocabulary of the run. Received a run without one.")
    return expected.info.vocabulary


def reading_of(values: Mapping[str, Any]) -> ReadingChoice:
    """How these parameters say that a file is read."""
    from nodes.reading.texts.records import ReadingChoice

    header = {"names": "yes", "data": "no"}.get(values["first_line"], "auto")
    lists = values.get("several_labels", NO) != NO
    return ReadingChoice(values["text_encoding"], values["read_as"], header, lists)


class TextSet(DataSetDeclaration):
    """What sets of texts share: how texts are cut, and that a mask says where they are."""

    kind = "texts"
    more: ClassVar[tuple[Port, ...]] = (MASK,)
    without = ("scaling",)

    tokens = tokens_param()
    vocabulary_size = vocabulary_param()
    length = Int(64, min=1, max=100_000, help="Tokens of a sample; longer texts are cut, shorter filled up.")
    lowercase = lowercase_param()

    def cutting(self, specials: int) -> Cutting:
        """How texts are to be cut. Raises `DataError` where the vocabulary is too small for it."""
        from nodes.reading.texts.vocabulary import Cutting

        kind = "word" if self.tokens == "auto" else self.tokens
        require_room_for_bytes(kind, self.vocabulary_size)
        return Cutting(kind, self.lowercase, specials=specials)

    def corpus(self) -> Corpus:
        """The texts. Raises `DataError`."""
        raise NotImplementedError(f"{self.title} does not read texts")

    def look(self, seed: int) -> DataLook:
        from nodes.reading.looking import look_at
        from nodes.reading.texts.text_look import look_at_texts

        data = self.load(seed)  # once: a base that loads again would cut all texts again
        return look_at_texts(look_at(data.info, data), self.corpus(), data, self.length, self.values)


class Texts(TextSet):
    """Texts."""

    name = "texts"
    title = "Texts"
    licence = "yours"
    description = (
        "Texts of any language with a label each: lines, a table, JSON lines, or a folder per class; "
        "or without labels, to predict the next token."
    )
    place = 75

    path = path_param()
    text_column = text_column_param()
    predict = Choice(
        "auto",
        choices=("auto", "label", "next token", "nothing"),
        help="What is predicted; auto: the label, where texts have one.",
    )
    several_labels = labels_param()
    label_column = Text("", help="Column of the labels; empty: the one that has few different values.")
    fill = fill_param()
    split = split_param()
    split_column = split_column_param()
    group_column = group_column_param()
    read_as = read_as_param()
    first_line = first_line_param()
    text_encoding = text_encoding_param()

    @classmethod
    def recognise(cls, path: Path) -> Recognised | None:
        from nodes.reading.texts.recognition import recognised_texts

        return recognised_texts(path)

    def corpus(self) -> Corpus:
        from nodes.reading.texts.corpus import Columns, labelled

        found = labelled(
            file_of(self.path),
            reading_of(self.values),
            Columns(self.text_column, self.label_column),
            self.split_column,
            self.group_column,
            wants_label=self.predict in ("auto", "label"),
            several=self.several_labels,
        )
        if self.predict == "label" and found.labels is None:
            raise DataError(
                f"{self.path}: Expected a label for each text. Received none; choose label_column, or keep "
                "the texts of each class in a folder of its own."
            )
        return found

    def describe(self) -> DataInfo:
        from nodes.reading.texts.bounds import vocabulary_bound

        corpus = self.corpus()
        cutting = self.cutting(self._specials)
        asked = (self.signature(), reading_of(self.values), self.text_column, len(corpus))
        bound = vocabulary_bound(asked, corpus.texts, cutting, self.vocabulary_size)
        return self._info(corpus, bound, self._divided(corpus, 0))

    def load(self, seed: int) -> DataSet:
        from dataclasses import replace

        from nodes.reading.dataset import DataSet
        from nodes.reading.texts.filled_texts import TextFiller, require_countable
        from nodes.reading.texts.vocabulary import fitted

        corpus = self.corpus()
        divided = self._divided(corpus, seed)
        cutting = self.cutting(self._specials)
        require_countable(corpus, cutting)
        vocabulary = fitted((corpus.texts[i] for i in divided.train), cutting, self.vocabulary_size)
        info = replace(self.describe(), vocabulary=vocabulary)
        if self.predict == "next token":
            info = replace(info, target_vocabulary=vocabulary)
        asked = tuple((name, str(self.values[name])) for name in _WHICH)
        copies = 2 if self.predict == "next token" else 1
        filler = TextFiller(corpus, corpus.texts, vocabulary, asked, self.length, copies)
        (train, one), (held, other) = (
            self._rows(corpus, filler, part) for part in (divided.train, divided.validation)
        )
        cut, notes = one + other, [*corpus.notes, *filler.notes, *divided.notes]
        if cut:
            count = len(divided.train) + len(divided.validation)
            notes.append(
                f"{cut:,} of {count:,} texts have more than {self.length:,} tokens: their ends are left out"
            )
        return DataSet(info, train, held, notes=notes)

    @property
    def _specials(self) -> int:
        return 4 if self.predict == "next token" else 2

    def _divided(self, corpus: Corpus, seed: int) -> DividedSamples:
        import numpy as np

        from nodes.reading import split

        split.require_samples(len(corpus), str(self.path), "texts")
        given = {
            "classes": corpus.labels if corpus.label_sign == NO else None,
            "groups": corpus.groups,
            "words": corpus.words,
            "parts": corpus.parts,
        }
        marks = split.SplitMarks(
            **{name: None if one is None else np.array(one) for name, one in given.items()},  # type: ignore[arg-type]
            class_names=corpus.classes,
            group_name=self.group_column or "group",
            words_name=self.split_column or "split",
        )
        return self.divided(len(corpus), seed, marks)

    def _info(self, corpus: Corpus, bound: int, divided: DividedSamples) -> DataInfo:
        from nodes.reading.texts.corpus import labels_of

        tokens = TensorSpec((N, self.length), "int64", classes=bound)
        target, labels = None, labels_of(corpus)
        if self.predict == "next token":
            target = tokens
        elif labels:
            target = TensorSpec((N, len(labels)))
        elif corpus.labels is not None:
            target = TensorSpec((N,), "int64", classes=len(corpus.classes))
        return self.info(
            title=Path(self.path).name,
            samples=len(divided.train) + len(divided.validation),
            input=tokens,
            target=target,
            classes=() if labels else corpus.classes,
            labels=labels,
            division=divided.division,
            stored=len(corpus),
            more=(("mask", TensorSpec((N, self.length))),),
        )

    def _rows(self, corpus: Corpus, filler: TextFiller, places: Any) -> tuple[DataSplit, int]:
        """The rows of a part, and how many of its texts are cut."""
        import numpy as np

        from nodes.reading.dataset import ArrayRows, DataSplit
        from nodes.reading.texts.corpus import marks_of
        from nodes.reading.texts.spilled_tokens import Filling
        from nodes.reading.texts.vocabulary import BEGIN, END

        follows = self.predict == "next token"
        in_front = self.fill == "in front" and not follows
        made = filler.filled(places, Filling(self.length, (BEGIN,) if follows else (), (), in_front))
        target: Rows | None = None
        if follows:
            target = filler.filled(places, Filling(self.length, (), (END,))).tokens
        elif corpus.labels is not None:
            codes = np.array([corpus.labels[i] for i in places], np.int64)
            target = ArrayRows(codes if corpus.label_sign == NO else marks_of(corpus)[codes])
        return DataSplit(made.tokens, target, places=places, more={"mask": made.mask}), made.cut

    def unseen(self, path: Path, expected: ExpectedData) -> UnseenRows:
        from nodes.reading.texts.corpus import Columns, labelled
        from nodes.reading.texts.vocabulary import BEGIN
        from nodes.reading.unseen.cut_texts import TextFilling, UnseenTexts

        columns = Columns(self.text_column)
        corpus = labelled(path, reading_of(self.values), columns, "", "", wants_label=False)
        follows = self.predict == "next token"
        filling = TextFilling(
            self.length, self.fill == "in front" and not follows, (BEGIN,) if follows else ()
        )
        return UnseenTexts(corpus, vocabulary_of(path, expected), filling)

    def card_label(self) -> str:
        return path_label(self.path)

    def values_for_role(self, part: str, role: str) -> dict[str, Any]:
        """A column of texts is the input, one of labels the target; others divide the samples."""
        named = {
            "input": "text_column",
            "target": "label_column",
            "group": "group_column",
            "split": "split_column",
        }
        if role in named:
            return {named[role]: part}
        if role == "ignore":
            taken = [name for name in named.values() if self.values[name] == part]
            return dict.fromkeys(taken, "") or {"predict": "nothing"}
        raise DataError(f"{self.title}: Expected a role of {', '.join(named)} or ignore. Received {role!r}.")
