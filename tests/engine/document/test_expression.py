"""Expressions compute what arithmetic says, and nothing else can be written in them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.document.expression import ExpressionError, evaluate, is_expression, names_in, rename

NAMES = {"stride": 2, "i": 0, "width": 64, "wide": True, "kind": "relu", "rate": 0.5, "conv2": 3}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("=stride if i == 0 else 1", 2),
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("width // 3", 21),
        ("width / 4", 16.0),
        ("-width % 10", 6),
        ("2 ** (i + 3)", 8),
        ("min(width, 32, 48)", 32),
        ("max(1, width // 128)", 1),
        ("round(rate * 3)", 2),
        ("wide and width or 8", 64),
        ("not wide", False),
        ("1 < stride <= 2", True),
        ("kind", "relu"),
        ("'same' if kind == 'relu' else 'valid'", "same"),
        (" 3 ", 3),
        ("1e2 + 1.5e-1 + .5", 100.65),
        ("conv2 * 2", 6),
    ],
)
def test_arithmetic(text: str, value) -> None:
    found = evaluate(text, NAMES)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1 +",
        "height",
        "__import__('os')",
        "width.real",
        "[1, 2]",
        "(1, 2)",
        "{1: 2}",
        "lambda: 1",
        "width[0]",
        "f'{width}'",
        "[x for x in (1,)]",
        "(x := 3)",
        "min(*width)",
        "min(width)",
        "print(1)",
        "max(1, key=width)",
        "1 is 1",
        "1 in 2",
        "~1",
        "1 << 3",
        "1 @ 2",
        "None",
        "b'x'",
        "1j",
        "...",
        "1 / 0",
        "1 % 0",
        "9 ** 9 ** 9",
        "2 ** 65",
        "(0 - 8) ** 0.5",
        "1e308 * 10",
        "99999999999999999999",
        "1e999",
        "'a' * 99",
        "'a' + 'b'",
        "kind < 3",
        "-kind",
        "(" * 60 + "1" + ")" * 60,
        "-" * 300 + "1",
        "+".join("1" * 400),
        "1\n+ 2",
        "1\0",
        "not " * 100 + "1",
        "1; 2",
        "import os",
        "\ud800",
        "1if wide else 2",
        "0x10",
        "1_000",
        "'a\\d'",
        "[" + "-" * 480 + "1]",
        "min(" + "-" * 480 + "1)",
        "x" * 501,
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    start = time.thread_time()
    with pytest.raises(ExpressionError, match=r"Expected .+ Received .+"):
        evaluate(text, NAMES)
    assert time.thread_time() - start < 0.5


def test_what_is_not_reached_is_refused_all_the_same() -> None:
    with pytest.raises(ExpressionError):
        evaluate("1 if True else open('x')", NAMES)


def test_names() -> None:
    assert names_in("=min(stride, width) if i else 1") == {"stride", "width", "i"}
    assert rename("=stride * 2 + strides", "stride", "pace") == "=pace * 2 + strides"
    assert is_expression("=1")
    assert not is_expression("1")
    assert not is_expression(1)


_PIECES = (
    *("1", "9", "0", ".5", "1e308", "9" * 40, "stride", "kind", "wide", "i", "nobody", "'a'", "None"),
    *("+", "-", "*", "/", "//", "%", "**", "<", "==", "!=", "and", "or", "not", "if", "else", "in"),
    *("(", ")", "[", "]", "{", "}", ",", ":", ".", "=", "min(", "max(", "abs(", "round(", "lambda"),
    *("__class__", "eval(", "é", "\u202e", "\ud800", "\x00", "\n", "f'{1}'", "yield", "@", "~", ":="),
)


@given(st.lists(st.sampled_from(_PIECES), max_size=40) | st.lists(st.characters(), max_size=40))
@settings(max_examples=200, deadline=None)
def test_whatever_is_written_has_a_bounded_value_or_is_refused_in_a_line(pieces: list[str]) -> None:
    text = "=" + " ".join(pieces)
    refused = ""
    try:
        value = evaluate(text, NAMES)
    except ExpressionError as error:
        value, refused = 0, str(error)
    assert len(refused) <= 300
    assert not refused or refused.isprintable()
    assert isinstance(value, bool | int | float | str)
    assert isinstance(value, str) or abs(value) <= 2**53
    assert refused or evaluate(rename(text, "stride", "pace"), {**NAMES, "pace": 2}) == value


@pytest.mark.parametrize(
    "text", ["9**9**9**9", "2**64**64", "'a' * 10**9", "10**9 * 'a'", "1e308 * 10", "(-8) ** 0.5", "0 ** -1"]
)
def test_towers_of_powers_and_repeated_texts_are_refused_at_once(text: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(text, NAMES)
