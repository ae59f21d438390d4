"""Opens pictures that somebody else may have made. Every picture that is read from a file goes through here.

Only regular files are opened, in six formats (`picture_formats`), within stated bounds of
bytes, pixels, memory and reads. Whatever goes wrong is one error with a reason.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast

import numpy as np
from PIL import Image, ImageFile, TiffImagePlugin

from nodes.reading.picture import picture_formats as formats
from nodes.reading.picture.image_tags import orientation
from nodes.reading.picture.picture_formats import PictureError
from nodes.regular_file import open_regular
from nodes.shown_text import shown

MOST_BYTES = 256 << 20
"""Bytes of a file that is read as a picture."""
MEMORY = 1 << 30
"""Bytes that all pictures take which are decoded at the same time; one picture never takes more."""
BYTES_PER_PIXEL = 12
"""Of a picture as it is decoded, recoloured and turned: three copies of 4 bytes at most."""
_MORE_BYTES_PER_PIXEL = {"JPEG": 8, "WEBP": 12}
"""What some decoders take beside: a JPEG in several scans is held at full size until the last, a WebP has two
canvases and a copy.
"""
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes a picture of this orientation upright."""
_DEEP = frozenset({"I;16", "I;16B", "I;16L", "I;16N"})
"""Modes of one channel of 16 bits. Pillow would make white of all that is above 255."""
_GREY = frozenset({"1", "L", "LA"}) | _DEEP


@dataclass(frozen=True)
class Header:
    """What a file says of its picture: channels (1 or 3), and the sizes in pixels when it stands upright."""

    channels: int
    height: int
    width: int


def header(path: str | Path) -> Header:
    """What is known of a picture without decoding it. Raises `PictureError`."""
    with _opened(path) as picture:
        width, height = picture.size
        if not _turns_itself(picture) and orientation(picture.info) >= 5:
            width, height = height, width
        return Header(1 if picture.mode in _GREY else 3, height, width)


@contextmanager
def decoded(path: str | Path, mode: str, size: tuple[int, int]) -> Iterator[Image.Image]:
    """The picture in a file, upright and in `mode` ("L" or "RGB").

    A JPEG is decoded at the least resolution that has the (width, height) of `size`. Waits while other
    threads decode as much as the memory for pictures allows. Raises `PictureError`, also for what is
    raised inside the block: damaged pixels may be met by whoever works with them.
    """
    with _opened(path) as picture:
        full = picture.width * picture.height
        picture.draft(mode, size)
        needed = Path(path).stat().st_size + BYTES_PER_PIXEL * picture.width * picture.height
        with _memory.taken(needed + _MORE_BYTES_PER_PIXEL.get(picture.format or "", 0) * full):
            picture.load()
            turn = None if _turns_itself(picture) else _TURNS.get(orientation(picture.info))
            narrow = _narrow(picture) if picture.mode in _DEEP else picture
            upright = narrow if narrow.mode == mode else narrow.convert(mode)
            if turn is not None:
                upright = upright.transpose(turn)
            if upright is not picture:
                picture.close()
            yield upright
            upright.close()


def _narrow(picture: Image.Image) -> Image.Image:
    """A channel of 16 bits as one of 8: the upper half of each number."""
    return Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8))


def _require_range(picture: Image.Image) -> None:
    """Numbers of 32 bits, signed or with fractions do not say which of them is white."""
    if picture.mode in {"I", "F"}:
        raise PictureError(
            "its numbers are signed or have 32 bits, so that none is known to be white; "
            "save it with 8 or 16 bits"
        )


def _turns_itself(picture: ImageFile.ImageFile) -> bool:
    """Whether Pillow turns it by its orientation while it is loaded, and gives the size after that."""
    return isinstance(picture, TiffImagePlugin.TiffImageFile)


@contextmanager
def _opened(path: str | Path) -> Iterator[ImageFile.ImageFile]:
    try:
        with open_regular(path) as file, formats.without_warnings():
            source = _Source(file)
            picture = formats.open_as(source.start, cast(IO[bytes], source))
            source.begin_pixels()
            with closing(picture):
                _require_range(picture)
                yield picture
    except PictureError:
        raise
    except MemoryError as error:
        raise PictureError("it asks for more memory than there is") from error
    except Exception as error:
        raise PictureError(_reason(error)) from error


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "the file is gone"
    said = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    if isinstance(error, SyntaxError):  # so Pillow says that a header is not as it should be
        said = f"damaged header ({said})"
    return shown(said, 120)


class _Source:
    """A file as Pillow reads it, with bounds on how often and how much.

    A header that is one byte long for ever, a table whose entries all name the same megabytes: each of
    them makes a small file long work. What is read is counted, so that no clock is needed.
    It has no `fileno` on purpose: libraries in C then get bytes and never the file itself.
    """

    HEADER_READS, PIXEL_READS, BYTES_PER_READ = 20_000, 100_000, 128
    COPIES, ROOM = 4, 1 << 20

    def __init__(self, file: BinaryIO) -> None:
        size = os.fstat(file.fileno()).st_size
        if size == 0:
            raise PictureError("the file is empty")
        if size > MOST_BYTES:
            raise PictureError(f"{size:,} bytes; at most {MOST_BYTES:,} are read")
        self._file, self._size = file, size
        self._reads_left = self.HEADER_READS
        self._bytes_left = self.COPIES * size + self.ROOM
        self.start = file.read(32)
        file.seek(0)

    def begin_pixels(self) -> None:
        """The header is read; pixels take more reads."""
        self._reads_left = self.PIXEL_READS + self._size // self.BYTES_PER_READ

    def read(self, count: int = -1, /) -> bytes:
        data = self._file.read(count)
        self._reads_left -= 1
        self._bytes_left -= len(data)
        if self._reads_left < 0 or self._bytes_left < 0:
            raise PictureError("it has too many parts for its size")
        return data

    def seek(self, place: int, whence: int = 0, /) -> int:
        return self._file.seek(place, whence)

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        """Nothing: the file is closed by who opened it."""


class Memory:
    """So many bytes for all threads. One who asks for more than there are gets them alone."""

    def __init__(self, total: int) -> None:
        self._total, self._taken = total, 0
        self._changed = threading.Condition()

    @contextmanager
    def taken(self, amount: int) -> Iterator[None]:
        with self._changed:
            while self._taken and self._taken + amount > self._total:
                self._changed.wait()
            self._taken += amount
        try:
            yield
        finally:
            with self._changed:
                self._taken -= amount
                self._changed.notify_all()


_memory = Memory(MEMORY)
