"""How many tokens a vocabulary of texts can have at most, before it is known which of them train."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from nodes.reading.kept import KeptAnswers
from nodes.reading.texts.vocabulary import Cutting, bound

_bounds: KeptAnswers[int] = KeptAnswers(32)


def vocabulary_bound(asked: Hashable, texts: Sequence[str], cutting: Cutting, most: int) -> int:
    """The most tokens of a vocabulary of some of these texts; `asked` tells the texts from all others."""
    return _bounds.get((asked, cutting, most), lambda: bound(texts, cutting, most))
