"""Files of sounds: what their headers tell, and their first samples as numbers of one channel.

WAV, FLAC, Ogg, AIFF and MP3 are told by their first bytes, whatever their names say. At most as much of a
file is decoded as is asked for, so that a header that lies costs nothing.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from numpy.typing import NDArray

from nodes.reading.error import DataError
from nodes.regular_file import open_regular
from nodes.shown_text import shown

if TYPE_CHECKING:
    import soundfile

ENDINGS = (".wav", ".flac", ".ogg", ".oga", ".aif", ".aiff", ".mp3")
STREAMED = 0x7FFF0000
"""Sizes from here on are none: the file was written before its size was known."""
MOST_CHANNELS = 64
MOST_RATE = 1_000_000
"""Samples a second."""
_STARTS = (b"RIFF", b"RIFX", b"RF64", b"fLaC", b"OggS", b"FORM", b"ID3")
_WHAT = "a WAV, FLAC, Ogg, AIFF or MP3 file"
Wave = NDArray[np.float32]


@dataclass(frozen=True)
class SoundHead:
    """What the header of a file tells: samples a second, samples of each channel, channels, and its kind."""

    rate: int
    frames: int
    channels: int
    kind: str
    is_cut: bool = False
    """Whether the file ends before its header says."""

    @property
    def seconds(self) -> float:
        return self.frames / self.rate


def head_of(path: Path) -> SoundHead:
    """What a file is. Raises `DataError` for what is no sound or is damaged."""
    with _regular(path) as file:
        is_cut = _is_cut(file)
        with _opened(path, file) as sound:
            return _head(path, sound, is_cut=is_cut)


def wave_of(path: Path, seconds: float) -> tuple[Wave, int]:
    """The first seconds of a file, the mean of its channels, −1 to 1, `(samples)`; and its rate.

    Raises `DataError` for what is no sound or is damaged, and for values that are no finite numbers.
    """
    import soundfile

    with _regular(path) as file, _opened(path, file) as sound:
        head = _head(path, sound)
        wanted = min(head.frames, max(1, round(seconds * head.rate)))
        try:
            found = sound.read(wanted, dtype="float32", always_2d=True)
        except (soundfile.SoundFileError, RuntimeError) as error:
            raise _broken(path, str(error)) from error
    if len(found) < wanted:
        raise _broken(path, f"{len(found):,} of the {wanted:,} samples that its header tells")
    if not np.isfinite(found).all():
        raise _broken(path, "values that are no finite numbers")
    return found.mean(axis=1, dtype=np.float32), head.rate


def _regular(path: Path) -> BinaryIO:
    try:
        file = open_regular(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise _broken(path, str(reason)) from error
    start = file.read(4)
    if not start.startswith(_STARTS) and not _is_mpeg(start):
        file.close()
        raise _broken(path, "another" if start else "an empty file")
    file.seek(0)
    return file


def _is_cut(file: BinaryIO) -> bool:
    """Whether a RIFF file is shorter than it says; those that were written as a stream say nothing."""
    start, size = file.read(8), file.seek(0, os.SEEK_END)
    file.seek(0)
    told = int.from_bytes(start[4:8], "big" if start[:4] == b"RIFX" else "little")
    return start[:4] in (b"RIFF", b"RIFX") and told < STREAMED and told + 8 > size


def _is_mpeg(start: bytes) -> bool:
    return len(start) > 1 and start[0] == 0xFF and start[1] & 0xE0 == 0xE0


def _opened(path: Path, file: BinaryIO) -> soundfile.SoundFile:
    import soundfile

    try:
        # by its descriptor: what a file object raises would be printed and lost within the library
        os.lseek(file.fileno(), 0, os.SEEK_SET)
        return soundfile.SoundFile(file.fileno(), closefd=False)
    except (soundfile.SoundFileError, RuntimeError, TypeError, ValueError) as error:
        raise _broken(path, str(error).rpartition(": ")[2].rstrip(".") or "a damaged one") from error


def _head(path: Path, sound: soundfile.SoundFile, *, is_cut: bool = False) -> SoundHead:
    rate, frames, channels = int(sound.samplerate), int(sound.frames), int(sound.channels)
    if not 0 < rate <= MOST_RATE or not 0 < channels <= MOST_CHANNELS:
        raise _broken(path, f"{channels:,} channels of {rate:,} samples a second")
    if frames < 1:
        raise _broken(path, "one without a sample")
    return SoundHead(rate, frames, channels, f"{sound.format} {sound.subtype}", is_cut)


def _broken(path: Path, received: str) -> DataError:
    return DataError(f"{shown(str(path), 120)}: Expected {_WHAT}. Received {shown(received)}.")
