"""The picture sets by name: where their files lie, what their classes are called, how big they are.

Each has a `describe` that reads headers at most and a `load` that reads all; sizes and splits are the
business of `pictures`.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

import resources
from engine.data.dataset import DataError, DataInfo, DataSet
from engine.data.readers import download, idx
from engine.data.sets import pictures
from nodes.data.source import CATALOGUE, DataSource
from nodes.spec import N, TensorSpec

CLOTHES = ("T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Boot")
DIGITS = tuple("0123456789")
PHOTOGRAPHS = ("Airplane", "Automobile", "Bird", "Cat", "Deer", "Dog", "Frog", "Horse", "Ship", "Truck")
CIFAR_FILES = (*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin")
SYSTEM_FASHION = Path("/usr/share/datasets/fashion-mnist")
"""Where Debian's dataset-fashion-mnist keeps the whole set."""


def info(
    source: DataSource,
    shape: tuple[int, int, int],
    samples: int,
    classes: tuple[str, ...],
    division: str = "fixed",
) -> DataInfo:
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
        division=division,
        stored=samples,
    )


def describe_fashion(source: DataSource) -> DataInfo:
    return info(source, (1, 28, 28), 12_000, CLOTHES)


def load_fashion(source: DataSource, seed: int) -> DataSet:
    return pictures.data_set(
        source, describe_fashion(source), read_idx(resources.DATA / "fashion-mnist"), seed
    )


def describe_digits(source: DataSource) -> DataInfo:
    return info(source, (1, 8, 8), 1_797, DIGITS, "shuffled")


def load_digits(source: DataSource, seed: int) -> DataSet:
    """Grey levels 0–16 are stretched to 0–255, so that they are stored as pixels like any other."""
    with gzip.open(resources.DATA / "digits" / "digits.csv.gz", "rt") as file:
        table = np.loadtxt(file, np.int64, delimiter=",")
    levels = np.rint(table[:, :64] * (255 / 16)).astype(np.uint8).reshape(-1, 1, 8, 8)
    read = pictures.Pictures(levels, table[:, 64])
    return pictures.data_set(source, describe_digits(source), read, seed)


def describe_full(source: DataSource) -> DataInfo:
    _full_folder(source)
    return info(source, (1, 28, 28), 70_000, CLOTHES)


def load_full(source: DataSource, seed: int) -> DataSet:
    return pictures.data_set(source, describe_full(source), read_idx(_full_folder(source)), seed)


def describe_idx(source: DataSource) -> DataInfo:
    """Sizes from the headers of the pictures, classes from the labels, which are few bytes."""
    folder = _chosen(source)
    train, test = find_idx(folder)
    shape, samples = idx.read_shape(train[0]), 0
    for pair in (train, test):
        samples += idx.read_shape(pair[0])[0] if pair else 0
    if len(shape) not in (3, 4):
        raise DataError(f"{train[0]}: Expected sizes count×height×width. Received {len(shape)} sizes.")
    labels = idx.read(train[1])
    classes = tuple(str(i) for i in range(int(labels.max(initial=0)) + 1))
    size = (1, *shape[1:]) if len(shape) == 3 else (shape[3], shape[1], shape[2])
    division = "fixed" if test else "shuffled"
    found = info(source, (size[0], size[1], size[2]), samples, classes, division)
    return replace(found, title=folder.name or str(folder))


def load_idx(source: DataSource, seed: int) -> DataSet:
    return pictures.data_set(source, describe_idx(source), read_idx(_chosen(source)), seed)


def describe_cifar(source: DataSource) -> DataInfo:
    _cifar_folder(source)
    return info(source, (3, 32, 32), 60_000, PHOTOGRAPHS)


def load_cifar(source: DataSource, seed: int) -> DataSet:
    """The binary version: records of one label byte and 3,072 bytes of pixels, red, green and blue planes."""
    folder = _cifar_folder(source)
    parts = []
    for names in (CIFAR_FILES[:-1], CIFAR_FILES[-1:]):
        records = np.concatenate([_cifar_records(folder / name) for name in names])
        parts += [records[:, 1:].reshape(-1, 3, 32, 32), records[:, 0].astype(np.int64)]
    return pictures.data_set(source, describe_cifar(source), pictures.Pictures(*parts), seed)


def folder_of(source: DataSource) -> Path | None:
    """Where the files of this source lie, if it has any; its times tell whether they changed."""
    if source.path:
        return Path(source.path)
    return {"fashion-mnist-full": SYSTEM_FASHION}.get(source.dataset)


def _chosen(source: DataSource) -> Path:
    if not source.path:
        raise DataError("path: Expected a folder of IDX files. Received nothing; choose a folder.")
    return Path(source.path)


def _full_folder(source: DataSource) -> Path:
    places = [Path(source.path)] if source.path else [SYSTEM_FASHION, download.folder("fashion-mnist-full")]
    return _first(
        places, lambda folder: _pair(folder, "train") is not None, "the four files of Fashion-MNIST"
    )


def _cifar_folder(source: DataSource) -> Path:
    places = [Path(source.path)] if source.path else [download.folder("cifar-10") / "cifar-10-batches-bin"]
    return _first(places, lambda folder: (folder / CIFAR_FILES[0]).is_file(), "CIFAR-10, binary version")


def _first(places: list[Path], has_files: Callable[[Path], bool], what: str) -> Path:
    found = next((folder for folder in places if has_files(folder)), None)
    if found is None:
        where = " or ".join(str(folder) for folder in places)
        raise DataError(
            f"{where}: Expected {what}. Received {_listing(places[0])}; download it or choose its folder."
        )
    return found


def _cifar_records(path: Path) -> pictures.Pixels:
    try:
        raw = np.fromfile(path, np.uint8)
    except OSError as error:
        raise DataError(f"{path}: Expected records of CIFAR-10. Received: {error.strerror}.") from error
    if raw.size == 0 or raw.size % 3073:
        raise DataError(f"{path}: Expected a multiple of 3,073 bytes. Received {raw.size:,}.")
    return raw.reshape(-1, 3073)


def find_idx(folder: Path) -> tuple[tuple[Path, Path], tuple[Path, Path] | None]:
    """The files of the training and, where there is one, of the test part: pictures and labels.

    Raises `DataError`.
    """
    train = _pair(folder, "train")
    if train is None:
        raise DataError(
            f"{folder}: Expected train-images-idx3-ubyte and train-labels-idx1-ubyte (or .gz). "
            f"Received {_listing(folder)}."
        )
    return train, _pair(folder, "t10k") or _pair(folder, "test")


def read_idx(folder: Path) -> pictures.Pictures:
    """The pictures in a folder of IDX files: a training part and, where there is one, a test part."""
    train, test = find_idx(folder)
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
