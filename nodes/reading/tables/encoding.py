"""Which encoding a text file has, by its first bytes."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

SINGLE_BYTE = "windows-1252"
"""What text is taken for that is no UTF-8: the encoding of Windows in Western Europe, which has Latin-1."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_PRINTED = frozenset(range(32, 256)) | {9, 10, 12, 13, 26}


@dataclass(frozen=True)
class FoundEncoding:
    """The name by which Python knows it, the one people know it by, and why it was taken."""

    codec: str
    title: str
    why: str
    is_guess: bool = False


UTF_8 = FoundEncoding("utf-8-sig", "UTF-8", "its first bytes are UTF-8")


def encoding_of(start: bytes, chosen: str = "auto") -> FoundEncoding:
    """The encoding of a text by its first bytes, or the chosen one.

    Bytes that are no text in any encoding are taken for UTF-8, which then fails where they stand.
    """
    if chosen != "auto":
        return FoundEncoding(chosen, chosen, "it is chosen so")
    for mark, codec, title in _MARKS:
        if start.startswith(mark):
            return FoundEncoding(codec, title, "it begins with a byte order mark")
    wide = _without_mark(start)
    if wide is not None:
        return wide
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError as error:
        if not set(start) <= _PRINTED:
            return UTF_8
        byte = f"the byte {start[error.start]:#04x} is no UTF-8"
        codec = SINGLE_BYTE if _is_windows(start) else "latin-1"
        title = "Windows-1252" if codec == SINGLE_BYTE else "Latin-1"
        return FoundEncoding(codec, title, byte, is_guess=True)
    why = "all that was looked at is ASCII" if start.isascii() else UTF_8.why
    return FoundEncoding(UTF_8.codec, UTF_8.title, why)


def _without_mark(start: bytes) -> FoundEncoding | None:
    """UTF-16 without a mark: every second byte of most characters is zero."""
    pairs = len(start) // 2
    if pairs < 4:
        return None
    for codec, zeros in (("utf-16-le", start[1::2]), ("utf-16-be", start[0::2])):
        others = start[0::2] if codec == "utf-16-le" else start[1::2]
        if zeros.count(0) > 0.6 * pairs and others.count(0) < 0.01 * pairs:
            return FoundEncoding(codec, "UTF-16", "every second byte is zero")
    return None


def _is_windows(start: bytes) -> bool:
    try:
        start.decode(SINGLE_BYTE)
    except UnicodeDecodeError:
        return False
    return True
