"""Tokens: texts cut into characters, words or byte pairs, and the vocabulary that gives each a number.

A vocabulary is fitted to some texts and follows from them alone, whatever the machine: the most frequent
tokens, or the byte pairs that are merged first. Number 0 fills up and 1 stands for what is unknown; no text
gives either by its own words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from nodes.reading import budget

if TYPE_CHECKING:
    from tokenizers import Tokenizer

KINDS = ("character", "word", "byte-pair")
PADDING, UNKNOWN, BEGIN, END = range(4)
SPECIAL = ("<padding>", "<unknown>", "<begin>", "<end>")
"""Tokens that no text has; of texts without a beginning and an end the first two."""
BYTES = 256
"""Tokens with which byte pairs begin: a byte each."""
_WORD = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")
_SPACED = re.compile(r"\s?\w+(?:['’]\w+)*|\s?[^\w\s]|\s")
"""Words with the space before them, so that they make the text again when they are joined."""
ENCODED = 1024
"""Texts that are cut at a time."""
TOKEN_BYTES = 160
"""Bytes of memory that a different token takes while they are counted."""


@dataclass(frozen=True)
class Cutting:
    """How texts are cut: into which kind of token, in small letters or not, with spaces or without them.

    `specials` is how many tokens come before those of texts.
    """

    kind: str = "word"
    lowercase: bool = False
    spaced: bool = False
    specials: int = 2

    def tokens(self, text: str) -> Sequence[str]:
        """The tokens of a text, characters or words."""
        text = text.lower() if self.lowercase else text
        return text if self.kind == "character" else (_SPACED if self.spaced else _WORD).findall(text)


@dataclass(frozen=True)
class Vocabulary:
    """The tokens of texts by their numbers, and for byte pairs the pairs that are merged, in order."""

    cutting: Cutting
    tokens: tuple[str, ...]
    merges: tuple[tuple[str, str], ...] = ()

    def __len__(self) -> int:
        return len(self.tokens)

    def encode(self, texts: Iterable[str]) -> Iterable[list[int]]:
        """The numbers of each text, one after the other."""
        if self.cutting.kind == "byte-pair":
            return self._byte_pairs(texts)
        places, cut = self._places, self.cutting.tokens
        return ([places.get(token, UNKNOWN) for token in cut(text)] for text in texts)

    def text(self, numbers: Iterable[int]) -> str:
        """The text of these numbers: filling is left out, so are a beginning and an end. A number beyond the
        tokens, which a network can give where the vocabulary has fewer than were allowed, is unknown.
        """
        first, last = self.cutting.specials, len(self.tokens)
        known = (number if number < last else UNKNOWN for number in map(int, numbers))
        kept = [number for number in known if number >= first or number == UNKNOWN]
        if self.cutting.kind == "byte-pair":
            return self._from_bytes(kept)
        joined = " " if self.cutting.kind == "word" and not self.cutting.spaced else ""
        return joined.join(self.tokens[number] for number in kept)

    @cached_property
    def shown(self) -> tuple[str, ...]:
        """Each token as characters, so that those of a spaced text make it again when they are joined."""
        if self.cutting.kind != "byte-pair":
            return self.tokens
        first = self.cutting.specials
        return (
            *self.tokens[:first],
            *(_bytes(one).decode("utf-8", "replace") for one in self.tokens[first:]),
        )

    @cached_property
    def _places(self) -> dict[str, int]:
        first = self.cutting.specials
        return {token: number for number, token in enumerate(self.tokens[first:], first)}

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import models

        first = self.cutting.specials
        held = {token: number for number, token in enumerate(self.tokens[first:])}
        return _byte_level(models.BPE(vocab=held, merges=list(self.merges)))

    def _byte_pairs(self, texts: Iterable[str]) -> Iterable[list[int]]:
        lower = self.cutting.lowercase
        coming, first = iter(texts), self.cutting.specials
        while some := list(islice(coming, ENCODED)):
            for found in self._tokenizer.encode_batch_fast(
                [text.lower() if lower else text for text in some], add_special_tokens=False
            ):
                yield [number + first for number in found.ids]

    def _from_bytes(self, numbers: list[int]) -> str:
        parts = (b"<unknown>" if number == UNKNOWN else _bytes(self.tokens[number]) for number in numbers)
        return b"".join(parts).decode("utf-8", "replace")


def fitted(texts: Iterable[str], cutting: Cutting, most: int) -> Vocabulary:
    """The vocabulary of these texts, of at most `most` tokens: the most frequent ones, those before others
    in code-point order where they are as frequent.
    """
    specials = SPECIAL[: cutting.specials]
    if cutting.kind == "byte-pair":
        return _fitted_pairs(texts, cutting, most)
    counts: Counter[str] = Counter()
    coming = iter(texts)
    while some := list(islice(coming, ENCODED)):
        counts.update(chain.from_iterable(map(cutting.tokens, some)))
        what, advice = f"{len(counts):,} different tokens", "cut it into characters"
        budget.require_room("the text", TOKEN_BYTES * len(counts), what, advice)
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    kept = [token for token, _ in ordered[: max(1, most - len(specials))]]
    return Vocabulary(cutting, (*specials, *kept))


def bound(texts: Iterable[str], cutting: Cutting, most: int) -> int:
    """The most tokens that a vocabulary of some of these texts can have, `most` at most."""
    seen: set[str] = set()
    cut: Callable[[str], Iterable[str]] = cutting.tokens
    if cutting.kind == "byte-pair":
        splitting = _byte_level(None).pre_tokenizer
        assert splitting is not None
        cut = lambda text: (word for word, _ in splitting.pre_tokenize_str(text))  # noqa: E731
    count = cutting.specials + (BYTES if cutting.kind == "byte-pair" else 0)
    for text in texts:
        for token in set(cut(text)):
            if token not in seen:
                seen.add(token)
                # each merge makes the distinct words shorter by one
                count += len(token) - 1 if cutting.kind == "byte-pair" else 1
        if count >= most:
            return most
    return count


def _fitted_pairs(texts: Iterable[str], cutting: Cutting, most: int) -> Vocabulary:
    import json

    from tokenizers import models, pre_tokenizers, trainers

    made = _byte_level(models.BPE())
    trainer = trainers.BpeTrainer(
        vocab_size=max(BYTES, most - cutting.specials),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    made.train_from_iterator((text.lower() if cutting.lowercase else text for text in texts), trainer)
    model = json.loads(made.to_str())["model"]
    tokens = sorted(model["vocab"], key=model["vocab"].__getitem__)
    merges = tuple((first, second) for first, second in model["merges"])
    return Vocabulary(cutting, (*SPECIAL[: cutting.specials], *tokens), merges)


def _byte_level(model: Any) -> Tokenizer:
    from tokenizers import Tokenizer, models, pre_tokenizers

    made = Tokenizer(model or models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return made


def _bytes(token: str) -> bytes:
    return bytes(_VALUES[sign] for sign in token)


def _signs() -> dict[str, int]:
    """The sign that stands for each byte: itself where it can be seen, else one from U+0100 on."""
    seen = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    found = {chr(value): value for value in seen}
    hidden = (value for value in range(256) if value not in set(seen))
    return found | {chr(0x100 + place): value for place, value in enumerate(hidden)}


_VALUES = _signs()
