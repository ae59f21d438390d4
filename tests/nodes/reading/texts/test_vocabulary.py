"""Tokens: texts come back from their numbers; vocabularies follow from texts alone and keep their bound."""

from __future__ import annotations

import subprocess
import sys

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.reading.texts.padded import padded
from nodes.reading.texts.vocabulary import (
    BEGIN,
    END,
    KINDS,
    PADDING,
    SPECIAL,
    UNKNOWN,
    Cutting,
    bound,
    fitted,
)
from nodes.reading.texts.vocabulary import Vocabulary as Made

WORDS = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
TEXTS = ["the cat sat on the mat", "Größe, ñandú — 数 🐋", "the the the <padding> <unknown>", ""]


@settings(max_examples=60, deadline=None)
@given(text=WORDS)
def test_byte_pairs_give_any_text_back(text: str) -> None:
    made = fitted(TEXTS, Cutting("byte-pair"), 300)
    (numbers,) = made.encode([text])
    assert made.text(numbers) == text
    assert not {PADDING, UNKNOWN} & set(numbers)


@settings(max_examples=60, deadline=None)
@given(text=WORDS)
def test_characters_give_texts_of_known_ones_back(text: str) -> None:
    made = fitted([text], Cutting("character"), 1 << 20)
    (numbers,) = made.encode([text])
    assert made.text(numbers) == text


@pytest.mark.parametrize("kind", ["character", "word", "byte-pair"])
def test_words_of_a_text_stand_for_no_special_token(kind: str) -> None:
    made = fitted(TEXTS, Cutting(kind, specials=4), 400)
    for numbers in made.encode(["<padding> <begin> <end>", "the cat"]):
        assert all(number == UNKNOWN or number >= 4 for number in numbers)
    assert made.tokens[:4] == SPECIAL


@settings(max_examples=40, deadline=None)
@given(
    texts=st.lists(st.text("ab cé", max_size=12), max_size=8),
    kind=st.sampled_from(KINDS),
    most=st.integers(262, 300),
    lowercase=st.booleans(),
)
def test_a_vocabulary_of_some_texts_keeps_the_bound_of_all(
    texts: list[str], kind: str, most: int, lowercase: bool
) -> None:
    cutting = Cutting(kind, lowercase)
    for some in (texts, texts[::2]):
        assert len(fitted(some, cutting, most)) <= bound(texts, cutting, most) <= most


def test_a_vocabulary_keeps_the_most_frequent_and_a_mask_tells_what_is_filled_up() -> None:
    made = fitted(["b b b a a c", "a d"], Cutting("word"), 4)
    assert made.tokens == ("<padding>", "<unknown>", "a", "b")
    rows = padded(["a b c", "b"], 2, made, 2)
    assert rows.tokens.tolist() == [[2, 3], [3, 0]]
    assert rows.mask.tolist() == [[1, 1], [1, 0]]
    assert (rows.cut, rows.lengths.tolist()) == (1, [3, 1])
    front = padded(["b"], 1, made, 4, before=(BEGIN,), behind=(END,), in_front=True)
    assert front.tokens.tolist() == [[0, 2, 3, 3]]


def test_spaced_words_make_the_text_again() -> None:
    text = "One, two\n three — \t\nfour"
    made = fitted([text], Cutting("word", spaced=True), 100)
    (numbers,) = made.encode([text])
    assert made.text(numbers) == text == "".join(made.shown[number] for number in numbers)


@pytest.mark.parametrize("kind", KINDS)
def test_a_vocabulary_is_the_same_in_another_process_and_comes_back_from_json(kind: str) -> None:
    texts = [f"word{i % 7} {i} größe ab ba ab" for i in range(50)]
    made = fitted(texts, Cutting(kind), 320)
    back = msgspec.json.decode(msgspec.json.encode(made), type=Made)
    assert back == made
    assert list(back.encode(texts)) == list(made.encode(texts))
    code = (
        "from nodes.reading.texts.vocabulary import *\n"
        f"print(hash(fitted({texts!r}, Cutting({kind!r}), 320).tokens) and "
        f"fitted({texts!r}, Cutting({kind!r}), 320))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == repr(made)


def test_padding_has_no_token_and_the_mask_says_so() -> None:
    made = fitted(TEXTS, Cutting("word"), 100)
    rows = padded(TEXTS, len(TEXTS), made, 5)
    assert np.array_equal(rows.mask == 0, rows.tokens == PADDING)
