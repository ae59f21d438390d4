"""Strict reading of JSON to frozen values: every field is checked, and every problem has its JSON path.

The fields come from the types, so a field that is added there is read here.
"""

from __future__ import annotations

import json
import math
import types
import typing
from functools import cache
from typing import Any, TypeVar

import msgspec

from engine.document.names import is_identifier
from engine.document.params import DEEPEST, INTEGER, LARGEST_INTEGER, json_problem, text_problem
from engine.document.project import Node, Project
from nodes.shown_text import quoted
from nodes.user_error import UserError

Problems = list[tuple[str, str]]
"""JSON path and sentence, for everything that is wrong."""

MOST_ENTRIES = 500_000
"""The most entries in one list or object."""
MOST_PROBLEMS = 1000
"""The most problems that are listed."""

T = TypeVar("T", bound=msgspec.Struct)

_BAD: Any = object()
_TOO_DEEP = f"Expected brackets that lie at most {DEEPEST} levels inside each other. Received more."


class BrokenJsonError(UserError, ValueError):
    """The bytes are not valid JSON. `str(error)` is a sentence."""


class Doubled(dict[str, Any]):
    """An object with duplicate keys."""

    keys_twice: tuple[str, ...] = ()


def parse(data: bytes) -> Any:
    """The JSON in these bytes. Raises `BrokenJsonError`."""
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


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    doubled = Doubled(made)
    seen: set[str] = set()
    doubled.keys_twice = tuple(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    return doubled


def _constant(name: str) -> Any:
    raise BrokenJsonError(f"Expected finite numbers. Received {name}.")


def read(raw: Any) -> tuple[Project | None, Problems]:
    """The project in this JSON, or None and its problems."""
    return read_as(Project, raw)


def read_as(kind: type[T], raw: Any) -> tuple[T | None, Problems]:
    """The value of this type in this JSON, or None and its problems."""
    problems: Problems = []
    made = _read(kind, raw, "$", problems)
    return (None if problems else made), problems


def step(path: str, key: str) -> str:
    """The JSON path of a field."""
    return f"{path}.{key}" if is_identifier(key) else f"{path}[{json.dumps(key[:80])}]"


def _say(problems: Problems, path: str, expected: str, received: object) -> Any:
    if len(problems) < MOST_PROBLEMS:
        problems.append((path, f"Expected {expected}. Received {quoted(received)}."))
    return _BAD


def _read(kind: Any, value: Any, path: str, problems: Problems) -> Any:
    if isinstance(value, Doubled):
        for key in value.keys_twice:
            _say(problems, step(path, key), "each key once", f"{key} twice")
    if kind is Any:
        return _any(value, path, problems)
    if isinstance(kind, types.UnionType):
        return _any(value, path, problems)
    if kind in _SCALARS:
        return _scalar(kind, value, path, problems)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _struct(kind, value, path, problems)
    if isinstance(kind, type) and issubclass(kind, tuple):
        return _named(kind, value, path, problems)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is dict:
        return _dict(arguments[1], value, path, problems)
    return _list(arguments[0], value, path, problems)


_SCALARS = {str: "text", bool: "true or false", int: "a whole number", float: "a number"}


def _scalar(kind: Any, value: Any, path: str, problems: Problems) -> Any:
    expected = _SCALARS[kind]
    if kind is float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return _say(problems, path, expected, value)
        if not -1e308 < value < 1e308 or not math.isfinite(value):
            return _say(problems, path, "a finite number", value)
        return float(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        return _say(problems, path, expected, value)
    if isinstance(value, int) and abs(value) > LARGEST_INTEGER:
        return _say(problems, path, INTEGER, value)
    if isinstance(value, str) and (fault := text_problem(value)):
        return _say(problems, path, fault, value)
    return value


def _any(value: Any, path: str, problems: Problems) -> Any:
    fault = json_problem(value)
    if fault:
        return _say(problems, path, fault, value)
    _doubled_inside(value, path, problems)
    return value


def _doubled_inside(value: Any, path: str, problems: Problems) -> None:
    children: list[tuple[str, Any]] = []
    if isinstance(value, dict):
        children = [(step(path, key), child) for key, child in value.items()]
    elif isinstance(value, list):
        children = [(f"{path}[{place}]", child) for place, child in enumerate(value)]
    for where, child in children:
        if isinstance(child, Doubled):
            _say(problems, where, "each key once", child.keys_twice[0])
        _doubled_inside(child, where, problems)


@cache
def _fields(kind: type[msgspec.Struct]) -> dict[str, tuple[Any, bool]]:
    """Type and necessity of every field."""
    hints = typing.get_type_hints(kind)
    return {found.name: (hints[found.name], found.required) for found in msgspec.structs.fields(kind)}


def _struct(kind: type[msgspec.Struct], value: Any, path: str, problems: Problems) -> Any:
    if not isinstance(value, dict):
        return _say(problems, path, "an object", value)
    fields = _fields(kind)
    for key in value.keys() - fields.keys():
        known = ", ".join(fields)
        _say(problems, step(path, key), f"one of the fields {known}", key)
    made: dict[str, Any] = {}
    for name, (wanted, required) in fields.items():
        if name in value:
            made[name] = _read(wanted, value[name], step(path, name), problems)
        elif required:
            _say(problems, path, f"the field {name!r}", sorted(value))
            made[name] = _BAD
    return _BAD if any(found is _BAD for found in made.values()) else kind(**made)


@cache
def _parts(kind: type[tuple[Any, ...]]) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _named(kind: type[tuple[Any, ...]], value: Any, path: str, problems: Problems) -> Any:
    """A pair written as a list: `End` or `Point`."""
    hints = _parts(kind)
    if not isinstance(value, list) or len(value) != len(hints):
        return _say(problems, path, f"a list of {' and '.join(hints)}", value)
    parts = [
        _read(wanted, part, f"{path}[{place}]", problems)
        for place, (wanted, part) in enumerate(zip(hints.values(), value, strict=True))
    ]
    return _BAD if any(part is _BAD for part in parts) else kind(*parts)


def _dict(wanted: Any, value: Any, path: str, problems: Problems) -> Any:
    if not isinstance(value, dict):
        return _say(problems, path, "an object", value)
    if len(value) > MOST_ENTRIES:
        return _say(problems, path, f"at most {MOST_ENTRIES:,} entries", len(value))
    made: dict[str, Any] = {}
    for key, entry in value.items():
        where = step(path, key)
        if fault := text_problem(key):
            _say(problems, where, f"{fault} as a key", key)
        if wanted is Node:
            entry = _with_id(entry, key, where, problems)
        made[key] = _read(wanted, entry, where, problems)
    return _BAD if any(found is _BAD for found in made.values()) else made


def _with_id(entry: Any, key: str, path: str, problems: Problems) -> Any:
    """A node is stored under its id and need not repeat it."""
    if not isinstance(entry, dict):
        return entry
    if "id" in entry and entry["id"] != key:
        _say(problems, step(path, "id"), f"the key {key!r} again", entry["id"])
    if "id" in entry and not isinstance(entry, Doubled):
        return entry
    named = Doubled(entry) if isinstance(entry, Doubled) else dict(entry)
    if isinstance(entry, Doubled) and isinstance(named, Doubled):
        named.keys_twice = entry.keys_twice
    named["id"] = key
    return named


def _list(wanted: Any, value: Any, path: str, problems: Problems) -> Any:
    if not isinstance(value, list):
        return _say(problems, path, "a list", value)
    if len(value) > MOST_ENTRIES:
        return _say(problems, path, f"at most {MOST_ENTRIES:,} entries", len(value))
    made = [_read(wanted, entry, f"{path}[{place}]", problems) for place, entry in enumerate(value)]
    return _BAD if any(found is _BAD for found in made) else tuple(made)
