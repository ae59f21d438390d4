"""What is told of texts: how they were read and cut, their lengths, the vocabulary, and what is in doubt."""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from nodes.reading.dataset import DataSet
from nodes.reading.labels.choices import NO
from nodes.reading.labels.doubt import doubt
from nodes.reading.labels.joined import joined_labels
from nodes.reading.look import Answer, DataLook, DataPart, Doubt, Fact, ValueCounts
from nodes.reading.opened import opened
from nodes.reading.spilled.cells import SpilledCells
from nodes.reading.texts.corpus import Corpus
from nodes.reading.texts.encoding import encoding_of
from nodes.reading.texts.padded import padded
from nodes.reading.texts.vocabulary import UNKNOWN, Vocabulary
from nodes.shown_text import listed, shown

EXAMPLES, EXAMPLE = 5, 80
BINS = 20
MOST_COMMON = 20
FITTED = "fitted to the training part alone"
MUCH_UNKNOWN = 0.1
LONG_WORDS = 15
"""Characters of the mean word of a text whose words are not parted by spaces."""
LOOKED = 100
"""Texts on disk of which examples are shown."""
COUNTED = 20_000
"""Texts whose tokens are counted."""
LOOKED_AT = 1 << 20
"""Bytes of a file that tell whether an encoding can be that of its text."""


def look_at_texts(
    base: DataLook, corpus: Corpus, data: DataSet, length: int, values: Mapping[str, Any]
) -> DataLook:
    """The look at a set, with what is known of its texts."""
    vocabulary = data.info.vocabulary
    assert vocabulary is not None
    facts = [*corpus.facts, *base.facts, *_cut_facts(vocabulary, data)]
    doubts = [*_reading_doubts(corpus, values)]
    lengths = _lengths(corpus.texts, vocabulary)
    held = _held_share(data)
    if held is not None:
        facts.append(
            Fact(
                "Unknown", f"{held:.1%} of the tokens to validate", "only those to train make the vocabulary"
            )
        )
    doubts += _label_doubts(corpus, values)
    doubts += _cutting_doubts(corpus, vocabulary, held)
    if lengths.max(initial=0) > length and "length" in values:
        doubts.append(_length_doubt(lengths, length))
    parts = tuple(_part(corpus, place, lengths) for place in range(len(corpus.columns)))
    return replace(base, facts=tuple(facts), parts=parts, doubts=(*base.doubts, *doubts))


def look_at_stretches(base: DataLook, path: Path, wanted: str, values: Mapping[str, Any]) -> DataLook:
    """The look at one long text, with its encoding and the tokens it is cut into."""
    encoding = encoding_of(path, wanted)
    vocabulary = base.info.vocabulary
    facts = [Fact("Encoding", encoding.name, encoding.why)]
    if vocabulary is None:
        some = [sign for sign in base.info.classes if sign.strip()]
        facts += [
            Fact("Cut into", "characters"),
            Fact("Alphabet", f"{len(base.info.classes):,}: {listed(map(quoted_sign, some))}"),
        ]
    else:
        facts += _vocabulary_facts(vocabulary)
    doubts = []
    if encoding.is_doubtful and "text_encoding" in values:
        doubts.append(_encoding_doubt(encoding.name, path))
    return replace(base, facts=(*facts, *base.facts), doubts=(*base.doubts, *doubts))


def quoted_sign(token: str) -> str:
    """A token that is no word between quotes, as a comma that would look like one of the list."""
    return token if any(sign.isalnum() for sign in token) else f"“{token}”"


def _vocabulary_facts(vocabulary: Vocabulary) -> list[Fact]:
    kind = vocabulary.cutting.kind
    some = [token for token in vocabulary.shown[vocabulary.cutting.specials :] if token.strip()][:MOST_COMMON]
    some = [quoted_sign(token) for token in some]
    words = Fact("Cut into", "byte pairs" if kind == "byte-pair" else f"{kind}s")
    return [words, Fact("Vocabulary", f"{len(vocabulary):,} tokens: {listed(some, MOST_COMMON)}", FITTED)]


def _cut_facts(vocabulary: Vocabulary, data: DataSet) -> list[Fact]:
    facts = _vocabulary_facts(vocabulary)
    if data.info.target_vocabulary is not None and data.info.target_vocabulary is not vocabulary:
        facts.append(Fact("Vocabulary of targets", f"{len(data.info.target_vocabulary):,} tokens", FITTED))
    return facts


def _held_share(data: DataSet) -> float | None:
    """Share of the tokens to validate that the vocabulary does not have; None where none validate."""
    count = min(len(data.validation), COUNTED)
    if not count:
        return None
    rows = data.validation.input.fetch(np.arange(count))
    kept = int(data.validation.more["mask"].fetch(np.arange(count)).sum())
    return float((rows == UNKNOWN).sum() / kept) if kept else 0.0


def _lengths(texts: Sequence[str], vocabulary: Vocabulary) -> np.ndarray:
    some = texts[:COUNTED]
    return padded(some, len(some), vocabulary, 1).lengths


def counts_of(values: np.ndarray) -> ValueCounts | None:
    """Whole numbers in at most `BINS` bins; None where there are none."""
    if not len(values):
        return None
    low, high = int(values.min()), int(values.max())
    counts, edges = np.histogram(values, bins=max(1, min(BINS, high - low + 1)), range=(low, high + 1))
    return ValueCounts(tuple(map(float, edges)), tuple(map(int, counts)))


def _part(corpus: Corpus, place: int, lengths: np.ndarray) -> DataPart:
    name, role = corpus.columns[place]
    column = corpus.records.columns[place] if corpus.records is not None else None
    if corpus.is_on_disk:
        return _part_on_disk(corpus, place, lengths)
    cells = [cell for cell in column if cell is not None] if column is not None else list(corpus.texts)
    if column is None and role == "target":
        cells = [corpus.classes[i] for i in corpus.labels or ()] or list(corpus.others or ())
    counts = Counter(cells)
    is_category = role == "target" and bool(corpus.classes)
    return DataPart(
        shown(name),
        "category" if is_category else "text",
        role,
        roles=("input", "target", "ignore", "group", "split"),
        examples=tuple(shown(cell, EXAMPLE) for cell in list(dict.fromkeys(cells))[:EXAMPLES]),
        missing=sum(cell is None for cell in column) if column is not None else 0,
        distinct=len(counts),
        low=float(lengths.min()) if role == "input" and len(lengths) else None,
        high=float(lengths.max()) if role == "input" and len(lengths) else None,
        common=tuple((shown(cell, EXAMPLE), count) for cell, count in counts.most_common(100))
        if is_category
        else (),
        histogram=counts_of(lengths) if role == "input" else None,
    )


def _part_on_disk(corpus: Corpus, place: int, lengths: np.ndarray) -> DataPart:
    """The same of texts that are not held: examples of the first, and counts of labels alone."""
    name, role = corpus.columns[place]
    is_category, is_input = role == "target" and bool(corpus.classes), role == "input"
    column: Sequence[str | None] = corpus.texts
    if corpus.records is not None:
        column = corpus.records.columns[place]
    elif role == "target":
        column = corpus.classes or corpus.others or ()
    counts = Counter(corpus.labels or ()) if is_category else Counter[int]()
    return DataPart(
        shown(name),
        "category" if is_category else "text",
        role,
        roles=("input", "target", "ignore", "group", "split"),
        examples=tuple(shown(cell, EXAMPLE) for cell in dict.fromkeys(column[:LOOKED]) if cell)[:EXAMPLES],
        missing=column.missing if isinstance(column, SpilledCells) else 0,
        distinct=len(counts) if is_category else None,
        low=float(lengths.min()) if is_input and len(lengths) else None,
        high=float(lengths.max()) if is_input and len(lengths) else None,
        common=tuple((shown(corpus.classes[i], EXAMPLE), count) for i, count in counts.most_common(100)),
        histogram=counts_of(lengths) if is_input else None,
    )


def _encoding_doubt(taken: str, path: Path) -> Doubt:
    """The encodings in which the beginning of the file is a text. Raises `DataError`."""
    start = b""
    if path.is_file():
        with opened(path, "a text file") as source:
            start = bytes(source.read(LOOKED_AT))
    others = ("windows-1252", "latin-1", "utf-16-le", "utf-8")
    names = [taken, *(name for name in others if name != taken and _can_be(start, name))]
    answers = tuple(Answer(name, {"text_encoding": name}) for name in names)
    question = "How are the characters written as bytes?"
    return Doubt(question, "there is no mark that says it", answers, where=path.name)


def _can_be(start: bytes, encoding: str) -> bool:
    """Whether these bytes may be a text in the encoding: of two bytes each, some are zero."""
    if encoding == "utf-16-le" and b"\0" not in start:
        return False
    try:
        codecs.getincrementaldecoder(encoding)().decode(start)
    except UnicodeDecodeError:
        return False
    return True


def _reading_doubts(corpus: Corpus, values: Mapping[str, Any]) -> list[Doubt]:
    found = []
    if corpus.is_doubtful:
        found.append(_encoding_doubt(corpus.encoding, corpus.path))
    if corpus.has_header is not None and values.get("first_line") == "auto":
        answers = (
            Answer("Yes", {"first_line": "names"}),
            Answer("No, it is data", {"first_line": "data"}),
        )
        why = next((fact.why for fact in corpus.facts if fact.name == "Names of columns"), "")
        question = "Does the first line name the columns?"
        found.append(Doubt(question, why, answers, 0 if corpus.has_header else 1, corpus.path.name))
    return found


def _label_doubts(corpus: Corpus, values: Mapping[str, Any]) -> list[Doubt]:
    """Whether a text has several labels, where the cells of its labels seem to."""
    found = joined_labels(corpus.classes) if "several_labels" in values else None
    if found is None or corpus.records is None:
        return []
    name = next((name for name, role in corpus.columns if role == "target"), "label")
    where = f"{corpus.path.name}, column {shown(name)}"
    return [doubt(found, name, taken=corpus.label_sign != NO, where=where)]


def _cutting_doubts(corpus: Corpus, vocabulary: Vocabulary, unknown: float | None) -> list[Doubt]:
    kind = vocabulary.cutting.kind
    words = vocabulary.tokens[vocabulary.cutting.specials :]
    if kind == "word" and words and sum(map(len, words)) / len(words) > LONG_WORDS:
        why = "its words are long, as in a language that puts no spaces between them"
    elif kind != "byte-pair" and (unknown or 0.0) > MUCH_UNKNOWN:
        why = f"{unknown:.0%} of the tokens to validate are none of the vocabulary"
    else:
        return []
    answers = tuple(
        Answer(title, {"tokens": name})
        for name, title in (("word", "Words"), ("character", "Characters"), ("byte-pair", "Byte pairs"))
    )
    taken = next(i for i, answer in enumerate(answers) if answer.values["tokens"] == kind)
    return [Doubt("What are texts to be cut into?", why, answers, taken, corpus.path.name)]


def _length_doubt(lengths: np.ndarray, length: int) -> Doubt:
    longest, most = int(lengths.max()), int(np.quantile(lengths, 0.95, method="higher"))
    wanted = list(dict.fromkeys([length, *(one for one in (most, longest) if one > length)]))
    return Doubt(
        "How many tokens of a text are used?",
        f"{int((lengths > length).sum()):,} texts have more than {length:,}, the longest {longest:,}",
        tuple(Answer(f"{one:,}", {"length": one}) for one in wanted[:3]),
    )
