"""What a process that decodes pictures is asked and answers: frames of a length and MessagePack."""

from __future__ import annotations

from typing import BinaryIO

import msgspec

from nodes.reading.picture import open_picture
from nodes.reading.picture.open_picture import PixelRules
from nodes.reading.picture.pixels import Pixels, to_array

_LENGTH = 4
"""Bytes of the length of a frame."""
READY = b"ready"
"""The first frame of a process: it has loaded what it needs."""


class Wanted(msgspec.Struct, frozen=True):
    """Pictures that are wanted as (channels, height, width) of `sample`."""

    paths: list[str]
    sample: tuple[int, int, int]
    fit: str
    rules: PixelRules


class Answered(msgspec.Struct, frozen=True):
    """Per picture None, or why it could not be decoded; empty: it takes more memory than there is here. The
    pixels of the others follow the frame, uint8, one picture after the other.
    """

    reasons: list[str | None]


def decode(path: str, sample: tuple[int, int, int], fit: str, rules: PixelRules) -> Pixels:
    """The picture in a file, `(channels, height, width)`. Raises `PictureError`."""
    channels, height, width = sample
    mode = "L" if channels == 1 else "RGB"
    with open_picture.decoded(path, mode, (width, height), rules) as picture:
        return to_array(picture, fit, channels, (height, width))


def write(stream: BinaryIO, frame: bytes) -> None:
    stream.write(len(frame).to_bytes(_LENGTH, "big") + frame)


def read(stream: BinaryIO) -> bytes:
    """The next frame. Raises `EOFError` where the other side has ended."""
    return bytes(read_bytes(stream, int.from_bytes(read_bytes(stream, _LENGTH), "big")))


def read_bytes(stream: BinaryIO, count: int) -> memoryview:
    """So many bytes. Raises `EOFError`."""
    found = memoryview(bytearray(count))
    done = 0
    while done < count:
        read_now = stream.readinto(found[done:])  # type: ignore[attr-defined]
        if not read_now:
            raise EOFError
        done += read_now
    return found
