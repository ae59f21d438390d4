"""In which encoding a file of text is, why that is thought, and its characters in pieces.

A byte order mark decides, then zero bytes at every second place, then whether all bytes are UTF-8. Bytes that
are not, in a file without one character of several bytes, are those of Latin-1 or Windows-1252; among such
characters they are damage, which is told. Nothing is replaced in silence.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nodes.reading import budget
from nodes.reading.error import DataError
from nodes.reading.kept import KeptAnswers
from nodes.reading.opened import opened

LONGEST_LINE = 16 << 20
"""Characters of a line."""
BYTES_FOR_ONE = 8
"""Bytes of memory for each byte of a text while it is read: the bytes, the characters, and their places."""
PIECE = 1 << 20
"""Bytes that are read at a time."""
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
Decoder = codecs.IncrementalDecoder | io.IncrementalNewlineDecoder
WIDE = 0.6
"""Share of the second bytes that are zero in a text of two bytes a character."""
_START = 4096
_WHAT = "a text file"


@dataclass(frozen=True)
class Encoding:
    """The encoding of a file: its name, why, the bytes of its mark, and notes on what is odd in it."""

    name: str
    why: str
    mark: int = 0
    notes: tuple[str, ...] = ()
    is_doubtful: bool = False


_found: KeptAnswers[Encoding] = KeptAnswers(64)
_sizes: KeptAnswers[int] = KeptAnswers(64)


def encoding_of(path: Path, wanted: str = "auto") -> Encoding:
    """The encoding of a text, packed with gzip or not; `wanted` is the name of one, or auto.

    The file is read through once for each of its versions. Raises `DataError` for what is no text.
    """
    if wanted != "auto":
        marks = (len(mark) for mark, name in _MARKS if name == wanted and _start(path).startswith(mark))
        return Encoding(wanted, "it is chosen", next(marks, 0))
    return _found.of_file(path, lambda: _encoding_of(path))


def _start(path: Path) -> bytes:
    with opened(path, _WHAT) as file:
        return bytes(file.read(_START))


def _encoding_of(path: Path) -> Encoding:
    start = _start(path)
    if len(start) == _START and not any(start):
        raise DataError(f"{path}: Expected a text. Received {_START:,} zero bytes first; is it a text file?")
    for mark, name in _MARKS:
        if start.startswith(mark):
            return Encoding(name, "it begins with a byte order mark", len(mark), _odd(path, name, len(mark)))
    even, odd = start[::2].count(0), start[1::2].count(0)
    half = max(1, len(start) // 2)
    for zeros, others, name in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        if zeros > WIDE * half and others < 0.05 * half:
            return Encoding(name, "every second byte is zero", 0, is_doubtful=True)
    seen = _Bytes()
    for raw in raw_pieces(path):
        seen.see(raw)
    seen.see(b"")
    return seen.encoding(path)


def _odd(path: Path, name: str, mark: int) -> tuple[str, ...]:
    """What is odd in a file with a mark: zero bytes in UTF-8."""
    if name != "utf-8":
        return ()
    seen = _Bytes()
    for raw in raw_pieces(path, mark):
        seen.see(raw)
    seen.see(b"")
    return seen.encoding(path).notes if not seen.bad else ()


@dataclass
class _Bytes:
    """What has been seen of bytes that may be UTF-8."""

    lines: int = 1
    good: int = 0
    bad: int = 0
    first_bad: tuple[int, int] = (0, 0)
    zeros: int = 0
    first_zero: int = 0
    values: set[int] = field(default_factory=set)
    pending: bytes = b""

    def see(self, raw: bytes) -> None:
        """Look at the next bytes; none at the end."""
        held = self.pending + raw
        if held.isascii():
            self.pending = b""
        else:
            self.values |= {value for value in set(held) if value > 127}
            self._decode(held, final=not raw)
        if zeros := raw.count(0):
            self.first_zero = self.first_zero or self.lines + raw.count(b"\n", 0, raw.index(0))
            self.zeros += zeros
        self.lines += raw.count(b"\n")

    def _decode(self, held: bytes, *, final: bool) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        text = decoder.decode(held, final)
        self.pending = b"" if final else decoder.getstate()[0]
        bad = text.count("\ufffd") - held.count(b"\xef\xbf\xbd")
        if bad > 0 and not self.bad:
            try:
                held.decode("utf-8")
            except UnicodeDecodeError as error:
                self.first_bad = (self.lines + held.count(b"\n", 0, error.start), held[error.start])
        self.bad += max(0, bad)
        self.good += len(text) - len(text.encode("ascii", "ignore")) - max(0, bad)

    def encoding(self, path: Path) -> Encoding:
        """What they are. Raises `DataError` for damaged UTF-8 and for what is no text."""
        line, value = self.first_bad
        if not self.bad:
            return Encoding("utf-8", "all of it is UTF-8", notes=self._zeros(path))
        place = f"{path}, line {line:,}: Expected UTF-8 text. Received the byte {value:#04x}"
        if self.good >= self.bad:
            raise DataError(f"{place}; save the file as UTF-8, or choose its encoding.")
        if self.zeros:
            raise DataError(f"{place} and {self.zeros:,} zero bytes; is it a text file?")
        narrow = {*range(0x80, 0xA0)} & self.values
        is_windows = bool(narrow) and not narrow & {0x81, 0x8D, 0x8F, 0x90, 0x9D}
        name = "windows-1252" if is_windows else "latin-1"
        why = f"it is not UTF-8: line {line:,} has the byte {value:#04x}"
        return Encoding(name, why, notes=(f"{path.name}: read as {name}, as {why}",), is_doubtful=True)

    def _zeros(self, path: Path) -> tuple[str, ...]:
        if not self.zeros:
            return ()
        several = "zero characters, the first" if self.zeros > 1 else "zero character,"
        return (f"{path.name}: {self.zeros:,} {several} in line {self.first_zero:,}; they are kept",)


def raw_pieces(path: Path, mark: int = 0, size: int = 0) -> Iterator[bytes]:
    """The bytes of a text behind its mark, in pieces of `size` (0: `PIECE`). Raises `DataError`."""
    with opened(path, _WHAT) as file:
        file.pass_over(mark)
        while raw := file.read(size or PIECE):
            yield bytes(raw)


def size_of(path: Path) -> int:
    """The bytes of a text, unpacked; a packed one is read through once for each of its versions."""
    return _sizes.of_file(path, lambda: _size_of(path))


def _size_of(path: Path) -> int:
    with opened(path, _WHAT) as file:
        return file.pass_over(1 << 62) if file.is_packed else file.size


def fits(path: Path) -> bool:
    """Whether a text may be held in memory while it is read. Raises `DataError` for what cannot be opened."""
    return BYTES_FOR_ONE * size_of(path) <= budget.room()


def require_room(path: Path, advice: str = "") -> None:
    """Raise `NoRoomError` where a text does not fit into memory; `advice` says what to do."""
    size = size_of(path)
    budget.require_room(str(path), BYTES_FOR_ONE * size, f"{size:,} bytes of text", advice)


def pieces(path: Path, encoding: Encoding, decoder: Decoder | None = None, size: int = 0) -> Iterator[str]:
    """The characters of a file in pieces, ends of lines as they are. Raises `DataError`."""
    decoder = decoder or codecs.getincrementaldecoder(encoding.name)()
    lines = 1
    try:
        for raw in raw_pieces(path, encoding.mark, size):
            text = decoder.decode(raw)
            lines += text.count("\n")
            yield text
        yield decoder.decode(b"", True)
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path}, line {lines + _ends(error):,} or the next: Expected {encoding.name} text. Received the "
            f"byte {error.object[error.start]:#04x}; choose another encoding."
        ) from error


def _ends(error: UnicodeDecodeError) -> int:
    return error.object.count(b"\n", 0, error.start)


def lines_of(path: Path, encoding: Encoding) -> Iterator[str]:
    """The lines of a file without their ends (`\\n`, `\\r\\n` or `\\r`). Raises `DataError`."""
    made = codecs.getincrementaldecoder(encoding.name)()
    decoder = io.IncrementalNewlineDecoder(made, translate=True)
    rest, number = "", 0
    for text in pieces(path, encoding, decoder):
        whole = (rest + text).split("\n") if "\n" in text else [rest + text]
        rest = whole.pop()
        for line in whole:
            number += 1
            _require_short(path, number, line)
            yield line
        _require_short(path, number + 1, rest)
    if rest:
        yield rest


def _require_short(path: Path, number: int, line: str) -> None:
    if len(line) > LONGEST_LINE:
        raise DataError(
            f"{path}, line {number:,}: Expected lines of at most {LONGEST_LINE:,} characters. Received a "
            "longer one; is it a text in lines?"
        )
