"""Tables and texts: lines without end, too many columns and words, bombs, damage."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from itertools import chain as joined
from pathlib import Path

from tests.hostile.data_cases import of_data

_CSV, _TEXT = {"dataset": "csv-file"}, {"dataset": "text-file", "context": 4}
_SERIES = {"dataset": "series-file", "window": 2}


def _bytes(name: str, data: Callable[[], bytes]) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_bytes(data())
        return folder / name

    return write


def _csv(text: Callable[[], str]) -> Callable[[Path], Path]:
    return _bytes("table.csv", lambda: text().encode())


def _sparse(folder: Path) -> Path:
    with (folder / "table.csv").open("wb") as file:
        file.truncate(6 << 30)
    return folder / "table.csv"


def _line(cells: list[str]) -> str:
    return ",".join(cells) + "\n"


def _names(count: int) -> list[str]:
    return [f"c{i}" for i in range(count)]


def _words() -> str:
    """A thousand columns of words that are all different."""
    rows = (_line([f"{row}-{column}-{'word' * 12}" for column in range(1000)]) for row in range(950))
    return "".join((_line(_names(1000)), *rows))


def _late_byte() -> bytes:
    return _line(_names(8)).encode() + b"1,2,3,4,5,6,7,8\n" * 400_000 + b"1,2,\xff,4,5,6,7,8\n"


def _packed_letters(megabytes: int) -> bytes:
    return gzip.compress(b"a" * (32 << 20)) * (megabytes // 32)


def _packed_text() -> bytes:
    return gzip.compress(bytes(range(32, 127)) * 2000)


def _damaged_text() -> bytes:
    found = bytearray(_packed_text())
    found[40:60] = bytes(20)
    return bytes(found)


def _zeros_behind(folder: Path) -> Path:
    path = folder / "words.txt.gz"
    path.write_bytes(_packed_text())
    with path.open("r+b") as file:
        file.truncate(400_000_000)
    return path


_ASKED = {**_CSV, "target_columns": "price\u202e\n" + "x" * 5000}

CASES = tuple(
    joined(
        of_data(
            *("table", "6 GB without an end of line", _CSV, _sparse, "line 1: Expected at most 16,777,216"),
            seconds=1.0,
            megabytes=300,
            is_quick=True,
        ),
        of_data("table", "6 GB as a series", _SERIES, _sparse, "line 1: Expected at most 16,777,216 ch"),
        of_data(
            *("table", "200,001 columns, two of one name", _CSV),
            _csv(lambda: _line([*_names(200_000), "c199999"]) + _line(["1"] * 200_001)),
            "line 1: Expected at most 20,000 columns. Received 200,001",
            is_quick=True,
        ),
        of_data(
            *("table", "20,000 columns, two of one name", _CSV),
            _csv(lambda: _line([*_names(19_999), "c0"]) + _line(["1"] * 20_000)),
            "Expected a prediction of N×1, as the target. Received N×2",
        ),
        of_data(
            *("table", "an unknown column of 20,000", _ASKED),
            _csv(lambda: _line(_names(20_000)) + _line(["1"] * 20_000) * 2),
            "Expected one of the columns c0, c1, .* and 19,992 more",
        ),
        of_data(
            *("table", "a row without end", _CSV, _csv(lambda: "a,b\n" + '"x\n",' * (5 << 20))),
            "Expected at most 16,777,216 characters in a row",
        ),
        of_data(
            *("table", "a cell without end", _CSV, _csv(lambda: 'a,b\n1,"' + "x\n" * (1 << 20))),
            "Expected a row of a CSV table. Received: field larger",
        ),
        of_data(
            *("table", "blank lines", _CSV, _csv(lambda: "a,b\n" + "\n" * (32 << 20))),
            "Expected at most 10,000 blank lines",
        ),
        of_data("table", "nothing but words", _CSV, _csv(_words), "Expected different words", seconds=4.0),
        of_data(
            *("table", "a name of a megabyte", _CSV, _csv(lambda: "a," + "\u202e" * 100_000 + "\n1,2\n")),
            "Expected column names of at most 1,000 characters",
        ),
        of_data(
            *("table", "a byte that is no text at the end", _CSV, _bytes("table.csv", _late_byte)),
            "near line 400,00.*Received the byte 0xff",
        ),
        of_data(
            *("table", "a quote that stays open over 100 MB", _CSV),
            _csv(lambda: 'a,"b\n' + "1,2\n" * 25_000_000),
            "Expected a row of a CSV table. Received: field larger",
        ),
        of_data(
            *("table", "rows of another width", _CSV, _csv(lambda: "a,b\n" + _line(["1"] * 9000) * 500)),
            "line 2: Expected 2 cells, as in the first line, .* Received 9000, and no line fits",
        ),
        of_data("table", "an archive", _CSV, _bytes("table.csv", _packed_text), "none that could go in"),
        of_data(
            *("text", "a bomb: 900 MB of one letter", _TEXT),
            _bytes("words.txt.gz", lambda: _packed_letters(900)),
            "Expected at most .* bytes from .* packed ones. Received more",
        ),
        of_data(
            "text", "damaged", _TEXT, _bytes("words.txt.gz", _damaged_text), "Received a damaged one",
            is_quick=True,
        ),
        of_data(
            "text", "cut", _TEXT, _bytes("words.txt.gz", lambda: _packed_text()[:-9]), "a damaged one"
        ),
        of_data(
            "text", "words behind it", _TEXT, _bytes("words.txt.gz", lambda: _packed_text() + b"words"),
            "Received a damaged one",
        ),
        of_data(
            "text", "400 MB of zeros behind it", _TEXT, _zeros_behind,
            "Received more than 262,144 zero bytes behind", is_quick=True,
        ),
        of_data(
            "text", "a packed name of 30 MB", _TEXT,
            _bytes("words.txt.gz", lambda: b"\x1f\x8b\x08\x08\0\0\0\0\0\3" + b"a" * 30_000_000),
            "Received too many parts for the size",
        ),
        of_data(
            "text", "500,000 empty parts", _TEXT,
            _bytes("words.txt.gz", lambda: gzip.compress(b"") * 500_000 + _packed_text()),
            "Received too many parts for the size",
        ),
        of_data("text", "no text", _TEXT, _bytes("words.txt", lambda: bytes(range(256)) * 9), "byte 0x80"),
        of_data(
            "text", "all characters", _TEXT,
            _bytes("words.txt", lambda: "".join(map(chr, range(0x10000, 0x30000))).encode()),
            "Expected at most 65,536 different characters. Received 131,072",
        ),
    )
)  # fmt: skip
