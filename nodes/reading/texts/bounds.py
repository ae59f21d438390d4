"""How many tokens a vocabulary of texts can have at most, before it is known which of them train; and the
vocabulary of texts that are always the same.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from nodes.reading.kept import KeptAnswers
from nodes.reading.texts.vocabulary import Cutting, Vocabulary, bound, fitted

_bounds: KeptAnswers[int] = KeptAnswers(32)
_vocabularies: KeptAnswers[Vocabulary] = KeptAnswers(4)


def vocabulary_bound(asked: Hashable, texts: Sequence[str], cutting: Cutting, most: int) -> int:
    """The most tokens of a vocabulary of some of these texts; `asked` tells the texts from all others."""
    return _bounds.get((asked, cutting, most), lambda: bound(texts, cutting, most))


def kept_vocabulary(asked: Hashable, texts: Sequence[str], cutting: Cutting, most: int) -> Vocabulary:
    """The vocabulary of all of these texts, fitted once; `asked` tells the texts from all others."""
    return _vocabularies.get((asked, cutting, most), lambda: fitted(texts, cutting, most))
