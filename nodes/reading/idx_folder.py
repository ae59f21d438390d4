"""Folders of files in the format of MNIST: pictures and labels that train and, where there are, others."""

from __future__ import annotations

import itertools
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nodes.reading import idx
from nodes.reading.error import DataError
from nodes.reading.kept import KeptAnswers, signature
from nodes.reading.opened import unreadable
from nodes.reading.picture.pixels import Pictures, Pixels
from nodes.regular_file import NotRegularFileError, is_regular, require_regular
from nodes.shared.card_label import by

MOST_CLASSES = 1000
"""Labels are whole numbers from 0 to one less than this."""
LISTED = 100
"""Entries of a folder that are looked at to say what is in it."""
_PARTS = ("train", "t10k", "test")


@dataclass(frozen=True)
class IdxOutline:
    """What is known of a folder without keeping its pictures.

    `shape` is (channels, height, width); `samples` counts both parts; labels are below `classes`.
    """

    shape: tuple[int, int, int]
    samples: int
    classes: int
    has_test: bool


_outlines: KeptAnswers[IdxOutline] = KeptAnswers(16)


def has_training_part(folder: Path) -> bool:
    """Whether the files of the training part are in this folder."""
    return _pair(folder, "train") is not None


def first_file(folder: Path) -> Path | None:
    """A file in this folder whose name is one of those that are looked for."""
    return next((path for part in _PARTS for path in _candidates(folder, part) if is_regular(path)), None)


def is_of(path: Path) -> bool:
    """Whether a file has one of the names that are looked for, and the files of a training part beside it."""
    named = any(path in _candidates(path.parent, part) for part in _PARTS)
    return named and has_training_part(path.parent)


def find(folder: Path) -> tuple[tuple[Path, Path], tuple[Path, Path] | None]:
    """The files of the training and, where there is one, of the test part: pictures and labels.

    Raises `DataError`.
    """
    train = _pair(folder, "train")
    if train is None:
        _require_regular(_candidates(folder, "train"))
        raise DataError(
            f"{folder}: Expected train-images-idx3-ubyte and train-labels-idx1-ubyte (or .gz). "
            f"Received {listing(folder)}."
        )
    return train, _pair(folder, "t10k") or _pair(folder, "test")


def _require_regular(paths: list[Path]) -> None:
    """Raise `DataError` where something else than a file has the name of one."""
    for path in paths:
        try:
            require_regular(path)
        except NotRegularFileError as error:
            raise unreadable(path, "an IDX file", error) from error
        except (OSError, ValueError):
            continue


def version(folder: Path) -> Hashable:
    """Changes when one of the files does; None where there is none."""
    found = [signature(path) for part in _PARTS for path in _candidates(folder, part)]
    return tuple(found) if any(found) else None


def outline(folder: Path) -> IdxOutline:
    """Sizes from the headers of the pictures, classes from all labels; files are read once for each version.

    Raises `DataError`.
    """
    train, test = find(folder)
    return _outlines.get((folder, version(folder)), lambda: _outline(train, test))


def _outline(train: tuple[Path, Path], test: tuple[Path, Path] | None) -> IdxOutline:
    shape = _picture_sizes(train[0])
    labels = _labels(train[1], shape[0])
    classes, samples = int(labels.max()) + 1, shape[0]
    if test is not None:
        held = _picture_sizes(test[0])
        _require_alike(test[0], held[1:], shape[1:])
        _require_known(test[1], _labels(test[1], held[0]), classes)
        samples += held[0]
    for pair in (train, test):
        if pair is not None:
            idx.check(pair[0])
    height, width = shape[1], shape[2]
    return IdxOutline((shape[3] if len(shape) == 4 else 1, height, width), samples, classes, test is not None)


def read(folder: Path) -> Pictures:
    """The pictures in a folder of IDX files: a training part and, where there is one, a test part.

    Raises `DataError`.
    """
    train, test = find(folder)
    images, labels = _read_pair(*train)
    if test is None:
        return Pictures(images, labels)
    held_images, held_labels = _read_pair(*test)
    _require_alike(test[0], held_images.shape[1:], images.shape[1:])
    _require_known(test[1], held_labels, int(labels.max()) + 1)
    return Pictures(images, labels, held_images, held_labels)


def _candidates(folder: Path, part: str) -> list[Path]:
    """Where pictures and labels of a part can be, the preferred first."""
    return [
        path
        for what in ("images-idx3", "labels-idx1")
        for name in (f"{part}-{what}-ubyte", f"{part}-{what.replace('-', '.')}-ubyte")
        for path in (folder / f"{name}.gz", folder / name)
    ]


def _pair(folder: Path, part: str) -> tuple[Path, Path] | None:
    found = [path for path in _candidates(folder, part) if is_regular(path)]
    images = [path for path in found if "images" in path.name]
    labels = [path for path in found if "labels" in path.name]
    return (images[0], labels[0]) if images and labels else None


def _picture_sizes(path: Path) -> tuple[int, ...]:
    """Count, height, width and where there are some channels, none of them 0, of what has bytes."""
    dtype, shape = idx.read_head(path)
    if len(shape) not in (3, 4) or dtype != np.uint8 or 0 in shape:
        raise DataError(
            f"{path}: Expected bytes of sizes count×height×width, none of them 0. "
            f"Received {dtype} of sizes {by(shape)}."
        )
    return shape


def _labels(path: Path, count: int) -> NDArray[np.int64]:
    """As many labels as there are pictures; no more of the file is read."""
    _, shape = idx.read_head(path)
    if shape != (count,):
        raise DataError(f"{path}: Expected {count:,} labels, one for each picture. Received {by(shape)}.")
    with np.errstate(all="ignore"):  # signalling NaN
        labels = idx.read(path).astype(np.float64)  # exact: the longest whole numbers have 32 bits
        known = (labels >= 0) & (labels < MOST_CLASSES) & (labels == np.rint(labels))
    if not known.all():
        raise _unknown(path, labels, known, MOST_CLASSES)
    return labels.astype(np.int64)


def _require_known(path: Path, labels: NDArray[np.int64], classes: int) -> None:
    """Raise `DataError` where the held-back part has a class that the training part does not reach."""
    if (labels >= classes).any():
        raise _unknown(path, labels, labels < classes, classes)


def _unknown(path: Path, labels: NDArray[np.generic], known: NDArray[np.bool_], classes: int) -> DataError:
    at = int(known.argmin())
    return DataError(
        f"{path}: Expected labels that are whole numbers from 0 to {classes - 1:,}. "
        f"Received {labels[at]:,.15g} for picture {at + 1:,}."
    )


def _require_alike(path: Path, found: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    if found != wanted:
        raise DataError(
            f"{path}: Expected pictures of sizes {by(wanted)} as in the training part. Received {by(found)}."
        )


def _read_pair(images_file: Path, labels_file: Path) -> tuple[Pixels, NDArray[np.int64]]:
    shape = _picture_sizes(images_file)
    labels, images = _labels(labels_file, shape[0]), idx.read(images_file)
    stack = images[:, None] if images.ndim == 3 else np.moveaxis(images, -1, 1)
    return stack.view(np.uint8), labels


def listing(folder: Path) -> str:
    """What is in a folder instead of what was expected, for a message."""
    if not folder.is_dir():
        return "no such folder" if not folder.exists() else "a file"
    try:
        names = sorted(path.name for path in itertools.islice(folder.iterdir(), LISTED))
    except OSError as error:
        return f"a folder that cannot be listed ({error.strerror})"
    count = f"at least {LISTED}" if len(names) == LISTED else str(len(names))
    return f"{count} other files ({', '.join(names[:3])}, …)" if names else "an empty folder"
