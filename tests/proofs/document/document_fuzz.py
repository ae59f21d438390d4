"""Loads mutated project files, which must load or give the one typed error: document_fuzz [FILES] [SEED].

Mutations are of bytes (flips, cuts, repeats, splices) and of the JSON inside (types swapped, values made huge
or deep, keys doubled, removed or renamed, ids exchanged). What loads must save to a form that loads to the
same bytes. Each file may take a few seconds at most: a watchdog ends the proof where one hangs.
"""

from __future__ import annotations

import copy
import faulthandler
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from engine.document.project import Project
from engine.document.storage.file import ProjectFileError, from_bytes, to_bytes
from tests import ROOT
from tests.engine.document.drawing import EDITS, START, replay, sample

LONGEST_SECONDS = 5.0

FORMAT_1 = ROOT / "tests" / "engine" / "document" / "storage" / "format-1.loom"

ODD: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1e308,
    -0.0,
    2**63,
    2**64,
    10**40,
    -(10**40),
    "",
    "=",
    "=i",
    "=" + "(" * 45 + "1" + ")" * 45,
    "=9**9**9",
    "=" + "-" * 490 + "1",
    "main",
    "@in",
    "@out",
    "block",
    "network",
    "part",
    "\ud800",
    "\0",
    "a.b",
    "a" * 5000,
    "é\u202e",
    [],
    [[]],
    {},
    {"": {}},
    [None] * 300,
    {"id": "x"},
    {"layer": "relu"},
    {"layer": "block", "params": {"definition": "part", "repeat": 10_000}},
)
BYTES = (
    b'"',
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\\",
    b"\x00",
    b"\xff",
    b"NaN",
    b"1e999",
    b"-",
    b"9" * 40,
    b"\\u0000",
)


def seeds() -> list[bytes]:
    """The files that are mutated: a bit of everything, random drawings, an old format, an empty project."""
    found = [to_bytes(sample()), to_bytes(Project()), FORMAT_1.read_bytes()]
    for seed in range(8):
        chance = random.Random(seed)
        steps = [
            (chance.choice(sorted(EDITS)), *(chance.randrange(10_000) for _ in range(3))) for _ in range(25)
        ]
        found.append(to_bytes(replay([*START, *steps])))
    return found


def mutated(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """The file with one to four things changed in it."""
    if chance.random() < 0.45:
        for _ in range(chance.randint(1, 4)):
            data = chance.choice(_OF_BYTES)(data, other, chance)
        return data
    raw = json.loads(data)
    for _ in range(chance.randint(1, 4)):
        raw = chance.choice(_OF_JSON)(raw, chance)
    text = json.dumps(raw, ensure_ascii=chance.random() < 0.5)
    if chance.random() < 0.1:
        text = _doubled_key(text, chance)
    if chance.random() < 0.05:
        text = _deep(text, chance)
    return text.encode("utf-8", "surrogatepass")


# Bytes ------------------------------------------------------------------------------------------------------


def _flip(data: bytes, _other: bytes, chance: random.Random) -> bytes:
    if not data:
        return data
    place = chance.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]


def _cut(data: bytes, _other: bytes, chance: random.Random) -> bytes:
    start = chance.randint(0, len(data))
    return data[:start] + data[start + chance.choice((1, 3, 20, 200, len(data))) :]


def _put(data: bytes, _other: bytes, chance: random.Random) -> bytes:
    place = chance.randint(0, len(data))
    return data[:place] + chance.choice(BYTES) + data[place:]


def _repeat(data: bytes, _other: bytes, chance: random.Random) -> bytes:
    start = chance.randint(0, len(data))
    end = min(len(data), start + chance.choice((1, 10, 100)))
    return data[:end] + data[start:end] * chance.choice((1, 2, 50, 2000)) + data[end:]


def _splice(data: bytes, other: bytes, chance: random.Random) -> bytes:
    return data[: chance.randint(0, len(data))] + other[chance.randint(0, len(other)) :]


def _swap_lines(data: bytes, _other: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


_OF_BYTES: tuple[Callable[[bytes, bytes, random.Random], bytes], ...] = (
    _flip,
    _cut,
    _put,
    _repeat,
    _splice,
    _swap_lines,
)


# JSON -------------------------------------------------------------------------------------------------------


def _places(raw: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    pairs = raw.items() if isinstance(raw, dict) else enumerate(raw) if isinstance(raw, list) else ()
    for key, value in pairs:
        found += _places(value, (*path, key))
    return found


def _at(raw: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        raw = raw[key]
    return raw


def _place(raw: Any, chance: random.Random) -> tuple[Any, Any]:
    """A container and a key in it; an odd file may have none."""
    path = chance.choice(_places(raw))
    return (_at(raw, path[:-1]), path[-1]) if path else (None, None)


def _odd(raw: Any, chance: random.Random) -> Any:
    holder, key = _place(raw, chance)
    odd = copy.deepcopy(chance.choice(ODD))
    if holder is None:
        return odd if chance.random() < 0.1 else raw
    holder[key] = odd
    return raw


def _remove(raw: Any, chance: random.Random) -> Any:
    holder, key = _place(raw, chance)
    if holder is not None:
        del holder[key]
    return raw


def _rename(raw: Any, chance: random.Random) -> Any:
    holder, key = _place(raw, chance)
    if isinstance(holder, dict):
        names = [name for path in _places(raw) for name in path if isinstance(name, str)]
        holder[chance.choice([*names, "x.y", "", "class", "a" * 70])] = holder.pop(key)
    return raw


def _exchange(raw: Any, chance: random.Random) -> Any:
    """Two values anywhere change places: ids, numbers, whole graphs."""
    (one, key), (other, place) = _place(raw, chance), _place(raw, chance)
    if one is not None and other is not None:
        first, second = copy.deepcopy(one[key]), copy.deepcopy(other[place])
        one[key] = second
        if place in other if isinstance(other, dict) else place < len(other):
            other[place] = first
    return raw


def _copy(raw: Any, chance: random.Random) -> Any:
    """A value stands a second time, in a list or under another key."""
    holder, key = _place(raw, chance)
    if isinstance(holder, list):
        holder.insert(chance.randint(0, len(holder)), copy.deepcopy(holder[key]))
    elif isinstance(holder, dict):
        holder[f"{key}{chance.randint(0, 9)}"] = copy.deepcopy(holder[key])
    return raw


def _nest(raw: Any, chance: random.Random) -> Any:
    """A value is wrapped in many lists or objects."""
    holder, key = _place(raw, chance)
    if holder is not None:
        for _ in range(chance.choice((1, 5, 17, 60))):
            holder[key] = [holder[key]] if chance.random() < 0.5 else {"a": holder[key]}
    return raw


def _number(raw: Any, chance: random.Random) -> Any:
    """A number becomes another."""
    numbers = [path for path in _places(raw) if path and isinstance(_at(raw, path), int | float)]
    if numbers:
        path = chance.choice(numbers)
        _at(raw, path[:-1])[path[-1]] = chance.choice(
            (0, -1, 1, 2, 3, 7, 10**6, 10**18, 0.5, -1e-300, 1e300, 2**53 + 1)
        )
    return raw


_OF_JSON: tuple[Callable[[Any, random.Random], Any], ...] = (
    _odd,
    _odd,
    _remove,
    _rename,
    _exchange,
    _exchange,
    _copy,
    _nest,
    _number,
)


def _doubled_key(text: str, chance: random.Random) -> str:
    places = [place for place, sign in enumerate(text) if sign == "{"]
    if not places:
        return text
    place = chance.choice(places) + 1
    return text[:place] + f'"{chance.choice(("id", "nodes", "layer", "format"))}": 1, ' * 2 + text[place:]


def _deep(text: str, chance: random.Random) -> str:
    place = chance.randint(0, len(text))
    return (
        text[:place] + chance.choice(("[", '{"a":')) * chance.choice((100, 990, 5000, 100_000)) + text[place:]
    )


# The proof --------------------------------------------------------------------------------------------------


def outcome(data: bytes) -> str:
    """ "loaded" or "refused"; anything else raises."""
    try:
        project = from_bytes(data)
    except ProjectFileError as error:
        refused = error
    else:
        saved = to_bytes(project)
        assert to_bytes(from_bytes(saved)) == saved, "saved, loaded and saved to other bytes"
        return "loaded"
    assert refused.problems, "an error without a problem"
    assert all(isinstance(path, str) and sentence for path, sentence in refused.problems)
    assert len(str(refused)) < 20_000, "an endless message"
    return "refused"


def main(arguments: list[str]) -> int:
    count = int(arguments[0]) if arguments else 100_000
    seed = int(arguments[1]) if len(arguments) > 1 else 0
    chance = random.Random(seed)
    files = seeds()
    results: Counter[str] = Counter()
    slowest, begun = 0.0, time.perf_counter()
    for number in range(count):
        data = mutated(chance.choice(files), chance.choice(files), chance)
        faulthandler.dump_traceback_later(60, exit=True)
        start = time.perf_counter()
        try:
            results[outcome(data)] += 1
        except BaseException:
            sys.stderr.write(f"file {number} of seed {seed}:\n{data[:4000]!r}\n")
            raise
        finally:
            faulthandler.cancel_dump_traceback_later()
        slowest = max(slowest, time.perf_counter() - start)
        if number % 10_000 == 9_999:
            print(f"{number + 1} files: {dict(results)}, slowest {slowest * 1000:.0f} ms", flush=True)
    seconds = time.perf_counter() - begun
    print(f"{count} files in {seconds:.0f} s: {dict(results)}, slowest {slowest * 1000:.0f} ms")
    return 0 if slowest < LONGEST_SECONDS else 1
