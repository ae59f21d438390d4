"""Folders of files in the format of MNIST: pictures and labels that train and, where there are, others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nodes.reading import idx
from nodes.reading.error import DataError
from nodes.reading.pictures import Pictures, Pixels


def has_training_part(folder: Path) -> bool:
    """Whether the files of the training part are in this folder."""
    return _pair(folder, "train") is not None


def find(folder: Path) -> tuple[tuple[Path, Path], tuple[Path, Path] | None]:
    """The files of the training and, where there is one, of the test part: pictures and labels.

    Raises `DataError`.
    """
    train = _pair(folder, "train")
    if train is None:
        raise DataError(
            f"{folder}: Expected train-images-idx3-ubyte and train-labels-idx1-ubyte (or .gz). "
            f"Received {listing(folder)}."
        )
    return train, _pair(folder, "t10k") or _pair(folder, "test")


def read(folder: Path) -> Pictures:
    """The pictures in a folder of IDX files: a training part and, where there is one, a test part."""
    train, test = find(folder)
    if test is None:
        return Pictures(*_read_pair(*train))
    return Pictures(*_read_pair(*train), *_read_pair(*test))


def _pair(folder: Path, part: str) -> tuple[Path, Path] | None:
    found = [
        path
        for what in ("images-idx3", "labels-idx1")
        for name in (f"{part}-{what}-ubyte", f"{part}-{what.replace('-', '.')}-ubyte")
        for path in (folder / f"{name}.gz", folder / name)
        if path.is_file()
    ]
    images = [path for path in found if "images" in path.name]
    labels = [path for path in found if "labels" in path.name]
    return (images[0], labels[0]) if images and labels else None


def _read_pair(images_file: Path, labels_file: Path) -> tuple[Pixels, NDArray[np.int64]]:
    images, labels = idx.read(images_file), idx.read(labels_file)
    if images.ndim not in (3, 4) or images.dtype != np.uint8:
        raise DataError(
            f"{images_file}: Expected bytes of sizes count×height×width. "
            f"Received {images.dtype} of sizes {'×'.join(str(n) for n in images.shape)}."
        )
    if labels.ndim != 1 or len(labels) != len(images):
        raise DataError(
            f"{labels_file}: Expected {len(images):,} labels, one for each picture. Received {labels.size:,}."
        )
    stack = images[:, None] if images.ndim == 3 else np.moveaxis(images, -1, 1)
    return stack.view(np.uint8), labels.astype(np.int64)


def listing(folder: Path) -> str:
    """What is in a folder instead of what was expected, for a message."""
    if not folder.is_dir():
        return "no such folder" if not folder.exists() else "a file"
    names = sorted(path.name for path in folder.iterdir())
    return f"{len(names)} other files ({', '.join(names[:3])}, …)" if names else "an empty folder"
