"""Pictures in the files of a folder. Only paths are held; a batch decodes what it wants.

A picture that cannot be decoded is named, and another of its class stands in for it, so that one bad file
among 100,000 ends nothing. Small sets keep what they decoded.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nodes.reading import pictures
from nodes.reading.error import DataError
from nodes.reading.progress import Meter

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm"})
TRAIN, HELD = ("train", "training"), ("val", "valid", "validation", "test")
KEPT_BYTES = 256 << 20
"""Decoded pictures are kept where all of them take no more than this."""
CHECKED_AT_ONCE = 2000
"""Folders of at most this many pictures are decoded at once, so that bad ones are left out for good."""
AT_ONCE = 64
"""Pictures that are read between two looks at whether somebody called it off."""
SAMPLED = 512
"""Pictures from which the mean and deviation of the channels are estimated."""


@dataclass(frozen=True)
class Listing:
    """The pictures of a folder, their class numbers and names, and how many train in a fixed split."""

    folder: Path
    paths: tuple[str, ...]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    training: int | None = None


class PictureRows:
    """Pictures on disk as rows `(C, H, W)` of uint8. `groups` says which may stand in for each other."""

    def __init__(
        self, listing: Listing, groups: NDArray[np.int64], shape: tuple[int, int, int], fit: str
    ) -> None:
        self._listing, self._groups, self._sample, self._fit = listing, groups, shape, fit
        self._lock = threading.Lock()
        self._bad: set[int] = set()
        self.skipped: list[str] = []
        count = len(listing.paths)
        keeps = count * int(np.prod(shape)) <= KEPT_BYTES
        self._kept = np.empty((count, *shape), np.uint8) if keeps else None
        self._is_kept = np.zeros(count if keeps else 0, bool)

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self), *self._sample)

    @property
    def dtype(self) -> np.dtype[np.generic]:
        return np.dtype(np.uint8)

    def __len__(self) -> int:
        return len(self._listing.paths)

    @property
    def bad(self) -> NDArray[np.int64]:
        """The rows that could not be decoded so far."""
        with self._lock:
            return np.array(sorted(self._bad), np.int64)

    def fetch(self, indices: NDArray[np.int64]) -> NDArray[np.uint8]:
        wanted = [int(i) for i in indices]
        fetched = np.empty((len(wanted), *self._sample), np.uint8)
        if len(wanted) < 8:
            for place, i in enumerate(wanted):
                fetched[place] = self._picture(i)
            return fetched
        with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
            for place, picture in enumerate(pool.map(self._picture, wanted)):
                fetched[place] = picture
        return fetched

    def _picture(self, index: int) -> pictures.Pixels:
        for i in self._stand_ins(index):
            if self._kept is not None and self._is_kept[i]:
                kept: pictures.Pixels = self._kept[i]
                return kept
            if i in self._bad:
                continue
            try:
                picture = self._decode(i)
            except _unreadable() as error:
                self._skip(i, error)
                continue
            if self._kept is not None:
                self._kept[i] = picture
                self._is_kept[i] = True
            return picture
        folder = Path(self._listing.paths[index]).parent
        raise DataError(f"{folder}: Expected pictures. Received none that can be decoded.")

    def _stand_ins(self, index: int) -> Iterator[int]:
        """The row itself, then those of its class and part that come after it, round to those before it."""
        yield index
        same = np.flatnonzero(self._groups == self._groups[index])
        yield from (int(i) for i in np.roll(same, -int(np.searchsorted(same, index)))[1:])

    def _decode(self, index: int) -> pictures.Pixels:
        channels, height, width = self._sample
        from PIL import Image, ImageOps

        with Image.open(self._listing.paths[index]) as picture:
            picture.draft("L" if channels == 1 else "RGB", (width, height))
            upright = ImageOps.exif_transpose(picture)
            return pictures.to_array(upright, self._fit, channels, (height, width))

    def _skip(self, index: int, error: Exception) -> None:
        with self._lock:
            if index not in self._bad:
                self._bad.add(index)
                self.skipped.append(f"{self._listing.paths[index]}: {_reason(error)}")


def list_folder(folder: Path) -> Listing:
    """Find the pictures of a folder: by class in subfolders, also below `train` and `val`, or bare.

    Raises `DataError` where there is no picture.
    """
    parts = _subfolders(folder)
    train = next((parts[name] for name in TRAIN if name in parts), None)
    held = next((parts[name] for name in HELD if name in parts), None)
    if train is not None and held is not None and _subfolders(train):
        classes = tuple(sorted({*_subfolders(train), *_subfolders(held)}))
        first, second = _by_class(train, classes), _by_class(held, classes)
        listing = Listing(
            folder,
            (*first[0], *second[0]),
            np.array([*first[1], *second[1]], np.int64),
            classes,
            training=len(first[0]),
        )
    elif parts:
        names = tuple(sorted(name for name, path in parts.items() if next(_pictures(path), None)))
        found = _by_class(folder, names)
        listing = Listing(folder, tuple(found[0]), np.array(found[1], np.int64), names)
    else:
        bare = tuple(sorted(_pictures(folder)))
        listing = Listing(folder, bare, np.zeros(len(bare), np.int64), ())
    if len(listing.paths) < 2:
        raise DataError(
            f"{folder}: Expected a subfolder of pictures ({', '.join(sorted(SUFFIXES))}) per class. "
            f"Received {len(listing.paths)} pictures."
        )
    return listing


def fetch(rows: PictureRows, indices: NDArray[np.int64]) -> NDArray[np.uint8]:
    """As `rows.fetch`, telling how far it is and open to being called off."""
    meter = Meter(f"Reading {len(indices):,} pictures", len(indices))
    parts = []
    for start in range(0, len(indices), AT_ONCE):
        meter.to(start)
        parts.append(rows.fetch(indices[start : start + AT_ONCE]))
    return np.concatenate(parts)


def natural_shape(listing: Listing) -> tuple[int, int, int]:
    """Channels, height and width of the first picture that opens; its header is all that is read."""
    from PIL import Image

    for path in listing.paths[:100]:
        try:
            with Image.open(path) as picture:
                is_grey = picture.mode in ("1", "L", "I", "I;16", "F", "LA")
                turned = picture.getexif().get(0x0112, 1) >= 5
                width, height = picture.size[::-1] if turned else picture.size
                return (1 if is_grey else 3, height, width)
        except _unreadable():
            continue
    raise DataError(
        f"{listing.folder}: Expected pictures. Received none that can be opened among the first 100 files."
    )


def _subfolders(folder: Path) -> dict[str, Path]:
    try:
        with os.scandir(folder) as entries:
            return {
                e.name: Path(e.path) for e in entries if e.is_dir() and not e.name.startswith((".", "__"))
            }
    except OSError as error:
        raise DataError(
            f"{folder}: Expected a folder with a subfolder of pictures per class. Received: {error.strerror}."
        ) from error


def _by_class(folder: Path, classes: tuple[str, ...]) -> tuple[list[str], list[int]]:
    paths: list[str] = []
    labels: list[int] = []
    for number, name in enumerate(classes):
        found = sorted(_pictures(folder / name))
        paths += found
        labels += [number] * len(found)
    return paths, labels


def _pictures(folder: Path) -> Iterator[str]:
    """Every picture in a folder and below it, by its suffix."""
    for where, folders, names in os.walk(folder):
        folders.sort()
        for name in names:
            # A Path for each of 100,000 files would take five times as long.
            if os.path.splitext(name)[1].lower() in SUFFIXES and not name.startswith("."):  # noqa: PTH122
                yield os.path.join(where, name)  # noqa: PTH118


def _unreadable() -> tuple[type[Exception], ...]:
    """What opening a picture may raise."""
    from PIL import Image

    return (OSError, ValueError, SyntaxError, Image.DecompressionBombError)


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "the file is gone"
    from PIL import UnidentifiedImageError

    if isinstance(error, UnidentifiedImageError):
        return "not a picture"
    return str(error) or type(error).__name__
