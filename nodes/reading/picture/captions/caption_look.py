"""What is told of captions before anybody trains on them: lengths, the vocabulary, and what is in doubt."""

from __future__ import annotations

import numpy as np

from nodes.reading.dataset import DataSet
from nodes.reading.look import Answer, DataPart, Doubt, Fact
from nodes.reading.picture.captions.captioned import CaptionSet
from nodes.reading.texts.text_look import FITTED, MUCH_UNKNOWN, counts_of
from nodes.reading.texts.vocabulary import UNKNOWN, Cutting
from nodes.shown_text import listed, shown

COUNTED = 20_000
"""Captions whose tokens are counted."""


def caption_facts(data: DataSet) -> list[Fact]:
    """How captions are cut and which tokens there are."""
    vocabulary = data.info.target_vocabulary
    assert vocabulary is not None
    kind = vocabulary.cutting.kind
    some = [token for token in vocabulary.shown[vocabulary.cutting.specials :] if token.strip()]
    told = [
        Fact("Cut into", "byte pairs" if kind == "byte-pair" else f"{kind}s"),
        Fact("Vocabulary", f"{len(vocabulary):,} tokens: {listed(some, 10)}", FITTED),
    ]
    share = _unknown(data)
    if share is not None:
        why = "only those to train make the vocabulary"
        told.append(Fact("Unknown", f"{share:.1%} of the tokens to validate", why))
    return told


def _unknown(data: DataSet) -> float | None:
    """Share of the tokens to validate that the vocabulary does not have; None where none validate."""
    count = min(len(data.validation), COUNTED)
    if not count or data.validation.target is None:
        return None
    tokens = data.validation.target.fetch(np.arange(count)).astype(np.int64)
    return float((tokens == UNKNOWN).sum() / max(1, (tokens > 0).sum()))


def caption_part(one: CaptionSet, cutting: Cutting) -> DataPart:
    """The captions as a part of the data: how many tokens they have, and a few of them."""
    how = cutting if cutting.kind != "byte-pair" else Cutting("word", cutting.lowercase)
    lengths = np.array([len(how.tokens(text)) for text in one.texts[:COUNTED]], np.int64)
    words = "characters" if how.kind == "character" else "words"
    return DataPart(
        "caption",
        "text",
        "target",
        f"of {len(lengths):,} captions, by their number of {words}",
        roles=("target",),
        examples=tuple(shown(text, 80) for text in one.texts[:5]),
        distinct=len(set(one.texts)),
        low=float(lengths.min()),
        high=float(lengths.max()),
        histogram=counts_of(lengths),
    )


def caption_doubts(one: CaptionSet, data: DataSet) -> list[Doubt]:
    """How many tokens are used where the longest captions are cut, and what they are cut into."""
    told = []
    vocabulary = data.info.target_vocabulary
    assert vocabulary is not None
    cutting = vocabulary.cutting
    length = int(str(data.info.target.shape[1])) if data.info.target is not None else 0
    if cutting.kind != "byte-pair":
        lengths = [1 + len(cutting.tokens(text)) for text in one.texts[:COUNTED]]
        longest, over = max(lengths), sum(count > length for count in lengths)
        if over:
            wanted = (length, longest)
            answers = tuple(Answer(f"{count:,}", {"caption_length": count}) for count in wanted)
            why = f"{over:,} captions have more than {length:,} with their end, the longest {longest:,}"
            told.append(Doubt("How many tokens of a caption are used?", why, answers))
    share = _unknown(data)
    if cutting.kind == "word" and (share or 0.0) > MUCH_UNKNOWN:
        answers = (
            Answer("Words.", {"tokens": "word"}),
            Answer("Characters.", {"tokens": "character"}),
            Answer("Byte pairs.", {"tokens": "byte-pair"}),
        )
        why = f"{share:.0%} of the tokens to validate are none of the vocabulary"
        told.append(Doubt("What are captions to be cut into?", why, answers))
    return told
