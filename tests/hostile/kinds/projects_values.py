"""Projects of more values than a drawing needs: refused before anything is made of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.hostile.case import Case

FULL = 16 * 2**20 - 200
"""Bytes of a file that is as large as it may be."""


def written(write: Callable[[], bytes | dict[str, Any]]) -> Callable[[Path], Path]:
    """Writes the project when it is asked for: large inputs are not kept."""

    def make(folder: Path) -> Path:
        path, data = folder / "p.loom", write()
        path.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
        return path

    return make


# Many values --------------------------------------------------------------------------------------------

_PIECES = {
    "numbers": b"1,",
    "floats": b"1.5,",
    "long floats": b"0.1234567890123456,",
    "empty lists": b"[],",
    "empty objects": b"{},",
    "small objects": b'{"a":1},',
    "texts": b'"ab",',
    "long numbers": b"9" * 4000 + b",",
    "two levels": b"[[1],[1]],",
    "escapes": b'"\\u00e9\\u00e9\\u00e9",',
}
_PLACES = {
    "parameter": (
        b'{"format":2,"name":"p","graphs":{"main":{"nodes":{"a":{"layer":"relu","params":{"x":[',
        b"1]}}}}}}",
    ),
    "wires": (b'{"format":2,"name":"p","graphs":{"main":{"wires":[', b"1]}}}"),
    "wires of format 1": (b'{"format":1,"name":"p","graphs":{"main":{"wires":[', b"1]}}}"),
    "project": (b"[", b"1]"),
    "settings": (b'{"format":2,"name":"p","settings":[', b"1]}"),
    "pins": (b'{"format":2,"name":"p","graphs":{"main":{"lenses":[', b"1]}}}"),
}
_KEYED = {
    "nodes": (b'{"format":2,"name":"p","graphs":{"main":{"nodes":{', b'"z":1}}}}'),
    "positions": (b'{"format":2,"name":"p","graphs":{"main":{"layout":{"positions":{', b'"z":1}}}}}'),
    "graphs": (b'{"format":2,"name":"p","graphs":{', b'"z":1}}'),
    "fields": (b'{"format":2,"name":"p",', b'"z":1}'),
    "parameters": (
        b'{"format":2,"name":"p","graphs":{"main":{"nodes":{"a":{"layer":"relu","params":{',
        b'"z":1}}}}}}',
    ),
}
_ENTRIES: dict[str, Callable[[int], bytes]] = {
    "one key again": lambda number: b'"a":1,',
    "different keys": lambda number: b'"a%x":1,' % number,
    "different keys twice": lambda number: b'"a%x":1,' % (number // 2),
    "empty objects": lambda number: b'"a%x":{},' % number,
    "nodes": lambda number: b'"a%x":{"layer":"relu"},' % number,
    "unknown nodes": lambda number: b'"a%x":{"layer":"x%x"},' % (number, number),
    "strange nodes": lambda number: b'"a%x":{"layer":"relu","params":{"x":[[1]]}},' % number,
    "places": lambda number: b'"a%x":[1,2],' % number,
}


def _filled(place: tuple[bytes, bytes], piece: bytes) -> Callable[[], bytes]:
    return lambda: place[0] + piece * ((FULL - len(place[0])) // len(piece)) + place[1]


def _keyed(place: tuple[bytes, bytes], entry: Callable[[int], bytes]) -> Callable[[], bytes]:
    def write() -> bytes:
        found, size = [place[0]], 0
        while size < FULL - 100:
            found.append(entry(len(found)))
            size += len(found[-1])
        return b"".join(found) + place[1]

    return write


def _many_values() -> Iterator[Case]:
    for place, ends in _PLACES.items():
        for kind, piece in _PIECES.items():
            name = f"{kind} as {place}"
            yield Case(
                "many values",
                name,
                written(_filled(ends, piece)),
                "Expected",
                is_quick=name == "empty lists as parameter",
            )
    for place, ends in _KEYED.items():
        for kind, entry in _ENTRIES.items():
            yield Case("many values", f"{kind} as {place}", written(_keyed(ends, entry)), "Expected")


CASES = tuple(_many_values())
