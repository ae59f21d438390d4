"""One long text as stretches of tokens: the vocabulary is fitted to its beginning, which trains; its end
validates. Nothing that validates is seen in training, not even as the last target of a stretch.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nodes.reading import budget, text
from nodes.reading.dataset import Array
from nodes.reading.error import DataError
from nodes.reading.kept import KeptAnswers
from nodes.reading.texts.vocabulary import Cutting, Vocabulary, fitted

PART = 1 << 16
"""Characters that are cut at a time, to the next end of a line."""


@dataclass(frozen=True, eq=False)
class CutText:
    """A text as tokens of a vocabulary: those to train and those to validate, each `(tokens,)` int32."""

    vocabulary: Vocabulary
    train: Array
    validation: Array


_cut: KeptAnswers[CutText] = KeptAnswers(2)


def cut_text(path: Path, encoding: str, cutting: Cutting, most: int, share: float) -> CutText:
    """The tokens of a text; `share` of its characters validate. Raises `DataError`."""
    return _cut.of_file(
        path, lambda: _cut_text(path, encoding, cutting, most, share), encoding, cutting, most, share
    )


def _cut_text(path: Path, encoding: str, cutting: Cutting, most: int, share: float) -> CutText:
    whole = text.read(path, encoding)
    if not whole:
        raise DataError(f"{path}: Expected a text. Received an empty file.")
    budget.require_room(str(path), 40 * len(whole), f"{len(whole):,} characters as tokens")
    border = _line_start(whole, round(len(whole) * (1.0 - share))) if share else len(whole)
    begun, ended = _parts(whole[:border]), _parts(whole[border:])
    vocabulary = fitted(begun, cutting, most)
    train, validation = (
        np.array([number for numbers in vocabulary.encode(part) for number in numbers], np.int32)
        for part in (begun, ended)
    )
    return CutText(vocabulary, train, validation)


def _line_start(whole: str, place: int) -> int:
    """The start of a line, or of a word, near this place; the place itself where there is none."""
    for sign in ("\n", " "):
        found = whole.rfind(sign, max(0, place - PART), place)
        if found > 0:
            return found
    return place


def _parts(whole: str) -> list[str]:
    """The text in parts that end before a line or a word begins, so that no token is cut."""
    parts, start = [], 0
    while start < len(whole):
        end = len(whole) if start + PART >= len(whole) else _line_start(whole, start + PART)
        end = end if end > start else min(start + PART, len(whole))
        parts.append(whole[start:end])
        start = end
    return parts
