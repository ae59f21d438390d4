"""Texts, pairs and sounds: lines without end, bombs, zeros, endless JSON, headers that lie, many files."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from itertools import chain as joined
from pathlib import Path

from tests.hostile.data_cases import of_data

_TEXTS, _PAIRS = {"dataset": "texts", "length": 4}, {"dataset": "text-pairs", "length": 4}
_SOUNDS = {"dataset": "sounds", "seconds": 0.1}


def _bytes(name: str, data: Callable[[], bytes]) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_bytes(data())
        return folder / name

    return write


def _sparse(name: str, size: int, start: bytes = b"") -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        with (folder / name).open("wb") as file:
            file.write(start)
            file.truncate(size)
        return folder / name

    return write


def _bomb() -> bytes:
    return gzip.compress(b"word " * (6 << 20)) * 30


def _deep() -> bytes:
    return b'{"a":' + b"[" * 500_000 + b"\n" + b'{"a": 1}\n'


def _linked(folder: Path) -> Path:
    (folder / "set").mkdir()
    (folder / "set" / "out").symlink_to("/")
    (folder / "set" / "a.txt").symlink_to("/dev/zero")
    (folder / "set" / "b.txt").write_text("words")
    return folder / "set"


def _wave(frames: int = 800, rate: int = 8000, channels: int = 1, size: int | None = None) -> bytes:
    """A WAV file whose header says what is asked, with 800 samples in it."""
    size = 2 * channels * frames if size is None else size
    head = struct.pack("<HHIIHH", 1, channels, rate, 2 * channels * rate & 0xFFFFFFFF, 2 * channels, 16)
    data = b"data" + struct.pack("<I", size) + bytes(1600)
    body = b"WAVEfmt " + struct.pack("<I", len(head)) + head + data
    return b"RIFF" + struct.pack("<I", min(size + 36, 0xFFFFFFFF)) + body


def _sounds(*files: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / "set").mkdir()
        for i, data in enumerate(files):
            (folder / "set" / f"{i}.wav").write_bytes(data)
        return folder / "set"

    return write


CASES = tuple(
    joined(
        of_data(
            *("texts", "4 GB of zeros", _TEXTS, _sparse("t.txt", 4 << 30)),
            "Expected a text. Received 4,096 zero bytes first; is it a text file",
            is_quick=True,
        ),
        of_data(
            *("texts", "900 MB without an end of line", _TEXTS, _sparse("t.txt", 900_000_000, b"a word ")),
            "line 1: Expected lines of at most 16,777,216 characters",
            seconds=8.0,
            megabytes=600,
        ),
        of_data(
            *("texts", "a bomb", _TEXTS, _bytes("t.txt.gz", _bomb)),
            "Expected at most .* bytes from .* packed ones. Received more",
            seconds=4.0,
        ),
        of_data("texts", "a bomb of pairs", _PAIRS, _bytes("t.tsv.gz", _bomb), "Received more", seconds=4.0),
        of_data(
            *("texts", "JSON without an end", _TEXTS, _bytes("t.jsonl", _deep)),
            "line 1: Expected a JSON object",
            is_quick=True,
        ),
        of_data(
            *("texts", "100,000 columns", _TEXTS, _bytes("t.tsv", lambda: b"word\t" * 100_000 + b"\n")),
            "Expected at most 1,000 columns. Received 100,001",
            is_quick=True,
        ),
        of_data(
            *("texts", "a quote that stays open", _TEXTS, _bytes("t.csv", lambda: b'a,"b\n' + b"x\n" * 9**6)),
            "Expected a row of a table. Received: field larger",
        ),
        of_data("texts", "links out of the folder", _TEXTS, _linked, "Expected at least 2 texts. Received 1"),
        of_data(
            *(
                "sounds",
                "nothing but damage",
                _SOUNDS,
                _sounds(b"RIFF", b"fLaC" + bytes(99), b"\xff\xfb" * 999),
            ),
            "Expected sounds that can be read. Received none",
            is_quick=True,
        ),
        of_data(
            *("sounds", "a thousand channels", _SOUNDS, _sounds(_wave(channels=1000), _wave(channels=32767))),
            "Expected sounds that can be read. Received none",
        ),
        of_data(
            *("sounds", "a rate of 4 GHz", _SOUNDS, _sounds(_wave(rate=0xFFFFFFFF), _wave(rate=0))),
            "Expected sounds that can be read. Received none",
        ),
    )
)
