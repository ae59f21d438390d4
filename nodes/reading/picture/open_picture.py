"""Opens pictures that somebody else may have made. Every picture that is read from a file goes through here.

Only regular files are opened, in six formats (`picture_formats`), within stated bounds of
bytes, pixels, memory and reads. Whatever goes wrong is one error with a reason.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, TiffImagePlugin

from nodes.reading.picture import picture_formats as formats
from nodes.reading.picture.image_tags import orientation
from nodes.reading.picture.levels import DEEP, MODES, WHOLE_16, Levels, extremes, holding, narrow
from nodes.reading.picture.picture_formats import PictureError
from nodes.regular_file import open_regular
from nodes.shown_text import shown

MOST_BYTES = 256 << 20
"""Bytes of a file that is read as a picture."""
MEMORY = 1 << 30
"""Bytes that all pictures take which are decoded at the same time; one picture never takes more."""
BYTES_PER_PIXEL = 12
"""Of a picture as it is decoded, recoloured and turned: three copies of 4 bytes at most."""
_TRANSPARENT_BYTES_PER_PIXEL = 9
"""What a transparent picture takes beside: its opacity, the ground, and the picture laid on it."""
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
_GREY = frozenset({"1", "L", "LA"}) | MODES
_BITS = {"1": 1, "I": 32, "F": 32}


@dataclass(frozen=True)
class PixelRules:
    """How what has no place among 8-bit colours becomes one: transparent pixels show the grey `ground`, 0 to
    255; numbers of 16 bits go by `deep`, floats and those of 32 bits by `levels`, or by the usual range that
    holds those of the picture.
    """

    ground: int = 255
    deep: Levels = WHOLE_16
    levels: Levels | None = None


PLAIN = PixelRules()


@dataclass(frozen=True)
class Header:
    """What a file says of its picture: channels (1 or 3), and the sizes in pixels when it stands upright.

    `mode` is that of Pillow; `bits` are those of a number.
    """

    channels: int
    height: int
    width: int
    mode: str = field(default="", compare=False)
    bits: int = field(default=8, compare=False)
    transparent: bool = field(default=False, compare=False)


def header(path: str | Path) -> Header:
    """What is known of a picture without decoding it. Raises `PictureError`."""
    with _opened(path) as picture:
        width, height = picture.size
        if not _turns_itself(picture) and orientation(picture.info) >= 5:
            width, height = height, width
        return Header(
            1 if picture.mode in _GREY else 3,
            height,
            width,
            picture.mode,
            _bits(picture),
            _is_transparent(picture),
        )


def sheet_header(path: str | Path) -> Header:
    """What is known of a PNG each row of which is a picture: it may have `MOST_PIXELS_OF_SHEET` pixels.

    Raises `PictureError`.
    """
    with _opened(path, formats.MOST_PIXELS_OF_SHEET) as picture:
        channels = 1 if picture.mode in _GREY else 3
        return Header(channels, picture.height, picture.width, picture.mode, _bits(picture))


def sheet_rows(path: str | Path) -> NDArray[np.uint8]:
    """The rows of such a PNG, `(rows, pixels, channels)`; opacity is left out. Raises `PictureError`."""
    with _opened(path, formats.MOST_PIXELS_OF_SHEET) as picture:
        if _bits(picture) > 8:
            raise PictureError(f"{_bits(picture)} bits; a sheet has at most 8")
        with _loaded(path, picture, picture.width * picture.height):
            mode = "L" if picture.mode in _GREY else "RGB"
            pixels = np.array(picture if picture.mode == mode else picture.convert(mode))
    return pixels.reshape(*pixels.shape[:2], -1)


def has_pages(path: str | Path) -> bool:
    """Whether there is more than one picture in the file, of which the first is read."""
    try:
        with _opened(path) as picture:
            return bool(getattr(picture, "is_animated", False))
    except PictureError:
        return False


@contextmanager
def decoded(
    path: str | Path, mode: str, size: tuple[int, int], rules: PixelRules = PLAIN
) -> Iterator[Image.Image]:
    """The picture in a file, upright and in `mode` ("L" or "RGB").

    A JPEG is decoded at the least resolution that has the (width, height) of `size`. Waits while other
    threads decode as much as the memory for pictures allows. Raises `PictureError`, also for what is
    raised inside the block: damaged pixels may be met by whoever works with them.
    """
    with _opened(path) as picture:
        full = picture.width * picture.height
        picture.draft(mode, size)
        with _loaded(path, picture, full):
            turn = None if _turns_itself(picture) else _TURNS.get(orientation(picture.info))
            upright = _coloured(picture, mode, rules)
            if turn is not None:
                upright = upright.transpose(turn)
            if upright is not picture:
                picture.close()
            yield upright
            upright.close()


def stored_numbers(path: str | Path) -> NDArray[np.generic]:
    """The numbers of a picture as the file has them, upright: `(H, W)`, or `(H, W, channels)`.

    Of a palette they are the places in it; opacity is left out. Raises `PictureError`.
    """
    with _opened(path) as picture, _loaded(path, picture, picture.width * picture.height):
        turn = None if _turns_itself(picture) else _TURNS.get(orientation(picture.info))
        bare = {"LA": "L", "PA": "P", "RGBA": "RGB", "CMYK": "RGB", "YCbCr": "RGB"}.get(picture.mode)
        upright: Image.Image = picture if bare is None else picture.convert(bare)
        return np.array(upright if turn is None else upright.transpose(turn))


@contextmanager
def _loaded(path: str | Path, picture: ImageFile.ImageFile, full: int) -> Iterator[None]:
    """Within: the pixels are decoded, and their memory is taken. `full`: pixels of the file."""
    per_pixel = BYTES_PER_PIXEL + _TRANSPARENT_BYTES_PER_PIXEL * _is_transparent(picture)
    needed = Path(path).stat().st_size + per_pixel * picture.width * picture.height
    with _memory.taken(needed + _MORE_BYTES_PER_PIXEL.get(picture.format or "", 0) * full):
        picture.load()
        yield


def _coloured(picture: Image.Image, mode: str, rules: PixelRules) -> Image.Image:
    """The picture in `mode`: deep numbers made 8 bits, transparent pixels laid on the ground."""
    if picture.mode in MODES:
        numbers = np.asarray(picture)
        levels = rules.deep if picture.mode in DEEP else rules.levels or holding([extremes(numbers)])
        grey = Image.fromarray(narrow(numbers, levels))
        return grey if mode == "L" else grey.convert(mode)
    if _is_transparent(picture):
        clear = picture.convert("RGBA")
        laid = Image.new(mode, clear.size, rules.ground if mode == "L" else (rules.ground,) * 3)
        laid.paste(clear.convert(mode), mask=clear.getchannel("A"))
        return laid
    return picture if picture.mode == mode else picture.convert(mode)


def _is_transparent(picture: Image.Image) -> bool:
    return picture.has_transparency_data and picture.mode not in DEEP


def _bits(picture: ImageFile.ImageFile) -> int:
    """Bits of a number in the file; Pillow gives colours of 16 bits as their upper 8."""
    if picture.mode in DEEP or any(";16" in str(tile[3]) for tile in picture.tile):
        return 16
    return _BITS.get(picture.mode, 8)


def _turns_itself(picture: ImageFile.ImageFile) -> bool:
    """Whether Pillow turns it by its orientation while it is loaded, and gives the size after that."""
    return isinstance(picture, TiffImagePlugin.TiffImageFile)


@contextmanager
def _opened(path: str | Path, most_of_png: int | None = None) -> Iterator[ImageFile.ImageFile]:
    try:
        with open_regular(path) as file, formats.without_warnings():
            source = _Source(file)
            picture = formats.open_as(source.start, cast(IO[bytes], source), most_of_png)
            source.begin_pixels()
            with closing(picture):
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
    if "unpack" in str(error) and "buffer" in str(error):  # what struct says of too few bytes
        return "it is cut short"
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


class NoMemoryHereError(PictureError):
    """A picture takes more memory than there is in this process; another may decode it."""


class Memory:
    """So many bytes for all threads. One who asks for more than there are gets them alone, or where they are
    `bound`, nothing: `NoMemoryHereError`.
    """

    def __init__(self, total: int, *, bound: bool = False) -> None:
        self._total, self._taken, self._bound = total, 0, bound
        self._changed = threading.Condition()

    @contextmanager
    def taken(self, amount: int) -> Iterator[None]:
        if self._bound and amount > self._total:
            raise NoMemoryHereError(f"it takes {amount:,} bytes of memory")
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


def bound_memory(total: int) -> None:
    """Let all pictures of this process take so many bytes, and one of them no more either."""
    global _memory  # noqa: PLW0603
    _memory = Memory(total, bound=True)
