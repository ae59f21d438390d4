"""Sounds as rows: each file brought to one rate and one length, as a waveform or as a mel spectrogram.

Files are decoded when their rows are fetched. One that turns out to be broken is silence, and is told.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nodes.reading.dataset import Array
from nodes.reading.error import DataError
from nodes.reading.folders.files_by_class import ClassedFiles, classed_files
from nodes.reading.progress import Meter
from nodes.reading.sound.sound_files import ENDINGS, SoundHead, head_of, wave_of
from nodes.reading.sound.spectrogram import MelChoice, mel_spectrogram, resampled

NAMED = 20
"""Broken files that are named one by one."""


@dataclass(frozen=True)
class SoundListing:
    """The files of a folder that are sounds by their headers, and what was left out."""

    files: ClassedFiles
    kept: tuple[int, ...]
    heads: tuple[SoundHead, ...]
    notes: tuple[str, ...]

    @property
    def rates(self) -> Counter[int]:
        """How many files have each rate."""
        return Counter(head.rate for head in self.heads)

    @property
    def usual_rate(self) -> int:
        """The rate of most files; of several the highest."""
        return max(self.rates.items(), key=lambda pair: (pair[1], pair[0]))[0]


def listing(folder: Path) -> SoundListing:
    """Reads the header of every sound in a folder. Raises `DataError` where there is none."""
    files = classed_files(folder, ENDINGS, "sounds")
    kept, heads, broken = [], [], []
    meter = Meter("Reading sounds", len(files.paths))
    for place, path in enumerate(files.paths):
        meter.to(place)
        try:
            heads.append(head_of(Path(path)))
            kept.append(place)
        except DataError as error:
            broken.append(str(error))
    if not kept:
        raise DataError(f"{folder}: Expected sounds that can be read. Received none: {broken[0]}")
    if len(broken) > NAMED:
        broken[NAMED:] = [f"and {len(broken) - NAMED:,} more files that cannot be read"]
    return SoundListing(files, tuple(kept), tuple(heads), (*files.notes, *broken))


@dataclass(frozen=True)
class SoundShape:
    """How sounds become rows: their rate, their length in samples, and the spectrogram if there is one."""

    rate: int
    length: int
    mel: MelChoice | None = None

    @property
    def features(self) -> tuple[int, ...]:
        """The sizes of a row: `(1, samples)`, or `(1, mels, frames)`."""
        if self.mel is None:
            return (1, self.length)
        return (1, self.mel.mels, self.mel.frames(self.length))

    @property
    def steps(self) -> int:
        """Samples, or frames, of a row."""
        return self.features[-1]

    def steps_of(self, head: SoundHead) -> int:
        """How many of them a sound fills."""
        samples = min(self.length, max(1, round(head.frames * self.rate / head.rate)))
        return samples if self.mel is None else min(self.steps, self.mel.frames(samples))


@dataclass(frozen=True, eq=False)
class SoundRows:
    """Rows of sounds, `(rows, 1, …)` float32, decoded when they are fetched."""

    paths: tuple[str, ...]
    sizes: SoundShape
    skipped: list[str] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self.paths), *self.sizes.features)

    @property
    def dtype(self) -> np.dtype[np.generic]:
        return np.dtype(np.float32)

    def __len__(self) -> int:
        return len(self.paths)

    def fetch(self, indices: NDArray[np.int64]) -> Array:
        rows = np.empty((len(indices), *self.sizes.features), np.float32)
        for row, place in enumerate(indices):
            rows[row, 0] = self._row(self.paths[int(place)])
        return rows

    def _row(self, path: str) -> NDArray[np.float32]:
        sizes = self.sizes
        wave = np.zeros(sizes.length, np.float32)
        try:
            found, rate = wave_of(Path(path), sizes.length / sizes.rate + 0.01)
            found = resampled(found, rate, sizes.rate)[: sizes.length]
            wave[: len(found)] = found
        except DataError as error:
            with self._lock:
                if path not in self.broken:
                    self.broken.add(path)
                    self.skipped.append(str(error))
        return wave if sizes.mel is None else mel_spectrogram(wave, sizes.mel)


@dataclass(frozen=True, eq=False)
class MaskRows:
    """Rows of a mask, `(rows, steps)` uint8: 1 up to the length of each, 0 behind."""

    lengths: NDArray[np.int64]
    steps: int

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self.lengths), self.steps)

    @property
    def dtype(self) -> np.dtype[np.generic]:
        return np.dtype(np.uint8)

    def __len__(self) -> int:
        return len(self.lengths)

    def fetch(self, indices: NDArray[np.int64]) -> Array:
        return (np.arange(self.steps) < self.lengths[indices][:, None]).astype(np.uint8)
