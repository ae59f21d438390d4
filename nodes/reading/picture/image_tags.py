"""The few tags that decide how a picture is read: its orientation, and what a TIFF says of its layout.

Read here and not through Pillow, whose reader takes every tag of a stranger's file, warns on stderr of the
damaged ones and gives up on some. Knows the table of tags that TIFF and EXIF share, and no pixels.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

ORIENTATION = 0x0112
MOST_TAGS = 4096
"""Tags of a table that are looked at; ordinary files have less than a hundred."""
_WHOLE = {1: "B", 3: "H", 4: "L", 16: "Q"}
"""Types of whole numbers: of one byte, two, four and eight."""
_XMP = re.compile(r'tiff:Orientation(?:="|>)([1-8])')

Tags = dict[int, list[tuple[int, int | None]]]
"""By tag, how many values each entry has, and the value where it is a single whole number."""


def tags(file: IO[bytes]) -> Tags:
    """The first table of a TIFF file, or of EXIF data in the form of one; moves the place in the file.

    A tag that stands there twice has two entries. Raises ValueError where there is no table.
    """
    head = file.read(16)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None or len(head) < 8:
        raise ValueError("no table of tags")
    is_big = struct.unpack(f"{order}H", head[2:4])[0] == 43
    entry, length, inline = (f"{order}HHQ8s", 20, 8) if is_big else (f"{order}HHL4s", 12, 4)
    if is_big and len(head) < 16:
        raise ValueError("a table of tags without a place")
    start = struct.unpack(f"{order}Q", head[8:16])[0] if is_big else struct.unpack(f"{order}L", head[4:8])[0]
    if start >= 1 << 40:
        raise ValueError("a table of tags beyond the file")
    file.seek(start)
    counted = file.read(8 if is_big else 2)
    if len(counted) < (8 if is_big else 2):
        raise ValueError("a table of tags beyond the file")
    count = struct.unpack(f"{order}{'Q' if is_big else 'H'}", counted)[0]
    if count > MOST_TAGS:
        raise ValueError(f"{count:,} tags, at most {MOST_TAGS:,} are read")
    found: Tags = {}
    data = file.read(count * length)
    for place in range(0, len(data) - length + 1, length):
        tag, kind, values, raw = struct.unpack(entry, data[place : place + length])
        number = _number(order, kind, values, raw, inline)
        found.setdefault(tag, []).append((values, number))
    return found


def _number(order: str, kind: int, values: int, raw: bytes, inline: int) -> int | None:
    form = _WHOLE.get(kind)
    if values != 1 or form is None or struct.calcsize(f"={form}") > inline:
        return None
    return int(struct.unpack_from(f"{order}{form}", raw)[0])


def orientation(info: Mapping[Any, Any]) -> int:
    """How the picture with this `info` of Pillow lies, by EXIF or XMP: 1 to 8.

    1, upright, also where the data that would say so are damaged.
    """
    exif = _exif(info)
    if exif:
        try:
            entries = tags(BytesIO(exif.removeprefix(b"Exif\0\0"))).get(ORIENTATION, [])
        except ValueError:
            return 1
        if entries:
            value = entries[0][1]
            return value if value is not None and 1 <= value <= 8 else 1
    xmp = info.get("XML:com.adobe.xmp") or info.get("xmp") or ""
    text = xmp.decode("latin-1") if isinstance(xmp, bytes) else str(xmp)
    found = _XMP.search(text)
    return int(found[1]) if found else 1


def _exif(info: Mapping[Any, Any]) -> bytes:
    """EXIF data as JPEG, WebP and PNG have them; older PNG files have them as digits in a text."""
    exif = info.get("exif")
    if isinstance(exif, bytes):
        return exif
    text = info.get("Raw profile type exif")
    if not isinstance(text, str):
        return b""
    try:
        return bytes.fromhex("".join(text.split("\n")[3:]))
    except ValueError:
        return b""
