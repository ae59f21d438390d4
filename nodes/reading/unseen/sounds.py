"""Sounds for a trained network: one file, or all of a folder, at the rate and length of training."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from nodes.reading.progress import Meter
from nodes.reading.sound.kept_listings import listing_of
from nodes.reading.sound.sound_files import SoundHead, head_of
from nodes.reading.sound.sound_rows import MaskRows, SoundRows, SoundShape
from nodes.reading.unseen.rows import UnseenBlock


class UnseenSounds:
    """Sounds `(rows, *features)` float32 by the names of their files, with the masks of where they are."""

    place = "file"

    def __init__(self, path: Path, shape: SoundShape) -> None:
        """Reads headers. Raises `DataError` where there is no sound."""
        self._shape, self._folder = shape, path if path.is_dir() else path.parent
        self._sounds: tuple[tuple[str, SoundHead], ...]
        if path.is_dir():
            found = listing_of(path)
            paths = (found.files.paths[place] for place in found.kept)
            self._sounds = tuple(zip(paths, found.heads, strict=True))
            self.notes = found.notes
        else:
            self._sounds, self.notes = ((str(path), head_of(path)),), ()

    def blocks(self, size: int) -> Iterator[UnseenBlock]:
        meter = Meter(f"Reading {len(self._sounds):,} sounds", len(self._sounds))
        for start in range(0, len(self._sounds), size):
            meter.to(start)
            yield self._read(self._sounds[start : start + size])

    def _read(self, sounds: tuple[tuple[str, SoundHead], ...]) -> UnseenBlock:
        rows = SoundRows(tuple(path for path, _ in sounds), self._shape)
        inputs = rows.fetch(np.arange(len(rows)))
        lengths = np.array([self._shape.steps_of(head) for _, head in sounds], np.int64)
        mask = MaskRows(lengths, self._shape.steps).fetch(np.arange(len(rows)))
        good = np.array([path not in rows.broken for path, _ in sounds], bool)
        names = (self._name(path) for (path, _), is_good in zip(sounds, good, strict=True) if is_good)
        return UnseenBlock(tuple(names), inputs[good], tuple(rows.skipped), {"mask": mask[good]})

    def _name(self, path: str) -> str:
        whole = Path(path)
        return whole.relative_to(self._folder).as_posix() if whole.is_relative_to(self._folder) else path
