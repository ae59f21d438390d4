"""Mutated files: a reader gives its typed error or a value, in bounds, and does nothing else."""

from __future__ import annotations

import contextlib
import importlib
import pkgutil
import random
import re
import signal
import struct
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from nodes.user_error import UserError
from tests.hostile.asked import captured
from tests.hostile.memory import peak
from tests.hostile.watched import watched

Mutate = Callable[[bytes, random.Random], bytes]


@dataclass(frozen=True)
class Reader:
    """How a kind of file is read. `seeds` writes small real files into a folder and returns them.

    `read` is given a mutated file, which stands alone in a folder under the name of its seed, or in the place
    of its seed where `beside` says that the files of the folder belong together.
    """

    name: str
    seeds: Callable[[Path], list[Path]]
    read: Callable[[Path], object]
    refuses: tuple[type[Exception], ...] = (UserError,)
    mutate: Mutate | None = None
    beside: bool = False
    seconds: float = 2.0
    megabytes: int = 1000


@dataclass(frozen=True)
class Fault:
    """What a reader did with one mutated file."""

    reader: str
    number: int
    sentence: str
    data: bytes


def readers() -> tuple[Reader, ...]:
    """Every reader of every room."""
    from tests.hostile import readers as rooms

    names = sorted(found.name for found in pkgutil.iter_modules(rooms.__path__))
    modules = [importlib.import_module(f"{rooms.__name__}.{name}") for name in names]
    return tuple(reader for module in modules for reader in module.READERS)


def fuzz(reader: Reader, count: int, folder: Path, first: int = 0) -> Iterator[Fault]:
    """Faults among so many mutated files; the same numbers are always the same files."""
    kept = folder / "seeds"
    kept.mkdir()
    seeds = reader.seeds(kept)
    contents = [seed.read_bytes() for seed in seeds]
    for number in range(first, first + count):
        chance = random.Random(f"{reader.name} {number}")
        at = chance.randrange(len(seeds))
        data = (reader.mutate or mutated)(contents[at], chance)
        if reader.beside:
            path = seeds[at]
        else:
            path = folder / "one" / seeds[at].name
            path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        sentence = _tried(reader, path, folder)
        if reader.beside:
            path.write_bytes(contents[at])
        if sentence:
            yield Fault(reader.name, number, sentence, data)


def _tried(reader: Reader, path: Path, folder: Path) -> str:
    """What is wrong with how the reader took this file; empty where all is well."""
    before, started, sentence = peak(reset=True), time.process_time(), ""
    with captured() as written, watched(folder) as seen, _alarm(30):
        try:
            reader.read(path)
        except reader.refuses as error:
            longest = max(map(len, str(error).splitlines()), default=0)
            sentence = f"a line of {longest:,} characters" if longest > 300 else ""
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            sentence = f"{type(error).__name__}: {traceback.format_exc()[-1500:]}"
    seconds, megabytes = time.process_time() - started, peak() - before
    if seen:
        return f"did what no file may cause: {seen[:3]}"
    if sentence:
        return sentence
    if written():
        return f"raw text of a library: {written()[:300]!r}"
    if seconds > reader.seconds:
        return f"{seconds:.1f} s of CPU"
    return f"{megabytes:,} MB" if megabytes > reader.megabytes else ""


class _HangsError(BaseException):
    """A reader did not answer."""


@contextlib.contextmanager
def _alarm(seconds: int) -> Iterator[None]:
    def ring(number: int, frame: FrameType | None) -> None:
        raise _HangsError(f"no answer in {seconds} s")

    kept = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, kept)


# Mutations ----------------------------------------------------------------------------------------------

_NUMBERS = (0, 1, -1, 255, 2**15, 2**16, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**64 - 1)
_WORDS = (
    b"nan", b"1e999", b"-1", b"9" * 30, b"null", b"{}", b"[]", b'"', b"\x00", b"\xff\xfe", b"\n", b",",
    b"\xe2\x80\xae", b"[" * 500, b"../../x", b"/dev/zero", b"<img src='/dev/zero'>", b"true", b"1" * 5000,
)  # fmt: skip


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The same bytes after one to eight accidents."""
    found = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        chance.choice(_ACCIDENTS)(found, chance)
    return bytes(found)


def _place(data: bytearray, chance: random.Random) -> int:
    """Somewhere in the bytes; the beginning, where headers are, more often."""
    most = min(len(data), 64) if chance.random() < 0.4 else len(data)
    return chance.randrange(most) if most else 0


def _flip(data: bytearray, chance: random.Random) -> None:
    if data:
        data[_place(data, chance)] ^= 1 << chance.randrange(8)


def _cut(data: bytearray, chance: random.Random) -> None:
    at = _place(data, chance)
    del data[at : at + chance.choice((1, 4, 64, len(data)))]


def _insert(data: bytearray, chance: random.Random) -> None:
    at = _place(data, chance)
    data[at:at] = chance.choice((*_WORDS, chance.randbytes(chance.randrange(1, 40))))


def _number(data: bytearray, chance: random.Random) -> None:
    """A number of the machine, of any size and order."""
    code = chance.choice("bhiq")
    size = struct.calcsize(code)
    value = chance.choice(_NUMBERS) % 256**size
    at = _place(data, chance)
    data[at : at + size] = value.to_bytes(size, chance.choice(("little", "big")))


def _written_number(data: bytearray, chance: random.Random) -> None:
    """A number as text."""
    found = list(re.finditer(rb"-?\d+(\.\d+)?", data[: 1 << 16]))
    if found:
        one = chance.choice(found)
        others = (b"0", b"-1", b"1e308", b"1" * 400, str(chance.choice(_NUMBERS)).encode())
        data[one.start() : one.end()] = chance.choice(others)


def _repeat(data: bytearray, chance: random.Random) -> None:
    at = _place(data, chance)
    part = bytes(data[at : at + chance.choice((1, 8, 200))])
    data[at:at] = part * chance.choice((1, 2, 100))


def _swap(data: bytearray, chance: random.Random) -> None:
    a, b = sorted((_place(data, chance), _place(data, chance)))
    size = chance.choice((1, 8, 100))
    data[a : a + size], data[b : b + size] = data[b : b + size], data[a : a + size]


def _word(data: bytearray, chance: random.Random) -> None:
    """A quoted word becomes another."""
    found = list(re.finditer(rb'"[^"\n]{0,60}"', data[: 1 << 16]))
    if found:
        one = chance.choice(found)
        data[one.start() : one.end()] = chance.choice(
            (chance.choice(found)[0], b'""', b"null", b"[]", b"{}", b'"\\u202e\\ud800"')
        )


_ACCIDENTS = (_flip, _cut, _insert, _number, _written_number, _repeat, _swap, _word)
