"""Bytes of JSON to plain values, in bounded time and memory: nothing is made of a text that holds too much.

Knows nothing of projects.
"""

from __future__ import annotations

import json
import re
from typing import Any

from engine.document.params import DEEPEST, LARGEST_INTEGER
from nodes.shown_text import shown
from nodes.user_error import UserError

MOST_VALUES = 2_000_000
"""The most lists, objects and entries in them of one text. 100,000 layers in a row have 1,350,000."""

_TOO_DEEP = f"Expected brackets that lie at most {DEEPEST} levels inside each other. Received more."
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)


class BrokenJsonError(UserError, ValueError):
    """The bytes are not valid JSON, or hold too much. `str(error)` is a sentence."""


class Doubled(dict[str, Any]):
    """An object with duplicate keys."""

    keys_twice: tuple[str, ...] = ()


def parse(data: bytes) -> Any:
    """The JSON in these bytes. Raises `BrokenJsonError`."""
    check_count(data)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BrokenJsonError(
            f"Expected UTF-8 text. Received a wrong byte at position {error.start}."
        ) from None
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise BrokenJsonError(f"Expected JSON. Received something else at {where} ({error.msg}).") from None
    except RecursionError:
        raise BrokenJsonError(_TOO_DEEP) from None
    except BrokenJsonError:
        raise
    except ValueError:
        # Python refuses to read whole numbers of thousands of digits.
        most = len(str(LARGEST_INTEGER))
        raise BrokenJsonError(f"Expected numbers of at most {most} digits. Received a longer one.") from None


def check_count(data: bytes) -> None:
    """Raise `BrokenJsonError` where the bytes hold more than `MOST_VALUES`. Signs in texts do not count."""
    if _signs(data) > MOST_VALUES and (count := _signs(_STRING.sub(b"", data))) > MOST_VALUES:
        raise BrokenJsonError(
            f"Expected at most {MOST_VALUES:,} lists, objects and entries in them. Received {count:,}."
        )


def _signs(data: bytes) -> int:
    return data.count(b",") + data.count(b"[") + data.count(b"{")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    doubled = Doubled(made)
    seen: set[str] = set()
    doubled.keys_twice = tuple(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    return doubled


def _constant(name: str) -> Any:
    raise BrokenJsonError(f"Expected finite numbers. Received {shown(name)}.")
