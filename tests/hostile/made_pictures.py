"""Pictures as strangers make them: other formats under the name of a PNG, and small files that ask for much.

The other formats are the least that Pillow takes for one of them; some of them start a program when they are
opened, or fail with errors of any kind.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

from PIL import Image


def _eps() -> bytes:
    words = "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\n8 8 scale\nshowpage\n%%EOF\n"
    return words.encode()


def _dds() -> bytes:
    head = struct.pack("<7I44x", 124, 0x1007, 8, 8, 32, 0, 1)
    return b"DDS " + head + struct.pack("<2I4s5I", 32, 4, b"ATI9", 0, 0, 0, 0, 0) + bytes(100)


def _blp() -> bytes:
    return b"BLP2" + struct.pack("<IBBBBII", 1, 1, 8, 8, 0, 8, 8) + bytes(1400)


def _spider() -> bytes:
    values = [0.0] * 256
    values[0], values[1], values[4], values[11], values[12], values[21], values[22] = 1, 8, 1, 8, 8, 1024, 32
    return struct.pack(">256f", *values) + bytes(64)


def _avif() -> bytes:
    brand = struct.pack(">I4s4sI4s4s", 24, b"ftyp", b"avif", 0, b"avif", b"mif1")
    return brand + struct.pack(">I4sI", 60, b"meta", 0) + bytes(48)


def _psd() -> bytes:
    return b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, 8, 8, 8, 3) + bytes(12 + 2 + 192)


def _fli() -> bytes:
    return struct.pack("<IHHHHHHI", 200, 0xAF12, 1, 8, 8, 8, 3, 70) + bytes(180)


def _wmf() -> bytes:
    return (
        b"\xd7\xcd\xc6\x9a\x00\x00"
        + struct.pack("<4hH", 0, 0, 8, 8, 72)
        + bytes(6)
        + b"\x01\x00\x09\x00"
        + bytes(60)
    )


OTHER_FORMATS: dict[str, Callable[[], bytes]] = {
    "EPS": _eps,
    "DDS": _dds,
    "BLP": _blp,
    "SPIDER": _spider,
    "AVIF": _avif,
    "PSD": _psd,
    "FLI": _fli,
    "WMF": _wmf,
    "PPM": lambda: b"P6 2 2 255\n" + bytes(12),
    "ICO": lambda: struct.pack("<3H4B2H2I", 0, 1, 1, 8, 8, 0, 0, 1, 32, 40, 22) + bytes(40),
    "TGA": lambda: struct.pack("<3B5x4H2B", 0, 0, 2, 0, 0, 8, 8, 24, 0) + bytes(192),
    "XPM": lambda: b'/* XPM */\nstatic char *x[] = {\n"1 1 1 1",\n"a c #000000",\n"a"};\n',
    "words": lambda: b"no picture at all",
    "empty": lambda: b"",
}
"""The start of a file by the name of its format. None of them is a picture here."""


def packed(picture: Image.Image, form: str, **options: Any) -> bytes:
    """The picture as the bytes of a file."""
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    """A part of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, *more: bytes, colour: int = 2, depth: int = 8) -> bytes:
    """A PNG of this size whose pixels are all zero, with `more` chunks before them."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    line = 1 + (width * {0: 1, 2: 3, 6: 4}[colour] * depth + 7) // 8
    press = zlib.compressobj(9)
    some = bytes(line * min(height, max(1, (1 << 22) // line)))
    pixels, left = [], line * height
    while left > 0:
        pixels.append(press.compress(some[:left]))
        left -= len(some)
    data = b"".join([*pixels, press.flush()])
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def tiff(*tags: tuple[int, int, int, int], tail: bytes = b"", width: int = 8, height: int = 8) -> bytes:
    """A grey TIFF with these tags (tag, type, count, value) instead of or beside those of its 64 pixels."""
    plain = {
        256: (4, 1, width), 257: (4, 1, height), 258: (3, 1, 8), 259: (3, 1, 1), 262: (3, 1, 1),
        273: (4, 1, 8), 277: (3, 1, 1), 278: (4, 1, height), 279: (4, 1, width * height),
    }  # fmt: skip
    entries = {**plain, **{tag: (kind, count, value) for tag, kind, count, value in tags}}
    place = 8 + 64
    table = b"".join(
        struct.pack("<HHI", tag, kind, count) + struct.pack("<I", value % 2**32)
        for tag, (kind, count, value) in sorted(entries.items())
    )
    return (
        b"II*\0"
        + struct.pack("<I", place)
        + bytes(64)
        + struct.pack("<H", len(entries))
        + table
        + bytes(4)
        + tail
    )


def webp_canvas(width: int, height: int) -> bytes:
    """The header of a WebP with this canvas."""
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I4x", 10) + sides + bytes(60)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def bmp_of_runs() -> bytes:
    """A BMP with run-length encoding that moves 255 rows of a very wide picture by each 4 bytes."""
    head = struct.pack("<IiiHHIIiiII", 40, 60_000, 600, 1, 8, 1, 0, 0, 0, 256, 0)
    start = 14 + len(head) + 1024
    return b"BM" + struct.pack("<IHHI", start, 0, 0, start) + head + bytes(1024) + b"\0\2\xff\xff" * 40


def scans(picture: Image.Image, count: int) -> bytes:
    """A progressive JPEG of this picture whose last scan is there so many times."""
    data = packed(picture, "JPEG", progressive=True)
    last, end = data.rindex(b"\xff\xda"), data.rindex(b"\xff\xd9")
    return data[:end] + data[last:end] * count + data[end:]


def exif(*entries: tuple[int, int, int, int], head: bytes = b"Exif\0\0") -> bytes:
    """EXIF data with these entries (tag, type, count, value)."""
    table = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return head + b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + table + bytes(4)


def dots(width: int = 8, height: int = 8) -> Image.Image:
    """A small picture in colours whose corners differ."""
    return Image.radial_gradient("L").crop((0, 0, 200, 150)).resize((width, height)).convert("RGB")


GREEDY: dict[str, tuple[Callable[[], bytes], str]] = {
    "PNG of 170 megapixels": (lambda: png(13_000, 13_100, colour=0, depth=1), "13,000 × 13,100 pixels"),
    "WebP with a canvas of 268 megapixels": (lambda: webp_canvas(16_384, 16_384), "16,384 × 16,384 pixels"),
    "GIF of 4 gigapixels": (
        lambda: packed(dots(), "GIF").replace(struct.pack("<HH", 8, 8), b"\xff\xff\xff\xff"),
        "65,535 × 65,535 pixels",
    ),
    "TIFF of 4 gigapixels": (lambda: tiff(width=1 << 16, height=1 << 16), "65,536 × 65,536 pixels"),
    "TIFF with a tile of 2 gigabytes": (
        lambda: tiff((259, 3, 1, 8), (322, 4, 1, 46_000), (323, 4, 1, 46_000), (324, 4, 1, 8)),
        "tiles that are too large",
    ),
    "TIFF with a million strips": (
        lambda: tiff((273, 4, 1_000_000, 200), tail=bytes(4_000_000)),
        "more than 100,000 strips",
    ),
    "TIFF with rare compression": (lambda: tiff((259, 3, 1, 34_925)), "a TIFF with rare compression"),
    "BMP of moves": (bmp_of_runs, "a BMP with run-length encoding"),
    "JPEG of 4,000 scans": (lambda: scans(dots(), 4000), "more than 100 scans"),
    "JPEG that begins for ever": (lambda: b"\xff\xd8" + b"\xff" * 3_000_000, "too many parts for its size"),
    "PNG of empty parts": (
        lambda: png(8, 8, chunk(b"aaAa", b"") * 100_000),
        "too many parts for its size",
    ),
    "GIF of comments": (
        lambda: packed(dots(), "GIF").replace(b",\0\0\0\0", b"!\xfe\x01a\0" * 200_000 + b",\0\0\0\0", 1),
        "too many parts for its size",
    ),
    "PNG with a compressed text of a gigabyte": (
        lambda: png(8, 8, chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(1 << 26), 9))),
        "Decompressed data too large",
    ),
}  # fmt: skip
"""Small files that would take much time or memory, and the reason with which they are left out."""
