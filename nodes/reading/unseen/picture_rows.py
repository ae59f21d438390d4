"""Pictures for a trained network: one file, or all below a folder, at the size and colours of training."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np

from nodes.reading.error import DataError
from nodes.reading.picture.folder_layout import Listing
from nodes.reading.picture.open_picture import PLAIN, PixelRules
from nodes.reading.picture.picture_files import PictureRows
from nodes.reading.picture.picture_formats import FORMATS, SUFFIXES
from nodes.reading.picture.picture_walk import Walk
from nodes.reading.progress import Meter
from nodes.reading.unseen.rows import UnseenBlock
from nodes.shown_text import shown


def is_picture(path: Path) -> bool:
    """Whether a file is a picture by its name."""
    return path.suffix.lower() in SUFFIXES


class UnseenPictures:
    """Pictures `(rows, channels, height, width)` uint8 by the names of their files."""

    place = "file"

    def __init__(self, path: Path, shape: tuple[int, int, int], fit: str, rules: PixelRules = PLAIN) -> None:
        """Finds the files. Raises `DataError` where there is none."""
        self._base = path if path.is_dir() else path.parent
        self._shape, self._fit, self._rules = shape, fit, rules
        if path.is_dir():
            walk = Walk(path)
            self._paths = tuple(walk.pictures(path))
            self.notes = tuple(walk.notes)
        else:
            self._paths, self.notes = (str(path),), ()
        if not self._paths:
            raise DataError(f"{shown(str(path))}: Expected pictures ({FORMATS}). Received none.")

    def blocks(self, size: int) -> Iterator[UnseenBlock]:
        meter = Meter(f"Reading {len(self._paths):,} pictures", len(self._paths))
        for start in range(0, len(self._paths), size):
            meter.to(start)
            yield self._read(self._paths[start : start + size])

    def _read(self, paths: tuple[str, ...]) -> UnseenBlock:
        labels = np.zeros(len(paths), np.int64)
        rows = PictureRows(
            Listing(self._base, paths, labels, ()), labels, self._shape, self._fit, self._rules
        )
        with closing(rows.check(np.arange(len(paths)))) as decoded:
            found = list(decoded)
        kept = [(path, picture) for path, picture in zip(paths, found, strict=True) if picture is not None]
        inputs = np.empty((len(kept), *self._shape), np.uint8)
        for row, (_, picture) in enumerate(kept):
            inputs[row] = picture
        names = tuple(self._name(path) for path, _ in kept)
        return UnseenBlock(names, inputs, tuple(rows.skipped))

    def _name(self, path: str) -> str:
        return Path(path).relative_to(self._base).as_posix()
