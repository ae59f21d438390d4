"""The six formats in which pictures are read, told by the first bytes of a file, never by its name.

`Image.open` of Pillow tries every format that it knows, and some of them start programs (PostScript),
fail with errors of any kind, or take what memory a header asks for. So the class of a format is
taken here by the signature, and what its decoder does not check itself is checked before. Warnings that
Pillow would write to stderr meanwhile are dropped: a picture is read or it is left out with a reason.
"""

from __future__ import annotations

import ctypes
import logging
import re
import struct
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import IO, Any

from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from nodes.reading.error import DataError
from nodes.reading.picture.image_tags import tags

FORMATS = "PNG, JPEG, WebP, TIFF, BMP, GIF"
SUFFIXES = frozenset(
    {".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".jfi", ".pjpeg", ".pjp", ".bmp", ".dib"}
    | {".gif", ".webp", ".tif", ".tiff"}
)
MOST_PIXELS, MOST_PIXELS_OF_JPEG = 40_000_000, 64_000_000
"""Pixels of a picture that is decoded, which takes two seconds and half a gigabyte at most. A JPEG may have
more, as it is decoded at a lower resolution. Larger ones are left out before anything is decoded.
"""
MOST_PIXELS_OF_SHEET = 100_000_000
"""Pixels of a PNG each row of which is a picture: 100,000 of 32×32."""
MOST_SCANS = 100
"""Passes over the picture that a JPEG may have; each takes time though it may be a few bytes long."""
MOST_STRIPS = 100_000
"""Strips or tiles of a TIFF."""
_TIFF_PACKINGS = frozenset({1, 2, 3, 4, 5, 7, 8, 32773, 32946, 50000})
"""No packing, CCITT (three kinds), LZW, JPEG, Deflate (two names), PackBits and Zstandard."""
_WIDTH, _LENGTH, _PACKING = (322, 323, 259)
_STRIP_PLACES = (273, 279, 324, 325)
_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_BARE = frozenset({0x01, 0xD8, 0xD9})
"""Markers of a JPEG that have no length; those of restarts are not even looked for."""


PNG = b"\x89PNG\r\n\x1a\n"


class PictureError(DataError):
    """A picture cannot be read. The message is the reason in words that follow its name."""


class _Jpeg(JpegImagePlugin.JpegImageFile):
    """A JPEG whose EXIF data are not searched for a resolution, and whose scans are counted."""

    def getexif(self) -> Image.Exif:
        return Image.Exif()

    def load_read(self, read_bytes: int) -> bytes:
        if not hasattr(self, "_scans"):
            self._scans = Scans()
        data = super().load_read(read_bytes)
        self._scans.feed(data)
        return data


class Scans:
    """Counts the scans of a JPEG while its bytes go by."""

    def __init__(self) -> None:
        self.count = 0
        self._rest, self._skip = b"", 0

    def feed(self, data: bytes) -> None:
        """The bytes that come next. Raises `PictureError` at one scan too many."""
        data, at = self._rest + data, 0
        self._rest = b""
        while True:
            step = min(self._skip, len(data) - at)
            at, self._skip = at + step, self._skip - step
            if self._skip:
                return
            found = _MARKER.search(data, at)
            if found is None:
                self._rest = b"\xff" if data.endswith(b"\xff") else b""
                return
            at = found.end()
            code = data[at - 1]
            if code in _BARE:
                continue
            if len(data) < at + 2:
                self._rest = data[at - 2 :]
                return
            self._skip = struct.unpack_from(">H", data, at)[0]
            self.count += code == 0xDA
            if self.count > MOST_SCANS:
                raise PictureError(f"more than {MOST_SCANS} scans")


def open_as(start: bytes, file: IO[bytes], most_of_png: int | None = None) -> ImageFile.ImageFile:
    """The picture in a file with these first 32 bytes, its header read; with `most_of_png` a PNG of at most
    so many pixels alone. Raises `PictureError`, and anything that a damaged header makes Pillow raise.
    """
    if most_of_png is not None:
        if not start.startswith(PNG):
            raise PictureError("no PNG")
        sheet = PngImagePlugin.PngImageFile(file)
        _require_pixels(*sheet.size, most_of_png)
        return sheet
    if start.startswith(PNG):
        picture: ImageFile.ImageFile = PngImagePlugin.PngImageFile(file)
    elif start.startswith(b"\xff\xd8\xff"):
        picture = _Jpeg(file)
    elif start.startswith(b"RIFF") and start[8:12] == b"WEBP":
        _require_canvas(start)
        picture = WebPImagePlugin.WebPImageFile(file)
    elif start.startswith((b"II\x2a\0", b"MM\0\x2a", b"II\x2b\0", b"MM\0\x2b")):
        _require_layout(file)
        picture = TiffImagePlugin.TiffImageFile(file)
    elif start.startswith(b"BM"):
        picture = BmpImagePlugin.BmpImageFile(file)
        if any(tile[0] == "bmp_rle" for tile in picture.tile):
            raise PictureError("a BMP with run-length encoding; save it as PNG")
    elif start.startswith((b"GIF87a", b"GIF89a")):
        picture = GifImagePlugin.GifImageFile(file)
    else:
        raise PictureError("not a picture")
    _require_pixels(*picture.size, MOST_PIXELS_OF_JPEG if isinstance(picture, _Jpeg) else MOST_PIXELS)
    return picture


def _require_pixels(width: int, height: int, most: int = MOST_PIXELS) -> None:
    if width * height > most:
        raise PictureError(f"{width:,} × {height:,} pixels, at most {most:,} in all are decoded")


def _require_canvas(start: bytes) -> None:
    """A WebP takes memory for its canvas as soon as it is opened; its size stands in the first 30 bytes."""
    kind = start[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(start[at : at + 3], "little") + 1 for at in (24, 27))
    elif kind == b"VP8L":
        bits = int.from_bytes(start[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8 ":
        width, height = (int.from_bytes(start[at : at + 2], "little") & 0x3FFF for at in (26, 28))
    else:
        raise PictureError("a WebP without a picture")
    _require_pixels(width, height)


def _require_layout(file: IO[bytes]) -> None:
    """What a TIFF says of its tiles decides how much memory and time its decoder takes."""
    file.seek(0)
    found = tags(file)
    file.seek(0)
    packings = {value for _, value in found.get(_PACKING, [(1, 1)])}
    if not packings <= _TIFF_PACKINGS:
        raise PictureError("a TIFF with rare compression; save it with LZW or Deflate")
    if any(count > MOST_STRIPS for tag in _STRIP_PLACES for count, _ in found.get(tag, [])):
        raise PictureError(f"more than {MOST_STRIPS:,} strips")
    sides = [value for tag in (_WIDTH, _LENGTH) for _, value in found.get(tag, [])]
    if any(side is None or side * other > MOST_PIXELS for side in sides for other in sides if other):
        raise PictureError("tiles that are too large")


_here = threading.local()


@contextmanager
def without_warnings() -> Iterator[None]:
    """What Pillow warns of in this thread is dropped; other threads and other libraries warn as ever."""
    before = getattr(_here, "quiet", False)
    _here.quiet = True
    try:
        yield
    finally:
        _here.quiet = before


class _Warnings:
    """Stands for the module `warnings` in a module of Pillow.

    `warnings.catch_warnings` changes a list that all threads share, and pictures are decoded in several.
    """

    def warn(self, message: Any, category: Any = None, stacklevel: int = 1, **more: Any) -> None:
        if not getattr(_here, "quiet", False):
            warnings.warn(message, category, stacklevel + 1, **more)

    def __getattr__(self, name: str) -> Any:
        return getattr(warnings, name)


BLOCK_BYTES = 64 << 20
"""Pillow takes memory for pixels in blocks of at most so many. C libraries keep smaller ones for the thread
that had them, so that eight threads would hold eight large pictures which are long gone.
"""


def _prepare() -> None:
    """Switch off what Pillow would write by itself, and have it give memory back; for all threads."""
    core = vars(Image)["core"]
    core.set_block_size(BLOCK_BYTES)
    for module in (Image, ImageFile, *_PLUGINS):
        if vars(module).get("warnings") is warnings:
            vars(module)["warnings"] = _Warnings()
    # Without any handler Python writes what a library logs as an error to stderr.
    logging.getLogger("PIL").addHandler(logging.NullHandler())
    # libtiff writes there too. Where it is built into Pillow its switches cannot be reached from here.
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(core.__file__)
        for switch in (library.TIFFSetErrorHandler, library.TIFFSetWarningHandler):
            switch.argtypes, switch.restype = (ctypes.c_void_p,), ctypes.c_void_p
            switch(None)


_PLUGINS: tuple[ModuleType, ...] = (
    BmpImagePlugin,
    GifImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
_prepare()
