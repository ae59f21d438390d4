"""Words of a stranger are shown on a line, whole where they are short, and move or hide nothing."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.report import Problem
from nodes.param import Int, ParamError
from nodes.registry import UnknownLayerError
from nodes.shown_text import LINE, LINES, listed, quoted, shown, shown_lines
from nodes.user_error import UserError

HIDING = "\u202e\u200b\ud800\x1b[2J\x85\u2028\r\t"


@pytest.mark.parametrize("text", ["", "conv1", "Größe ×2 — 日本\u3000語", "a\u00a0b", "👍", "{}%s\\n<b>"])
def test_plain_words_are_shown_as_they_are(text: str) -> None:
    assert shown(text) == text
    assert shown_lines(text) == text


def test_what_hides_or_moves_is_escaped() -> None:
    assert shown(HIDING) == r"\u202e\u200b\ud800\x1b[2J\x85\u2028\r\t"
    assert shown_lines(f"a\n{HIDING}b") == "a\n\\u202e\\u200b\\ud800\\x1b[2J\\x85\\u2028\\r\\tb"


def test_of_long_words_the_start_and_the_end_are_shown() -> None:
    assert shown("abcdefghi", 6) == "abc…hi"
    assert shown("/data/" + "x" * 10**6 + "/end.csv").endswith("xx/end.csv")
    assert quoted("x" * 10**6) == "'" + "x" * 52 + "…" + "x" * 25 + "'"
    assert quoted(10**5000) == "a number of too many digits"
    assert listed(["a", "b"]) == "a, b"
    assert listed(str(number) for number in range(1000)) == "0, 1, 2, 3, 4, 5, 6, 7 and 992 more"


def test_in_a_long_line_paths_are_shortened_before_what_is_said_of_them() -> None:
    path = "/home/" + "somebody/" * 20 + "weights.safetensors"
    line = f"{path}: {path}: Expected finite numbers. Received others."
    short = "/home/" + "somebody/" * 5 + "so…ebody/weights.safetensors"
    assert shown_lines(line) == f"{short}: {short}: Expected finite numbers. Received others."


def test_of_many_lines_the_first_are_shown_and_the_rest_counted() -> None:
    lines = [str(number) for number in range(LINES)]
    assert shown_lines("\n".join([*lines, "x"])) == "\n".join([*lines, "x"])
    assert shown_lines("\n".join([*lines, "x", "y"])) == "\n".join([*lines, "… and 2 more."])
    assert shown_lines("\n" * 10**6).splitlines()[-1] == f"… and {10**6 + 1 - LINES:,} more."


@given(st.text(st.characters(exclude_categories=[]), max_size=200), st.integers(1, 90))
@settings(max_examples=200, deadline=None)
def test_whatever_the_words(text: str, most: int) -> None:
    made = shown(text, most)
    assert len(made) <= most
    assert all(sign.isprintable() or unicodedata.category(sign) == "Zs" for sign in made)
    assert shown(made, most) == made


@pytest.mark.parametrize(
    "error",
    [
        UserError(HIDING + "x" * 10**6),
        UserError("a" * 1000, "b" * 1000),
        ParamError("x" * 1000, "y" * 1000, HIDING),
        UnknownLayerError(HIDING * 1000, []),
    ],
)
def test_no_message_of_a_user_error_is_long_or_hides_anything(error: UserError) -> None:
    assert len(str(error)) <= LINE
    assert str(error).isprintable()


def test_no_message_of_a_problem_is_long_or_hides_anything() -> None:
    problem = Problem("main", "a", "a", HIDING * 1000, expected=HIDING * 1000, received="x" * 10**6)
    for words in (problem.message, problem.expected, problem.received):
        assert len(words) <= LINE
        assert words.isprintable()


def test_a_refused_value_is_quoted_in_short() -> None:
    with pytest.raises(ParamError) as caught:
        Int(1, help="A number.").check([[["x" * 1000] * 1000] * 1000])
    assert len(caught.value.received) <= 80
