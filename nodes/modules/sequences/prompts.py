"""Prompts as tokens of a data set: cut by its vocabulary, filled up as its own rows are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from nodes.shared.card_label import by
from nodes.spec import LayerError

if TYPE_CHECKING:
    from nodes.reading.texts.vocabulary import Vocabulary

LISTED = 40
"""The most words that a message lists."""


def tokens_of(prompts: tuple[str, ...], vocabulary: Vocabulary | None, like: Tensor) -> Tensor:
    """The prompts as rows `(prompts, T)`, of the size and on the device of `like` `(N, T)`, rows of data.

    They begin, end and are filled up as those do. Raises `LayerError` for prompts with a token that the
    vocabulary does not have, for one that is too long, and where there is no vocabulary.
    """
    if vocabulary is None:
        received = f"tokens {by(like.shape[1:])} that no vocabulary is known of"
        raise LayerError("a condition made of the texts of a data set, for prompts", received)
    from nodes.reading.texts.padded import padded
    from nodes.reading.texts.vocabulary import BEGIN, END, PADDING

    _check_known(prompts, vocabulary)
    has_ends = vocabulary.cutting.specials > END
    before = (BEGIN,) if has_ends and bool((like[:, 0] == BEGIN).all()) else ()
    behind = (END,) if has_ends and bool((like == END).any()) else ()
    in_front = bool((like[:, 0] == PADDING).any())
    length = like.shape[1]
    found = padded(prompts, len(prompts), vocabulary, length, before=before, behind=behind, in_front=in_front)
    for prompt, count in zip(prompts, found.lengths.tolist(), strict=True):
        if count > length:
            room = length - len(before) - len(behind)
            received = f"{count - len(before) - len(behind)} in {prompt!r}"
            raise LayerError(f"prompts of at most {room} tokens, as the texts of the data have", received)
    return torch.from_numpy(found.tokens).to(device=like.device, dtype=like.dtype)


def _check_known(prompts: tuple[str, ...], vocabulary: Vocabulary) -> None:
    from nodes.reading.texts.vocabulary import UNKNOWN

    for prompt, row in zip(prompts, vocabulary.encode(prompts), strict=True):
        if UNKNOWN in row:
            cut = vocabulary.cutting.tokens(prompt)
            words = vocabulary.tokens[vocabulary.cutting.specials :]
            listed = ", ".join(words[:LISTED]) + (", …" if len(words) > LISTED else "")
            raise LayerError(f"prompts of words that the data have: {listed}", f"{cut[row.index(UNKNOWN)]!r}")
