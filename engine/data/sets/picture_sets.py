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
from engine.data.declaration import path_label, path_param
from engine.data.readers import download, idx
from engine.data.sets import pictures
from engine.data.sets.pictures import PictureSet
from nodes.spec import N, TensorSpec

CLOTHES = ("T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Boot")
DIGITS = tuple("0123456789")
PHOTOGRAPHS = ("Airplane", "Automobile", "Bird", "Cat", "Deer", "Dog", "Frog", "Horse", "Ship", "Truck")
CIFAR_FILES = (*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin")
SYSTEM_FASHION = Path("/usr/share/datasets/fashion-mnist")
"""Where Debian's dataset-fashion-mnist keeps the whole set."""


class LabelledPictures(PictureSet):
    """What sets share whose pictures have a class each and fit in memory."""

    def info_of(
        self, shape: tuple[int, int, int], samples: int, classes: tuple[str, ...], division: str = "fixed"
    ) -> DataInfo:
        """The description of a set of `(channels, height, width)` pictures."""
        return self.info(
            samples=min(samples, self.samples or samples),
            input=pictures.spec(self, *shape),
            target=TensorSpec((N,), "int64", classes=len(classes)),
            classes=classes,
            division=division,
            stored=samples,
        )

    def read(self) -> pictures.Pictures:
        """The pictures as they are on disk. Raises `DataError`."""
        raise NotImplementedError(f"{self.title} does not read pictures")

    def load(self, seed: int) -> DataSet:
        return pictures.data_set(self, self.describe(), self.read(), seed)


class FashionMNIST(LabelledPictures):
    """Fashion-MNIST."""

    name = "fashion-mnist"
    title = "Fashion-MNIST"
    licence = "MIT"
    description = (
        "12,000 grey pictures of clothes, ten classes: the first 1,000 training and 200 test "
        "pictures of each."
    )
    place = 0
    without = ("validation",)

    def describe(self) -> DataInfo:
        return self.info_of((1, 28, 28), 12_000, CLOTHES)

    def read(self) -> pictures.Pictures:
        return read_idx(resources.DATA / "fashion-mnist")

    def card_label(self) -> str:
        return "12,000 · 28×28"


class FullFashionMNIST(LabelledPictures):
    """Fashion-MNIST."""

    name = "fashion-mnist-full"
    title = "Fashion-MNIST"
    licence = "MIT"
    description = (
        "All 60,000 training and 10,000 test pictures. Not in the box: read from the system, a "
        "folder, or a download."
    )
    place = 1
    without = ("validation",)

    path = path_param()

    def describe(self) -> DataInfo:
        self.source_folder()
        return self.info_of((1, 28, 28), 70_000, CLOTHES)

    def read(self) -> pictures.Pictures:
        return read_idx(self.source_folder())

    def folder(self) -> Path | None:
        return Path(self.path) if self.path else SYSTEM_FASHION

    def source_folder(self) -> Path:
        """The folder with the files. Raises `DataError` where there is none."""
        places = [Path(self.path)] if self.path else [SYSTEM_FASHION, download.folder("fashion-mnist-full")]
        return _first(
            places, lambda folder: _pair(folder, "train") is not None, "the four files of Fashion-MNIST"
        )

    def card_label(self) -> str:
        return "70,000 · 28×28"


class Digits(LabelledPictures):
    """Digits."""

    name = "digits"
    title = "Digits"
    licence = "CC BY 4.0"
    description = (
        "Handwritten digits of 43 people, 8×8 pixels of 17 grey levels (UCI, E. Alpaydin and C. Kaynak)."
    )
    place = 2

    def describe(self) -> DataInfo:
        return self.info_of((1, 8, 8), 1_797, DIGITS, "shuffled")

    def read(self) -> pictures.Pictures:
        """Grey levels 0–16 are stretched to 0–255, so that they are stored as pixels like any other."""
        with gzip.open(resources.DATA / "digits" / "digits.csv.gz", "rt") as file:
            table = np.loadtxt(file, np.int64, delimiter=",")
        levels = np.rint(table[:, :64] * (255 / 16)).astype(np.uint8).reshape(-1, 1, 8, 8)
        return pictures.Pictures(levels, table[:, 64])

    def card_label(self) -> str:
        return "1,797 · 8×8"


class Cifar10(LabelledPictures):
    """CIFAR-10."""

    name = "cifar-10"
    title = "CIFAR-10"
    licence = "unstated; for research"
    description = (
        "50,000 training and 10,000 test colour photographs, ten classes. Not in the box: a folder "
        "or a download."
    )
    place = 3
    without = ("validation",)

    path = path_param()

    def describe(self) -> DataInfo:
        self.source_folder()
        return self.info_of((3, 32, 32), 60_000, PHOTOGRAPHS)

    def read(self) -> pictures.Pictures:
        """The binary version: records of a label byte and 3,072 bytes, planes of red, green and blue."""
        folder = self.source_folder()
        parts = []
        for names in (CIFAR_FILES[:-1], CIFAR_FILES[-1:]):
            records = np.concatenate([_cifar_records(folder / name) for name in names])
            parts += [records[:, 1:].reshape(-1, 3, 32, 32), records[:, 0].astype(np.int64)]
        return pictures.Pictures(*parts)

    def source_folder(self) -> Path:
        """The folder with the files. Raises `DataError` where there is none."""
        places = [Path(self.path)] if self.path else [download.folder("cifar-10") / "cifar-10-batches-bin"]
        return _first(places, lambda folder: (folder / CIFAR_FILES[0]).is_file(), "CIFAR-10, binary version")

    def card_label(self) -> str:
        return "60,000 · 3×32×32"


class IdxFiles(LabelledPictures):
    """IDX files."""

    name = "idx-files"
    title = "IDX files"
    licence = "yours"
    description = "A folder of files in the format of MNIST, packed with gzip or not."
    place = 73

    path = path_param()

    def describe(self) -> DataInfo:
        """Sizes from the headers of the pictures, classes from the labels, which are few bytes."""
        folder = self.chosen()
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
        found = self.info_of((size[0], size[1], size[2]), samples, classes, division)
        return replace(found, title=folder.name or str(folder))

    def read(self) -> pictures.Pictures:
        return read_idx(self.chosen())

    def chosen(self) -> Path:
        """The folder of the files. Raises `DataError` where none is chosen."""
        if not self.path:
            raise DataError("path: Expected a folder of IDX files. Received nothing; choose a folder.")
        return Path(self.path)

    def card_label(self) -> str:
        return path_label(self.path)


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
