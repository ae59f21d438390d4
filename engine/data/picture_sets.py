"""The picture sets by name: where their files lie, what their classes are called, how big they are.

Each is a `describe` that reads headers at most and a `read` that reads all; sizes and splits are `pictures`' business.
"""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np

import resources
from engine.data import idx, pictures
from engine.data.dataset import DataError, DataInfo, DataSet
from nodes.source import CATALOGUE, DataSource
from nodes.spec import N, TensorSpec

CLOTHES = ("T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Boot")
DIGITS = tuple("0123456789")
SYSTEM_FASHION = Path("/usr/share/datasets/fashion-mnist")
"""Where Debian's dataset-fashion-mnist keeps the whole set."""


def info(source: DataSource, shape: tuple[int, int, int], samples: int, classes: tuple[str, ...]) -> DataInfo:
    """The description of a picture set of `(channels, height, width)` pictures."""
    entry = CATALOGUE[source.dataset]
    return DataInfo(
        name=source.dataset,
        title=entry["title"],
        kind="images",
        samples=min(samples, source.samples or samples),
        input=pictures.spec(source, *shape),
        target=TensorSpec((N,), "int64", classes=len(classes)),
        classes=classes,
        licence=entry["licence"],
        description=entry["description"],
    )


def describe_fashion(source: DataSource) -> DataInfo:
    return info(source, (1, 28, 28), 12_000, CLOTHES)


def load_fashion(source: DataSource, seed: int) -> DataSet:
    return pictures.data_set(
        source, describe_fashion(source), read_idx(resources.DATA / "fashion-mnist"), seed
    )


def describe_digits(source: DataSource) -> DataInfo:
    return info(source, (1, 8, 8), 1_797, DIGITS)


def load_digits(source: DataSource, seed: int) -> DataSet:
    """Grey levels 0–16 are stretched to 0–255, so that they are stored as pixels like any other."""
    with gzip.open(resources.DATA / "digits" / "digits.csv.gz", "rt") as file:
        table = np.loadtxt(file, np.int64, delimiter=",")
    levels = np.rint(table[:, :64] * (255 / 16)).astype(np.uint8).reshape(-1, 1, 8, 8)
    read = pictures.Pictures(levels, table[:, 64])
    return pictures.data_set(source, describe_digits(source), read, seed)


def read_idx(folder: Path) -> pictures.Pictures:
    """The pictures in a folder of IDX files: a training part and, where there is one, a test part."""
    train = _pair(folder, "train")
    if train is None:
        raise DataError(
            f"{folder}: Expected train-images-idx3-ubyte and train-labels-idx1-ubyte (or .gz). "
            f"Received {_listing(folder)}."
        )
    test = _pair(folder, "t10k") or _pair(folder, "test")
    if test is None:
        return pictures.Pictures(*_read_pair(*train))
    return pictures.Pictures(*_read_pair(*train), *_read_pair(*test))


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


def _read_pair(images_file: Path, labels_file: Path) -> tuple[pictures.Pixels, np.typing.NDArray[np.int64]]:
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


def _listing(folder: Path) -> str:
    if not folder.is_dir():
        return "no such folder" if not folder.exists() else "a file"
    names = sorted(path.name for path in folder.iterdir())
    return f"{len(names)} other files ({', '.join(names[:3])}, …)" if names else "an empty folder"
