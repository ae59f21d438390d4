"""Strict reading of JSON to frozen values: every field is checked, and every problem has its JSON path.

The fields come from the types, so a field that is added there is read here. What reads a type is made once;
a path is a chain of steps that becomes text only where there is a problem.
"""

from __future__ import annotations

import json
import math
import types
import typing
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

import msgspec

from engine.document.json_text import Doubled
from engine.document.names import is_identifier
from engine.document.params import INTEGER, LARGEST_INTEGER, LONGEST_TEXT, json_problem, text_problem
from engine.document.project import Node, Project
from nodes.shown_text import quoted

Problems = list[tuple[str, str]]
"""JSON path and sentence, for what is wrong; the first `MOST_PROBLEMS`."""

MOST_ENTRIES = 500_000
"""The most entries in one list."""
MOST_KEYS = 100_000
"""The most keys of one object: as many as a graph may have nodes."""
MOST_PROBLEMS = 1000
"""Reading ends at so many problems."""

T = TypeVar("T", bound=msgspec.Struct)

_BAD: Any = object()
_Path = tuple[Any, Any]
"""The path of what holds the value, and its key or its place there; `_ROOT` is the path of the whole."""
_ROOT: _Path = (None, None)
_Reader = Callable[[Any, _Path, Problems], Any]


def read(raw: Any) -> tuple[Project | None, Problems]:
    """The project in this JSON, or None and its problems."""
    return read_as(Project, raw)


def read_as(kind: type[T], raw: Any) -> tuple[T | None, Problems]:
    """The value of this type in this JSON, or None and its problems."""
    problems: Problems = []
    made = _reader(kind)(raw, _ROOT, problems)
    return (None if problems else made), problems


def step(path: str, key: str) -> str:
    """The JSON path of a field."""
    return f"{path}.{key}" if is_identifier(key) else f"{path}[{json.dumps(key[:80])}]"


def _told(path: _Path) -> str:
    holder, key = path
    if holder is None:
        return "$"
    return f"{_told(holder)}[{key}]" if isinstance(key, int) else step(_told(holder), key)


def _say(problems: Problems, path: _Path, expected: str, received: object) -> Any:
    if len(problems) < MOST_PROBLEMS:
        problems.append((_told(path), f"Expected {expected}. Received {quoted(received)}."))
    return _BAD


@cache
def _reader(kind: Any) -> _Reader:
    """What reads values of this type."""
    if kind is Any or isinstance(kind, types.UnionType):
        return _any
    if kind in _SCALARS:
        return _SCALARS[kind]
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _struct(kind)
    if isinstance(kind, type) and issubclass(kind, tuple):
        return _named(kind)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    return _dict(arguments[1]) if origin is dict else _list(arguments[0])


# Scalars ------------------------------------------------------------------------------------------------


def _text(value: Any, path: _Path, problems: Problems) -> Any:
    if not isinstance(value, str):
        return _say(problems, path, "text", value)
    if (len(value) > LONGEST_TEXT or not value.isascii()) and (fault := text_problem(value)):
        return _say(problems, path, fault, value)
    return value


def _truth(value: Any, path: _Path, problems: Problems) -> Any:
    return value if isinstance(value, bool) else _say(problems, path, "true or false", value)


def _whole(value: Any, path: _Path, problems: Problems) -> Any:
    if not isinstance(value, int) or isinstance(value, bool):
        return _say(problems, path, "a whole number", value)
    return value if abs(value) <= LARGEST_INTEGER else _say(problems, path, INTEGER, value)


def _number(value: Any, path: _Path, problems: Problems) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _say(problems, path, "a number", value)
    if not -1e308 < value < 1e308 or not math.isfinite(value):
        return _say(problems, path, "a finite number", value)
    return float(value)


_SCALARS: dict[Any, _Reader] = {str: _text, bool: _truth, int: _whole, float: _number}


# What holds others --------------------------------------------------------------------------------------


def _twice(value: Any, path: _Path, problems: Problems) -> None:
    if isinstance(value, Doubled):
        for key in value.keys_twice[:MOST_PROBLEMS]:
            _say(problems, (path, key), "each key once", f"{key} twice")


def _any(value: Any, path: _Path, problems: Problems) -> Any:
    _twice(value, path, problems)
    if fault := json_problem(value):
        return _say(problems, path, fault, value)
    if isinstance(value, dict | list):
        _doubled_inside(value, path, problems)
    return value


def _doubled_inside(value: Any, path: _Path, problems: Problems) -> None:
    for key, child in value.items() if isinstance(value, dict) else enumerate(value):
        if not isinstance(child, dict | list):
            continue
        if isinstance(child, Doubled):
            _say(problems, (path, key), "each key once", child.keys_twice[0])
        if len(problems) >= MOST_PROBLEMS:
            return
        _doubled_inside(child, (path, key), problems)


def _struct(kind: type[msgspec.Struct]) -> _Reader:
    hints = typing.get_type_hints(kind)
    fields = {
        found.name: (_reader(hints[found.name]), found.required) for found in msgspec.structs.fields(kind)
    }
    known = ", ".join(fields)

    def read_struct(value: Any, path: _Path, problems: Problems) -> Any:
        if not isinstance(value, dict):
            return _say(problems, path, "an object", value)
        _twice(value, path, problems)
        made: dict[str, Any] = {}
        for name, (reader, required) in fields.items():
            if name in value:
                made[name] = reader(value[name], (path, name), problems)
            elif required:
                _say(problems, path, f"the field {name!r}", [*value])
                made[name] = _BAD
        if len(made) < len(value):
            _unknown(value, path, problems)
        return _BAD if _BAD in made.values() else kind(**made)

    def _unknown(value: dict[str, Any], path: _Path, problems: Problems) -> None:
        for key in value:
            if key not in fields:
                _say(problems, (path, key), f"one of the fields {known}", key)
            if len(problems) >= MOST_PROBLEMS:
                return

    return read_struct


def _named(kind: type[tuple[Any, ...]]) -> _Reader:
    """A pair written as a list: `End` or `Point`."""
    hints = typing.get_type_hints(kind)
    readers = [_reader(hint) for hint in hints.values()]
    expected = f"a list of {' and '.join(hints)}"

    def read_named(value: Any, path: _Path, problems: Problems) -> Any:
        if not isinstance(value, list) or len(value) != len(readers):
            return _say(problems, path, expected, value)
        parts = [
            reader(part, (path, place), problems)
            for place, (reader, part) in enumerate(zip(readers, value, strict=True))
        ]
        return _BAD if _BAD in parts else kind(*parts)

    return read_named


def _dict(wanted: Any) -> _Reader:
    reader, is_node = _reader(wanted), wanted is Node

    def read_dict(value: Any, path: _Path, problems: Problems) -> Any:
        if not isinstance(value, dict):
            return _say(problems, path, "an object", value)
        _twice(value, path, problems)
        if len(value) > MOST_KEYS:
            return _say(problems, path, f"at most {MOST_KEYS:,} entries", len(value))
        made: dict[str, Any] = {}
        for key, entry in value.items():
            where = (path, key)
            if (len(key) > LONGEST_TEXT or not key.isascii()) and (fault := text_problem(key)):
                _say(problems, where, f"{fault} as a key", key)
            if is_node and isinstance(entry, dict):
                entry = _with_id(entry, key, where, problems)
            made[key] = reader(entry, where, problems)
            if len(problems) >= MOST_PROBLEMS:
                return _BAD
        return _BAD if _holds_bad(made.values()) else made

    return read_dict


def _with_id(entry: dict[str, Any], key: str, path: _Path, problems: Problems) -> Any:
    """A node is stored under its id and need not repeat it."""
    if "id" in entry and entry["id"] != key:
        _say(problems, (path, "id"), f"the key {quoted(key)} again", entry["id"])
    if "id" in entry and not isinstance(entry, Doubled):
        return entry
    named = Doubled(entry) if isinstance(entry, Doubled) else dict(entry)
    if isinstance(entry, Doubled) and isinstance(named, Doubled):
        named.keys_twice = entry.keys_twice
    named["id"] = key
    return named


def _list(wanted: Any) -> _Reader:
    reader = _reader(wanted)

    def read_list(value: Any, path: _Path, problems: Problems) -> Any:
        if not isinstance(value, list):
            return _say(problems, path, "a list", value)
        if len(value) > MOST_ENTRIES:
            return _say(problems, path, f"at most {MOST_ENTRIES:,} entries", len(value))
        made = []
        for place, entry in enumerate(value):
            made.append(reader(entry, (path, place), problems))
            if len(problems) >= MOST_PROBLEMS:
                return _BAD
        return _BAD if _holds_bad(made) else tuple(made)

    return read_list


def _holds_bad(made: typing.Iterable[Any]) -> bool:
    return any(entry is _BAD for entry in made)
